import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Client } from 'pg';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { messageYjsSyncStep2 } from 'y-protocols/sync';
import { encodeStep1 } from '../server/sync/client-message.ts';
import { addStroke, openCanvasDoc } from '../shared/canvas-doc.ts';
import type { CanvasJoined } from '../shared/events.ts';
import { REALTIME_PATH } from '../shared/events.ts';
import type { Participant } from '../shared/participant.ts';
import type { Project } from '../shared/project.ts';
import { MESSAGE_SYNC, SYNC_SUBPROTOCOL } from '../shared/sync-protocol.ts';
import { buildInk } from './support/build-ink.ts';
import type { TestDatabase } from './support/database.ts';
import { createTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import { MeasuredServer } from './support/measured-server.ts';
import { temporaryDataDir } from './support/server-process.ts';
import { SyncConnection } from './support/sync-connection.ts';

const CANVASES = 2_000;
/** Of so many canvases one is drawn on, and its predictions are followed. */
const DRAWN_ON_EVERY = 10;
const VISITORS = 150;
/** Canvases that are visited at the same time. */
const AT_ONCE = 8;
const MAX_GROWTH = 1.05;
/** The state vector of who has nothing yet. */
const EMPTY_STATE = new Uint8Array([0]);
const CLOSED_WITHOUT_CODE = 1005;

/** Somebody of the project; what one person may send is limited, so there are several. */
interface Visitor {
  readonly session: HttpSession;
  readonly participant: Participant;
}

let database: TestDatabase;
let measured: MeasuredServer;
let removeData: () => Promise<void>;
let visitors: Visitor[];
let canvasIds: string[];

beforeAll(async () => {
  const data = await temporaryDataDir();
  removeData = data.remove;
  database = await createTestDatabase();
  measured = await MeasuredServer.start(data.dir, {
    ...{ DATABASE_URL: database.url, TRAINER: 'none', LOG_LEVEL: 'warn', UNLOAD_AFTER_MS: '20' },
  });
  const session = new HttpSession(measured.server.url);
  const project = await session.post<Project>('/projects', { name: 'Many canvases' });
  canvasIds = await createCanvases(project.id);
  visitors = await Promise.all(Array.from({ length: VISITORS }, () => join(canvasIds[0] ?? '')));
});

afterAll(async () => {
  await measured.server.stop();
  await database.drop();
  await removeData();
});

/** More canvases than a person would make by hand, so they come by SQL. */
async function createCanvases(projectId: string): Promise<string[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `insert into canvases (project_id, name, mode)
       select project_id, 'Canvas ' || number, mode
       from canvases, generate_series(1, $2) as number where project_id = $1
       returning id`,
      [projectId, CANVASES],
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

async function join(canvasId: string): Promise<Visitor> {
  const session = new HttpSession(measured.server.url);
  const participant = await session.get<Participant>('/me');
  await session.post(`/canvases/${canvasId}/visits`);
  return { session, participant };
}

/** Opens a canvas, waits until it is there, and goes. */
async function lookAt(canvasId: string, { session }: Visitor): Promise<void> {
  const url = `${measured.server.url.replace('http', 'ws')}/sync/${canvasId}`;
  const socket = new WebSocket(url, [SYNC_SUBPROTOCOL], { headers: { cookie: session.cookie } });
  socket.on('open', () => socket.send(encodeStep1(EMPTY_STATE)));
  socket.on('message', (data: Buffer) => {
    if (data[0] === MESSAGE_SYNC && data[1] === messageYjsSyncStep2) socket.close();
  });
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(CLOSED_WITHOUT_CODE);
}

/** Opens a canvas, draws on it, follows its predictions, and goes. */
async function drawOn(canvasId: string, { session, participant }: Visitor): Promise<void> {
  const connection = new SyncConnection(measured.server.url, canvasId, session.cookie);
  await eventually(() => expect(connection).toMatchObject({ isSynced: true, closeCode: null }));
  const stroke = { id: randomUUID(), sketchId: randomUUID(), ink: buildInk(participant.id) };
  addStroke(openCanvasDoc(connection.doc), stroke, null);
  await followPredictions(canvasId, session);
  await eventually(() => expect(connection.isSaved).toBe(true), 30_000);
  connection.close();
  await eventually(() => expect(connection.closeCode).not.toBeNull());
}

async function followPredictions(canvasId: string, session: HttpSession): Promise<void> {
  const socket = io(measured.server.url, {
    ...{ path: REALTIME_PATH, transports: ['websocket'], forceNew: true },
    extraHeaders: { cookie: session.cookie },
  });
  // The socket is untyped here: this is the contract of shared/events.ts.
  const joined = (await socket
    .timeout(30_000)
    .emitWithAck('canvas:join', { canvasId })) as CanvasJoined;
  expect(joined.ok).toBe(true);
  socket.close();
}

/** Opens and leaves all canvases, a few at a time, and waits until they have left memory. */
async function visitAll(): Promise<void> {
  const left = [...canvasIds.entries()];
  const visits = Array.from({ length: AT_ONCE }, async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [index, canvasId] = next;
      const visitor = visitors[index % visitors.length];
      if (!visitor) throw new Error('There are visitors');
      await (index % DRAWN_ON_EVERY === 0 ? drawOn : lookAt)(canvasId, visitor);
    }
  });
  await Promise.all(visits);
  await eventually(async () => {
    expect(await measured.metric('training_canvas_sync_connections')).toBe(0);
    expect(await measured.metric('training_canvas_sync_rooms')).toBe(0);
    expect(await measured.metric('training_canvas_realtime_connections')).toBe(0);
  }, 30_000);
}

test('2,000 canvases that were opened and left twice leave no memory behind', async () => {
  await visitAll();
  const baseline = await measured.heldMemory();
  await visitAll();
  const after = await measured.heldMemory();
  expect(after.heapUsed).toBeLessThan(MAX_GROWTH * baseline.heapUsed);
  expect(after.arrayBuffers + after.external).toBeLessThan(
    MAX_GROWTH * (baseline.arrayBuffers + baseline.external),
  );
});
