import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryBlobs } from '../../test/support/build-domain.ts';
import type { TestDatabase } from '../../test/support/database.ts';
import { createTestDatabase } from '../../test/support/database.ts';
import { eventually } from '../../test/support/eventually.ts';
import { proxyDatabase } from '../../test/support/tcp-proxy.ts';
import { createCanvasLog } from './canvas-log.ts';
import { openDatabase } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { openStores } from './stores.ts';

const unavailable = { code: 'database.unavailable' };

test('a database that cannot be reached is told as such, at once', async () => {
  const begun = performance.now();
  for (const address of ['127.0.0.1:1/none', 'localhost/none?host=/no/such/folder']) {
    const opening = openDatabase(`postgres://nobody@${address}`);
    await expect(opening).rejects.toMatchObject(unavailable);
  }
  expect(performance.now() - begun).toBeLessThan(4_000);
});

describe('a connection that breaks', () => {
  let database: TestDatabase;
  let proxied: Awaited<ReturnType<typeof proxyDatabase>>;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxied = await proxyDatabase(database.url);
  });

  afterEach(async () => {
    await proxied.proxy.cut();
    await database.drop();
  });

  test('while the listening begins is told to whoever opens, and hurts nobody else', async () => {
    const trap = proxied.proxy.setTrap('listen training_run_queued', 'request');
    const opening = openDatabase(proxied.url);
    const outcome = expect(opening).rejects.toMatchObject(unavailable);
    await trap.caught;
    await proxied.proxy.cut();
    await outcome;
  });

  test('in mid-transaction fails the transaction, and the next one has another', async () => {
    const { pool, close } = await openDatabase(proxied.url);
    const trap = proxied.proxy.setTrap('select 1', 'request');
    const broken = inTransaction(pool, '', (client) => client.query('select 1'));
    const outcome = expect(broken).rejects.toThrow();
    await trap.caught;
    await proxied.proxy.cut();
    await outcome;
    await proxied.proxy.restore();
    trap.open();
    const { rows } = await inTransaction(pool, '', (client) => client.query('select 2 as two'));
    expect(rows).toEqual([{ two: 2 }]);
    await close();
  });
});

/** A socket that leads to the real one, and can be taken away and put back. */
function createGate(folder: string, target: string) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(target);
    for (const end of [socket, onward]) {
      open.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => open.delete(end));
    }
    socket.pipe(onward).pipe(socket);
  });
  return {
    open: () =>
      new Promise<void>((resolve) => server.listen(path.join(folder, '.s.PGSQL.5432'), resolve)),
    shut: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

test('a database that goes down is told as such, and is used again when it is back', async () => {
  const { url, drop } = await createTestDatabase();
  const gateFolder = mkdtempSync(path.join(os.tmpdir(), 'tc-gate-'));
  const gateUrl = new URL(url);
  const realFolder = gateUrl.searchParams.get('host') ?? '';
  gateUrl.searchParams.set('host', gateFolder);
  const gate = createGate(gateFolder, path.join(realFolder, '.s.PGSQL.5432'));
  await gate.open();
  const database = await openDatabase(gateUrl.href);
  const stores = openStores(database);
  const log = createCanvasLog(database, new MemoryBlobs());
  const queued: string[] = [];
  database.news.onTrainingRunQueued((id) => queued.push(id));
  const join = () => stores.participants.create({ nickname: 'Quiet Fox', color: '#0b7fab' });
  const fox = await join();

  await gate.shut();
  await expect(database.check()).rejects.toMatchObject(unavailable);
  await expect(stores.projects.findPlayground()).rejects.toMatchObject(unavailable);
  await expect(log.append([])).rejects.toMatchObject(unavailable);
  await expect(join()).rejects.toMatchObject(unavailable);

  await gate.open();
  await eventually(() => database.check());
  expect(await stores.participants.find(fox.id)).toEqual(fox);
  await eventually(async () => {
    await database.pool.query(`select pg_notify('training_run_queued', 'told')`);
    expect(queued).toContain('told');
  });
  await database.close();
  await gate.shut();
  rmSync(gateFolder, { recursive: true });
  await drop();
});
