import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { io } from 'socket.io-client';
import * as encoding from 'lib0/encoding';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { REALTIME_PATH } from '../../shared/events.ts';
import type { Participant } from '../../shared/participant.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import type { SealedUpdate } from '../../shared/sync-protocol.ts';
import { encodeLiveFrame, encodeSealedUpdate } from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { HttpSession } from '../../test/support/http-session.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';
import { SyncConnection } from '../../test/support/sync-connection.ts';
import { encodeAwareness, encodeStep2, encodeUpdate } from './client-message.ts';

const SKETCH_ID = '5b7a86a0-6f5e-4f0e-9a53-0d2f8f6c0a11';

/** A document with one stroke of somebody. */
function drawnBy(authorId: string): Uint8Array {
  const canvas = openCanvasDoc(new Y.Doc());
  addStroke(canvas, { id: 'e', sketchId: 'sketch', ink: buildInk(authorId) }, null);
  return Y.encodeStateAsUpdate(canvas.doc);
}

describe('a viewer on the sync socket cannot write', () => {
  const guests = HubGuests.forEachTest();
  let ann: Guest;
  let eve: Guest;

  beforeEach(async () => {
    [ann, eve] = [await guests.come('ann'), await guests.come('eve', 'viewer')];
    addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    await eventually(() => expect(eve.connection.kept).toHaveLength(1));
  });

  /** Nothing is changed, kept or acknowledged; eve is told, and her connection stays. */
  async function expectRefused(message: Uint8Array): Promise<void> {
    const before = Y.encodeStateAsUpdate(ann.canvas.doc);
    const { rows } = guests.log;
    eve.connection.sendBytes(message);
    await eventually(() => expect(eve.connection.notices).toMatchObject([{ kind: 'refused' }]));
    expect(guests.hub.metrics().refusedMessages).toBe(1);
    expect(Y.encodeStateAsUpdate(ann.canvas.doc)).toEqual(before);
    expect(guests.log.rows).toEqual(rows);
    expect(eve.connection.closeCode).toBeNull();
    const late = await guests.come('ben');
    expect(readStrokes(late.canvas).map(({ id }) => id)).toEqual(['a']);
  }

  /** What ann has just drawn, as the hub passed it on to eve. */
  function sealed(): SealedUpdate {
    const [first] = eve.connection.kept;
    if (!first) throw new Error('Nothing was passed on');
    return first;
  }

  test.each([
    ['an update', encodeUpdate(drawnBy('eve'))],
    ['a step 2', encodeStep2(drawnBy('eve'))],
    ['live ink', encodeLiveFrame(buildFrame([1, 2]))],
  ])('by %s', async (_, message) => expectRefused(message));

  test('by a sealed update whose seal is forged', async () => {
    const seal = new Uint8Array(16).fill(7);
    await expectRefused(encodeSealedUpdate({ authorId: 'ann', update: drawnBy('ann'), seal }));
  });

  test('by a true seal on something else, or in another name', async () => {
    const { seal } = sealed();
    await expectRefused(encodeSealedUpdate({ authorId: 'ann', update: drawnBy('ann'), seal }));
    eve.connection.sendBytes(encodeSealedUpdate({ ...sealed(), authorId: 'eve' }));
    await eventually(() => expect(guests.hub.metrics().refusedMessages).toBe(2));
  });

  test('by what was sealed on another canvas', async () => {
    const elsewhere = randomUUID();
    const [dan, spy] = ['dan', 'eve'].map((id) => guests.knock(id, 'contributor', elsewhere));
    if (!dan || !spy) throw new Error('Two of them');
    await eventually(() => expect(dan.connection.isSynced && spy.connection.isSynced).toBe(true));
    addStroke(dan.canvas, { id: 'd', sketchId: 'sketch', ink: buildInk('dan') }, null);
    await eventually(() => expect(spy.connection.kept).toHaveLength(1));
    for (const update of spy.connection.kept) await expectRefused(encodeSealedUpdate(update));
  });

  test('but brings back what others drew, in their names', async () => {
    eve.connection.sendBytes(encodeSealedUpdate(sealed()));
    const late = await guests.come('ben');
    expect(readStrokes(late.canvas)).toMatchObject([{ id: 'a', ink: { authorId: 'ann' } }]);
    expect(guests.hub.metrics().refusedMessages).toBe(0);
    expect(guests.log.rows).toHaveLength(1);
  });

  test('the presence of others', async () => {
    const ben = guests.comeAsStock('ben');
    const cleo = guests.comeAsStock('cleo');
    await eventually(() => expect(ben.provider.synced && cleo.provider.synced).toBe(true));
    const { clientID } = ben.canvas.doc;
    const seen = (): unknown => cleo.provider.awareness.getStates().get(clientID);
    ben.provider.awareness.setLocalStateField('nickname', 'Ben');
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ben' }));
    const encoder = encoding.createEncoder();
    for (const number of [1, clientID, 99]) encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, '{"nickname":"Eve"}');
    eve.connection.sendBytes(encodeAwareness(encoding.toUint8Array(encoder)));
    ben.provider.awareness.setLocalStateField('cursor', 1);
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ben', cursor: 1 }));
  });
});

describe('a viewer of a project cannot write', () => {
  let app: TestApp;
  let owner: HttpSession;
  let viewer: HttpSession;
  let canvas: Canvas;
  let version: CanvasVersion;
  let line: SyncConnection;

  beforeAll(async () => {
    app = await startTestApp();
    [owner, viewer] = [app.guest(), app.guest()];
    const project = await owner.post<Project>('/projects', { name: 'Pets' });
    const page = await owner.get<{ items: Canvas[] }>(`/projects/${project.id}/canvases`);
    const [first] = page.items;
    if (!first) throw new Error('A new project has a canvas');
    canvas = first;
    const [me, { id }] = [
      await owner.get<Participant>('/me'),
      await viewer.get<Participant>('/me'),
    ];
    await makeViewer(project.id, id);
    line = new SyncConnection(app.url, canvas.id, owner.cookie);
    const ink = buildInk(me.id);
    await eventually(() => expect(line.isSynced).toBe(true));
    addStroke(openCanvasDoc(line.doc), { id: 'a', sketchId: SKETCH_ID, ink }, null);
    await eventually(() => expect(line.isSaved).toBe(true));
    version = await owner.post<CanvasVersion>(`/canvases/${canvas.id}/versions`, { name: 'One' });
  });
  afterAll(async () => {
    line.terminate();
    await app.stop();
  });

  async function makeViewer(projectId: string, participantId: string): Promise<void> {
    const client = new Client({ connectionString: app.databaseUrl });
    await client.connect();
    await client.query(
      `insert into project_roles (project_id, participant_id, role) values ($1, $2, 'viewer')`,
      [projectId, participantId],
    );
    await client.end();
  }

  const FEEDBACK = {
    verdict: 'wrong',
    newCategory: { name: 'Cat' },
    addToDataset: true,
    sketchRevision: 0,
    modelVersion: null,
  };

  test.each([
    ['by feedback', () => `/canvases/${canvas.id}/sketches/${SKETCH_ID}/feedback`, FEEDBACK],
    ['by a new version', () => `/canvases/${canvas.id}/versions`, { name: 'Mine' }],
    ['by restoring a version', () => `/canvas-versions/${version.id}/restore`, {}],
    ['by beginning it anew', () => `/canvases/${canvas.id}/renewal`, {}],
  ])('%s', async (_, path, body) => {
    const before = Y.encodeStateAsUpdate(line.doc);
    const reply = await viewer.ask('POST', path(), body);
    expect(reply.status).toBe(403);
    expect(reply.body).toMatchObject({ message: expect.stringMatching(/\w{3}/) });
    expect(line.closeCode).toBeNull();
    expect(Y.encodeStateAsUpdate(line.doc)).toEqual(before);
  });

  test('by any event of the news socket', async () => {
    const before = Y.encodeStateAsUpdate(line.doc);
    const news = io(app.url, {
      ...{ path: REALTIME_PATH, transports: ['websocket'], forceNew: true },
      extraHeaders: { cookie: viewer.cookie },
    });
    const { id: canvasId } = canvas;
    const joined: unknown = await news.emitWithAck('canvas:join', { canvasId });
    expect(joined).toMatchObject({ ok: true });
    for (const event of ['prediction:updated', 'sketch:confirm', 'stroke:add', 'category:changed'])
      news.emit(event, { canvasId, sketchId: SKETCH_ID, categoryId: randomUUID() });
    // It answers in order: by then the others have been read, too.
    await news.emitWithAck('canvas:join', { canvasId });
    news.close();
    expect(Y.encodeStateAsUpdate(line.doc)).toEqual(before);
    expect(line.closeCode).toBeNull();
  });

  test('by the sync socket', async () => {
    const eve = new SyncConnection(app.url, canvas.id, viewer.cookie);
    await eventually(() => expect(eve.isSynced).toBe(true));
    const before = Y.encodeStateAsUpdate(line.doc);
    eve.sendBytes(encodeUpdate(drawnBy('eve')));
    await eventually(() => expect(eve.notices).toMatchObject([{ kind: 'refused' }]));
    expect(Y.encodeStateAsUpdate(line.doc)).toEqual(before);
    eve.terminate();
  });
});
