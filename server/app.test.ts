import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { buildInk } from '../test/support/build-ink.ts';
import { createTestDatabase } from '../test/support/database.ts';
import { eventually } from '../test/support/eventually.ts';
import { startTestApp } from '../test/support/start-app.ts';
import { HttpSession } from '../test/support/http-session.ts';
import { SyncConnection } from '../test/support/sync-connection.ts';
import { proxyDatabase } from '../test/support/tcp-proxy.ts';
import { addStroke, openCanvasDoc } from '../shared/canvas-doc.ts';
import { REALTIME_PATH } from '../shared/events.ts';
import type { Canvas, Project } from '../shared/project.ts';
import { startApp } from './app.ts';
import { readConfig } from './config.ts';
import { createLogger } from './logger.ts';

const logger = createLogger('silent');

test('a port that is taken is told in words, and everything opened is closed again', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(startTestApp({ PORT: String(port) })).rejects.toThrow(
    `Port ${port} is in use by another program.`,
  );
  taken.close();
});

test('two servers that start on one database at once find one Playground', async () => {
  const database = await createTestDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'training-canvas-'));
  const start = (name: string) =>
    startApp({
      logger,
      config: readConfig({
        ...{ PORT: '0', HOST: '127.0.0.1', TRAINER: 'none' },
        ...{ DATA_DIR: path.join(folder, name), DATABASE_URL: database.url },
      }),
    });
  const apps = await Promise.all([start('a'), start('b')]);
  const playgrounds = await Promise.all(
    apps.map(async ({ url }) => {
      const { items } = await new HttpSession(url).get<{ items: Project[] }>('/projects');
      return items.map(({ id }) => id);
    }),
  );
  expect(playgrounds[0]).toHaveLength(1);
  expect(playgrounds[1]).toEqual(playgrounds[0]);
  const session = new HttpSession(apps[0].url);
  const categories = await session.get<{ items: { name: string }[] }>(
    `/projects/${playgrounds[0]?.[0] ?? ''}/categories`,
  );
  expect(new Set(categories.items.map(({ name }) => name)).size).toBe(20);
  expect(categories.items).toHaveLength(20);
  await Promise.all(apps.map((app) => app.close()));
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('a client that reads nothing does not hold up the end', async () => {
  const app = await startTestApp();
  const guest = app.guest();
  await guest.get('/me');
  const address = `${app.url.replace('http', 'ws')}${REALTIME_PATH}/?EIO=4&transport=websocket`;
  const socket = new WebSocket(address, { headers: { cookie: guest.cookie } });
  await once(socket, 'open');
  socket.send('40');
  const [hello] = (await once(socket, 'message')) as [Buffer];
  expect(hello.toString()).toMatch(/^[04]/);
  socket.pause();
  const startedAt = performance.now();
  await app.stop();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  socket.terminate();
});

test('a database that is away while the server ends is no reason to wait for ever', async () => {
  const database = await createTestDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'training-canvas-'));
  const { url, proxy } = await proxyDatabase(database.url);
  const app = await startApp({
    logger,
    config: readConfig({
      ...{ PORT: '0', HOST: '127.0.0.1', TRAINER: 'none' },
      ...{ DATA_DIR: folder, DATABASE_URL: url },
    }),
  });
  const session = new HttpSession(app.url);
  const { id } = await session.post<Project>('/projects', { name: 'Pets' });
  const { items } = await session.get<{ items: Canvas[] }>(`/projects/${id}/canvases`);
  const ann = new SyncConnection(app.url, items[0]?.id ?? '', session.cookie);
  await eventually(() => expect(ann.isSynced).toBe(true));
  await proxy.cut();
  addStroke(openCanvasDoc(ann.doc), { id: 'a', sketchId: 'b', ink: buildInk('ann') }, null);
  await eventually(() => expect(ann.notices).toContainEqual({ kind: 'not_saving' }));
  const startedAt = performance.now();
  await expect(app.close()).rejects.toThrow('Changes that could not be saved: 1.');
  expect(performance.now() - startedAt).toBeLessThan(9_500);
  await eventually(() => expect(ann.closeCode).toBe(1012));
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
