import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readStroke } from '../shared/canvas-doc.ts';
import { ErrorReply } from '../shared/errors.ts';
import type { Category } from '../shared/category.ts';
import type { Canvas, Project } from '../shared/project.ts';
import type { TestDatabase } from './support/database.ts';
import { createTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import type { HttpReply } from './support/http-session.ts';
import { HttpSession } from './support/http-session.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
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
