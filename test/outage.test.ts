import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Client } from 'pg';
import * as Y from 'yjs';
import { encodeStep1, encodeStep2 } from '../server/sync/client-message.ts';
import { readStroke } from '../shared/canvas-doc.ts';
import { ErrorReply } from '../shared/errors.ts';
import type { Category } from '../shared/category.ts';
import type { Canvas, Project } from '../shared/project.ts';
import { seededRandom } from '../shared/random.ts';
import { APPEND_STATEMENT } from './support/breakable-server.ts';
import type { TestDatabase } from './support/database.ts';
import { createTestDatabase } from './support/database.ts';
import { contentOf, indicesOfMissing } from './support/document-content.ts';
import { eventually } from './support/eventually.ts';
import type { HttpReply } from './support/http-session.ts';
import { HttpSession } from './support/http-session.ts';
import { ReturningParticipant } from './support/returning-participant.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import { SyncConnection } from './support/sync-connection.ts';
import type { Azurite } from './support/start-azurite.ts';
import { startAzurite } from './support/start-azurite.ts';
import { proxyDatabase, TcpProxy } from './support/tcp-proxy.ts';
import { createProject, learnt } from './support/teaching.ts';

const LINE = [
  [0, 50, 100, 100],
  [0, 20, 100, 40],
];

let server: ServerProcess;
let database: TestDatabase;
let databaseProxy: TcpProxy;
let azurite: Azurite;
let blobProxy: TcpProxy;
let removeData: () => Promise<void>;
let session: HttpSession;
let project: Project;
let canvas: Canvas;
let cat: Category;

beforeAll(async () => {
  const data = await temporaryDataDir();
  removeData = data.remove;
  database = await createTestDatabase();
  const proxied = await proxyDatabase(database.url);
  databaseProxy = proxied.proxy;
  azurite = await startAzurite();
  blobProxy = await TcpProxy.start({ host: '127.0.0.1', port: azurite.port });
  server = await startServer({
    dataDir: data.dir,
    env: {
      DATABASE_URL: proxied.url,
      AZURE_STORAGE_CONNECTION_STRING: azurite.connectionStringAt(blobProxy.port),
    },
  });
  session = new HttpSession(server.url);
  const created = await createProject(session, 'Outage', ['cat', 'dog']);
  ({ project, canvas } = created);
  const [first] = created.categories;
  if (!first) throw new Error('No category.');
  cat = first;
});

afterAll(async () => {
  await server.stop();
  await Promise.all([databaseProxy.cut(), blobProxy.cut()]);
  await azurite.stop();
  await database.drop();
  await removeData();
});

// Whatever was away is back: the same server is well again by itself.
afterEach(async () => {
  await Promise.all([databaseProxy.restore(), blobProxy.restore()]);
  await eventually(async () => {
    const health = await session.get('/health');
    expect(health).toMatchObject({ status: 'ok', database: 'ok', blobs: 'ok' });
  });
  expect(server.isRunning, server.output).toBe(true);
});

function expectUnavailable(reply: HttpReply, code: string): void {
  const error = ErrorReply.parse(reply.body);
  expect({ status: reply.status, code: error.code }).toEqual({ status: 503, code });
}

async function countOf(categoryId: string): Promise<number> {
  const list = await session.get<{ items: Category[] }>(`/projects/${project.id}/categories`);
  return list.items.find(({ id }) => id === categoryId)?.examples ?? -1;
}

describe('while the database is down', () => {
  test('requests are refused by a typed error, and health says so', async () => {
    await databaseProxy.cut();
    const reply = await session.ask('POST', `/projects/${project.id}/categories`, { name: 'x' });
    expectUnavailable(reply, 'database.unavailable');
    const health = await session.get('/health');
    expect(health).toMatchObject({ status: 'degraded', database: 'unavailable' });
  });

  test('people draw on, are told that nothing is saved, and lose nothing', async () => {
    const author = await ScriptedParticipant.join(session, canvas.id);
    const watcher = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
    await databaseProxy.cut();
    const [drawn] = await author.draw([LINE], { pace: 0 });
    const strokeId = drawn?.strokeId ?? '';
    await eventually(() => expect(readStroke(watcher.canvas, strokeId)).not.toBeNull());
    await eventually(() => expect(author.sync.notices).toContainEqual({ kind: 'not_saving' }));
    expect(author.sync.isSaved).toBe(false);
    await databaseProxy.restore();
    await eventually(() => expect(author.sync.isSaved).toBe(true));
    expect(author.sync.notices).toContainEqual({ kind: 'saving_again' });
    author.close();
    watcher.close();
    const later = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
    expect(readStroke(later.canvas, strokeId)).not.toBeNull();
    later.close();
  });
});

/** Ids of strokes as somebody reads them who has never been there; each of them once. */
async function strokesReadAfresh(): Promise<string[]> {
  const reader = await ReturningParticipant.come(server.url, canvas.id);
  reader.disconnect();
  const strokes = contentOf(reader.doc)['ink'] ?? [];
  expect(new Set(strokes.map(([, ink]) => ink)).size).toBe(strokes.length);
  return strokes.map(([id]) => id);
}

async function settled(): Promise<ReturningParticipant> {
  const person = await ReturningParticipant.come(server.url, canvas.id);
  await eventually(() => expect(person.sync.isSaved).toBe(true));
  return person;
}

describe('a database connection that breaks in mid-commit', () => {
  test('acknowledges once the retry is through, and doubles nothing', async () => {
    const random = seededRandom(1);
    const author = await settled();
    const before = (await strokesReadAfresh()).length;
    const trap = databaseProxy.setTrap(APPEND_STATEMENT, 'answer');
    const strokeId = author.draw(random);
    await trap.caught;
    // It has been committed now, and nobody has heard of it.
    await eventually(async () => expect(await isLogged(author.participant.id)).toBe(true));
    await databaseProxy.cut();
    trap.open();
    const again = author.draw(random);
    expect(author.acknowledged).toEqual([]);
    await databaseProxy.restore();
    await eventually(() => expect(author.acknowledged).toHaveLength(2));
    const strokes = await strokesReadAfresh();
    expect(strokes).toHaveLength(before + 2);
    expect(strokes).toEqual(expect.arrayContaining([strokeId, again]));
    author.disconnect();
  });

  async function isLogged(authorId: string): Promise<boolean> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const rows = await client.query('select from canvas_updates where author_id = $1', [authorId]);
    await client.end();
    return rows.rowCount === 1;
  }
});

describe('a database that is away for several seconds', () => {
  test('costs nothing: acknowledgements come in order afterwards, also of what adds nothing', async () => {
    const random = seededRandom(2);
    const author = await settled();
    // The same person's second window: what it sends repeats what is not saved yet.
    const { cookie } = author.session;
    const window = new SyncConnection(server.url, canvas.id, cookie);
    await eventually(() => expect(window.isSaved).toBe(true));
    const saved = window.acknowledged;
    const acks: number[] = [];
    author.sync.onAck = (count) => acks.push(count);

    await databaseProxy.cut();
    const cutAt = performance.now();
    author.draw(random);
    await eventually(() => expect(author.sync.notices).toContainEqual({ kind: 'not_saving' }));
    expect(performance.now() - cutAt).toBeGreaterThan(1_900);
    for (let n = 0; n < 10; n++) author.draw(random);
    await eventually(() => expect(contentOf(window.doc)).toEqual(contentOf(author.doc)));
    window.sendBytes(encodeStep2(Y.encodeStateAsUpdate(window.doc)));
    expect(await answersIn(window)).toBe(true);
    expect([window.acknowledged, acks]).toEqual([saved, []]);

    await databaseProxy.restore();
    await eventually(() => expect(window.acknowledged).toBe(saved + 1));
    await eventually(() => expect(author.sync.isSaved).toBe(true));
    expect(acks).toEqual([...acks].sort((a, b) => a - b));
    expect(author.acknowledged).toHaveLength(11);
    const drawn = author.changes.map(({ update }) => update);
    const reader = await ReturningParticipant.come(server.url, canvas.id);
    expect(indicesOfMissing(reader.doc, drawn)).toEqual([]);
    for (const { sync } of [author, reader]) sync.terminate();
    window.terminate();
  });

  /** Whether the hub has taken in what was sent before: it answers in order. */
  async function answersIn(connection: SyncConnection): Promise<boolean> {
    connection.isSynced = false;
    connection.sendBytes(encodeStep1(Y.encodeStateVector(connection.doc)));
    return eventually(() => {
      if (!connection.isSynced) throw new Error('The hub has not answered yet.');
      return true;
    });
  }
});

describe('while the blob store is down', () => {
  test('examples are refused whole, and come in when it is back', async () => {
    const before = await countOf(cat.id);
    await blobProxy.cut();
    const example = { categoryId: cat.id, strokes: [LINE] };
    const path = `/projects/${project.id}/examples`;
    expectUnavailable(await session.ask('POST', path, example), 'blobs.unavailable');
    const health = await session.get('/health');
    expect(health).toMatchObject({ status: 'degraded', blobs: 'unavailable' });
    expect(await countOf(cat.id)).toBe(before);
    await blobProxy.restore();
    await session.post(path, example);
    expect(await countOf(cat.id)).toBe(before + 1);
    await learnt(session, project.id);
  });

  test('drawing, saving and predicting go on', async () => {
    await blobProxy.cut();
    const author = await ScriptedParticipant.join(session, canvas.id);
    const [drawn] = await author.draw([LINE], { pace: 0 });
    await eventually(() => expect(author.sync.isSaved).toBe(true));
    await eventually(() => {
      const last = author.predictionsOf(drawn?.sketchId ?? '').at(-1)?.prediction;
      expect(last?.final).toBe(true);
    });
    author.close();
  });
});
