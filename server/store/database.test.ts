import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createCanvasLog } from './canvas-log.ts';
import { openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { openStores } from './stores.ts';

const unavailable = { code: 'database.unavailable' };

test('a database that cannot be reached is told as such, at once', async () => {
  const begun = performance.now();
  await expect(openDatabase('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject(
    unavailable,
  );
  await expect(
    openDatabase('postgres://nobody@localhost/none?host=/no/such/folder'),
  ).rejects.toMatchObject(unavailable);
  expect(performance.now() - begun).toBeLessThan(4_000);
});

test('a database that goes down is told as such, and is used again when it is back', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tc-test-'));
  const options = { dir, database: 'app', durable: false };
  const first = await startEmbeddedPostgres(options);
  const lost: unknown[] = [];
  const database = await openDatabase(first.url);
  await database.migrate();
  const stores = openStores(database);
  const log = createCanvasLog(database);
  await stores.participants.create({ nickname: 'Quiet Fox', color: '#0b7fab' });

  await first.stop();
  await expect(database.check()).rejects.toMatchObject(unavailable);
  await expect(stores.projects.findPlayground()).rejects.toMatchObject(unavailable);
  await expect(log.append([])).rejects.toMatchObject(unavailable);
  await expect(
    stores.participants.create({ nickname: 'Quiet Fox', color: '#0b7fab' }),
  ).rejects.toMatchObject(unavailable);

  // The address is another one after a start; a link leads from the old one to it, as a DNS name would.
  const second = await startEmbeddedPostgres({ ...options, socketFolder: first.host });
  try {
    expect(second.host).toBe(first.host);
    await eventually(() => database.check());
    expect(await stores.projects.findPlayground()).toBeNull();
    const queued: string[] = [];
    database.news.onTrainingRunQueued((id) => queued.push(id));
    await eventually(async () => {
      await database.pool.query(`select pg_notify('training_run_queued', 'p')`);
      expect(queued).toContain('p');
    });
  } finally {
    await database.close();
    await second.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  expect(lost).toEqual([]);
});
