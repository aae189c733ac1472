import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../test/support/database.ts';
import { startTestApp } from '../test/support/start-app.ts';
import { HttpSession } from '../test/support/http-session.ts';
import type { Project } from '../shared/project.ts';
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
