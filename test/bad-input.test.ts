import { randomBytes, randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addStroke, readStroke } from '../shared/canvas-doc.ts';
import type { Category } from '../shared/category.ts';
import { ErrorReply } from '../shared/errors.ts';
import { CanvasJoined, REALTIME_PATH } from '../shared/events.ts';
import { MAX_REQUEST_BYTES, MAX_SYNC_MESSAGE_BYTES } from '../shared/limits.ts';
import type { Prediction } from '../shared/prediction.ts';
import type { Canvas, Project } from '../shared/project.ts';
import type { InkStroke } from '../shared/stroke-codec.ts';
import { CLOSE_CODES, SYNC_SUBPROTOCOL } from '../shared/sync-protocol.ts';
import { eventually } from './support/eventually.ts';
import type { HttpReply } from './support/http-session.ts';
import { HttpSession } from './support/http-session.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import { createProject } from './support/teaching.ts';

const LINE = [
  [0, 50, 100],
  [0, 20, 100],
];
const MANY = Array.from({ length: 10_000 }, (_, i) => i);

let server: ServerProcess;
let removeData: () => Promise<void>;
let session: HttpSession;
let project: Project;
let canvas: Canvas;
let cat: Category;

beforeAll(async () => {
  const data = await temporaryDataDir();
  removeData = data.remove;
  server = await startServer({ dataDir: data.dir });
  session = new HttpSession(server.url);
  const created = await createProject(session, 'Bad input', ['cat', 'dog']);
  ({ project, canvas } = created);
  const [first] = created.categories;
  if (!first) throw new Error('No category.');
  cat = first;
});

afterAll(async () => {
  await server.stop();
  await removeData();
});

// Whatever came before: the server that was started is still there and well.
afterEach(async () => {
  expect(server.isRunning, server.output).toBe(true);
  expect(await session.get('/health')).toMatchObject({ status: 'ok', database: 'ok', blobs: 'ok' });
});

function expectRefusal(reply: HttpReply, status: number, code: string): void {
  const error = ErrorReply.parse(reply.body);
  expect({ status: reply.status, code: error.code }).toEqual({ status, code });
  expect(error.message).not.toMatch(/[0-9a-f]{8}-|\/node_modules|SELECT|undefined/);
}

describe('over HTTP', () => {
  const nobody = randomUUID();

  test.each([
    [`GET /projects/${nobody}`, 'project.unknown'],
    [`POST /projects/${nobody}/categories`, 'project.unknown', { name: 'x' }],
    [`PATCH /categories/${nobody}`, 'category.unknown', { name: 'x' }],
    [`POST /canvases/${nobody}/visits`, 'canvas.unknown', {}],
    [`GET /examples/${nobody}/image`, 'example.unknown'],
    [`DELETE /feedback/${nobody}`, 'feedback.unknown'],
    [`GET /training-runs/${nobody}`, 'training_run.unknown'],
    [`POST /model-versions/${nobody}/promote`, 'model_version.unknown', {}],
    ['GET /nothing/here', 'route.unknown'],
  ])('%s is answered with %s', async (request, code, body?: object) => {
    const [method = '', path = ''] = request.split(' ');
    expectRefusal(await session.ask(method, path, body), 404, code);
  });

  test('feedback for a sketch that nobody drew is refused', async () => {
    const reply = await session.ask('POST', `/canvases/${canvas.id}/sketches/${nobody}/feedback`, {
      verdict: 'wrong',
      categoryId: cat.id,
      addToDataset: true,
      sketchRevision: 1,
      modelVersion: null,
    });
    expectRefusal(reply, 404, 'sketch.unknown');
  });

  test.each([
    ['no strokes', []],
    ['a stroke without points', [[[], []]]],
    [
      'columns of different length',
      [
        [
          [1, 2, 3],
          [1, 2],
        ],
      ],
    ],
    [
      'words for numbers',
      [
        [
          ['a', 'b'],
          ['c', 'd'],
        ],
      ],
    ],
    [
      'nulls, as NaN becomes in JSON',
      [
        [
          [null, 1],
          [2, 3],
        ],
      ],
    ],
    [
      'huge coordinates',
      [
        [
          [0, 1e308],
          [0, 1],
        ],
      ],
    ],
    ['10,000 points in a stroke', [[MANY, MANY]]],
    ['more than 1,000 strokes', Array.from({ length: 1_001 }, () => LINE)],
    ['no list at all', 'a cat'],
  ])('refuses %s, as an example and for a prediction', async (_, strokes) => {
    const example = { categoryId: cat.id, strokes };
    const asExample = await session.ask('POST', `/projects/${project.id}/examples`, example);
    expectRefusal(asExample, 400, 'request.invalid');
    const asked = await session.ask('POST', `/projects/${project.id}/predictions`, { strokes });
    expectRefusal(asked, 400, 'request.invalid');
  });

  test('a single dot gets no label and is no example', async () => {
    const strokes = [[[7], [7]]];
    const path = `/projects/${project.id}/predictions`;
    expect(await session.post<Prediction>(path, { strokes })).toMatchObject({ label: null });
    const example = { categoryId: cat.id, strokes };
    const reply = await session.ask('POST', `/projects/${project.id}/examples`, example);
    expectRefusal(reply, 400, 'sketch.empty');
  });

  test('a batch with one bad example stores none of them', async () => {
    const good = { categoryId: cat.id, strokes: [LINE] };
    const bad = { categoryId: nobody, strokes: [LINE] };
    const examples = [...Array.from({ length: 20 }, () => good), bad];
    const reply = await session.ask('POST', `/projects/${project.id}/examples`, { examples });
    expectRefusal(reply, 404, 'category.unknown');
    const kept = await session.get<{ items: unknown[] }>(`/projects/${project.id}/examples`);
    expect(kept.items).toHaveLength(0);
  });

  test.each(['cat', 'CAT', '  cat '])('refuses the taken name "%s"', async (name) => {
    const reply = await session.ask('POST', `/projects/${project.id}/categories`, { name });
    expectRefusal(reply, 409, 'category.name_taken');
  });

  test.each([
    ['empty', '   '],
    ['too long', 'x'.repeat(61)],
    ['with a NUL character', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['no text', 7],
  ])('refuses a name that is %s', async (_, name) => {
    const reply = await session.ask('POST', `/projects/${project.id}/categories`, { name });
    expectRefusal(reply, 400, 'request.invalid');
  });

  test('refuses broken JSON, NaN in it, a wrong type and too large a body', async () => {
    const path = `/projects/${project.id}/predictions`;
    const json = { 'content-type': 'application/json' };
    const send = (body: string, headers: Record<string, string> = json): Promise<HttpReply> =>
      session.send(path, { method: 'POST', body, headers });
    expectRefusal(await send('{"strokes": [['), 400, 'request.invalid');
    expectRefusal(await send('{"strokes": [[[NaN, 1], [1, 2]]]}'), 400, 'request.invalid');
    expectRefusal(
      await send('<a/>', { 'content-type': 'text/xml' }),
      415,
      'request.wrong_content_type',
    );
    const huge = await send(JSON.stringify({ strokes: 'x'.repeat(MAX_REQUEST_BYTES) }));
    expectRefusal(huge, 413, 'request.too_large');
  });

  test('refuses garbage for an id and for a cursor', async () => {
    expectRefusal(await session.ask('GET', '/projects/%00'), 400, 'request.invalid');
    expectRefusal(await session.ask('GET', "/projects/1' OR '1'='1"), 400, 'request.invalid');
    const path = `/projects/${project.id}/examples?cursor=garbage`;
    expectRefusal(await session.ask('GET', path), 400, 'request.invalid');
    const limit = await session.ask('GET', `/projects/${project.id}/examples?limit=-1`);
    expectRefusal(limit, 400, 'request.invalid');
  });

  test('refuses a page of another origin, and a stranger to the project', async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://elsewhere.example' };
    const body = JSON.stringify({ name: 'Stolen' });
    const foreign = await session.send('/projects', { method: 'POST', body, headers });
    expectRefusal(foreign, 403, 'origin.refused');
    const stranger = new HttpSession(server.url);
    await stranger.get('/me');
    expectRefusal(await stranger.ask('GET', `/projects/${project.id}`), 403, 'access.denied');
    const rename = await stranger.ask('PATCH', `/projects/${project.id}`, { name: 'Mine' });
    expectRefusal(rename, 403, 'access.denied');
  });
});

/** Opens a socket, does something with it, and tells the code with which it is closed. */
async function closeCodeOf(
  address: string,
  act: (socket: WebSocket) => void,
  cookie = session.cookie,
): Promise<number> {
  const socket = new WebSocket(
    `${server.url.replace('http', 'ws')}${address}`,
    [SYNC_SUBPROTOCOL],
    {
      headers: cookie ? { cookie } : {},
    },
  );
  socket.on('open', () => act(socket));
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', resolve));
}

describe('on the sync socket', () => {
  let author: ScriptedParticipant;
  let watcher: ScriptedParticipant;

  beforeEach(async () => {
    author = await ScriptedParticipant.join(session, canvas.id);
    watcher = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
  });

  // Whatever somebody else did: two honest participants still draw together.
  afterEach(async () => {
    const drawn = await author.draw([LINE], { pace: 0 });
    const strokeId = drawn[0]?.strokeId ?? '';
    await eventually(() => expect(readStroke(watcher.canvas, strokeId)).not.toBeNull());
    await eventually(() => expect(author.sync.isSaved).toBe(true));
    author.close();
    watcher.close();
  });

  const path = (): string => `/sync/${canvas.id}`;

  test.each([
    ['random bytes', () => randomBytes(200)],
    ['an endless number', () => new Uint8Array(40).fill(0xff)],
    ['a document update cut short', () => new Uint8Array([0, 2, 200, 1, 1])],
    ['an update that is none', () => new Uint8Array([0, 2, 4, 255, 255, 255, 255])],
    ['a live frame cut short', () => new Uint8Array([101, 3, 97])],
  ])('ends a connection that sends %s, and no other', async (_, bytes) => {
    const code = await closeCodeOf(path(), (socket) => socket.send(bytes()));
    expect(code).toBe(CLOSE_CODES.badMessage);
  });

  test('ends a connection that sends text, or more than a message may hold', async () => {
    const text = await closeCodeOf(path(), (socket) => socket.send('hello'));
    expect(text).toBe(CLOSE_CODES.badMessage);
    const large = new Uint8Array(MAX_SYNC_MESSAGE_BYTES + 1);
    const huge = await closeCodeOf(path(), (socket) => socket.send(large));
    // 1009: the WebSocket standard's own code for a message too big.
    expect([1009, CLOSE_CODES.badMessage]).toContain(huge);
  });

  test('lets in nobody without a session, and nobody to a canvas that is not there', async () => {
    const nothing = (): void => undefined;
    expect(await closeCodeOf(path(), nothing, '')).toBe(CLOSE_CODES.unauthorised);
    expect(await closeCodeOf(path(), nothing, 'tc.sid=forged')).toBe(CLOSE_CODES.unauthorised);
    expect(await closeCodeOf(`/sync/${randomUUID()}`, nothing)).toBe(CLOSE_CODES.gone);
    expect(await closeCodeOf('/sync/garbage', nothing)).toBe(CLOSE_CODES.gone);
  });

  const style = { tool: 'pen', color: '#112233', width: 4 } as const;

  function strokeOf(points: number, authorId: string): InkStroke {
    const column = Array.from({ length: points }, (_, i) => i);
    const pressures = column.map(() => 0.5);
    return {
      style,
      authorId,
      startedAt: Date.now(),
      points: { xs: column, ys: column, ts: column, pressures },
    };
  }

  test.each([
    ['too long', () => strokeOf(10_000, author.participant.id)],
    ["in somebody else's name", () => strokeOf(10, watcher.participant.id)],
  ])('removes a stroke that is %s for everybody', async (_, ink) => {
    const id = randomUUID();
    addStroke(author.canvas, { id, sketchId: randomUUID(), ink: ink() }, 'drawing');
    await eventually(() => {
      expect(author.canvas.ink.has(id)).toBe(false);
      expect(watcher.canvas.ink.has(id)).toBe(false);
    });
  });

  test('removes what is no stroke at all', async () => {
    author.canvas.ink.set('nonsense', { a: 'map' });
    author.canvas.ink.set('bytes', new Uint8Array([1, 2, 3]));
    await eventually(() => {
      expect(author.canvas.ink.has('nonsense')).toBe(false);
      expect(watcher.canvas.ink.has('bytes')).toBe(false);
    });
  });
});

describe('on socket.io', () => {
  function connect(cookie: string): ReturnType<typeof io> {
    const extraHeaders = cookie ? { cookie } : {};
    return io(server.url, {
      path: REALTIME_PATH,
      transports: ['websocket'],
      forceNew: true,
      extraHeaders,
    });
  }

  test.each([
    ['garbage', 'not an object', 'request.invalid'],
    ['nothing', null, 'request.invalid'],
    ['a malformed id', { canvasId: '../../etc' }, 'request.invalid'],
    ['an unknown canvas', { canvasId: randomUUID() }, 'canvas.unknown'],
  ])('answers canvas:join with %s by a typed error', async (_, request, code) => {
    const socket = connect(session.cookie);
    const reply = CanvasJoined.parse(
      await socket.timeout(5_000).emitWithAck('canvas:join', request),
    );
    expect(reply).toMatchObject({ ok: false, error: { code } });
    socket.close();
  });

  test('survives events it does not know, and joins without an acknowledgement', async () => {
    const socket = connect(session.cookie);
    socket.emit('canvas:join', { canvasId: canvas.id });
    socket.emit('canvas:join', 'garbage');
    socket.emit('canvas:join');
    socket.emit('__proto__', { polluted: true });
    const request = { canvasId: canvas.id };
    const reply: unknown = await socket.timeout(5_000).emitWithAck('canvas:join', request);
    expect(reply).toMatchObject({ ok: true });
    socket.close();
  });

  test('drops a connection that sends more than it may', async () => {
    const socket = connect(session.cookie);
    const dropped = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.emit('canvas:join', { canvasId: 'x'.repeat(200_000) });
    await dropped;
    socket.close();
  });

  test('refuses whoever has no session', async () => {
    const socket = connect('');
    const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(error.message).toContain('session.missing');
    socket.close();
  });
});
