import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { readPostmasterLock } from './postmaster-lock.ts';

describe('the built-in database', () => {
  let dir: string;
  const running: EmbeddedPostgres[] = [];

  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'tc-test-'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const postgres of running.splice(0)) await postgres.stop().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(durable = false): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ dir, database: 'app', durable });
    running.push(postgres);
    return postgres;
  }

  async function query(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    } finally {
      await client.end();
    }
  }

  const data = () => path.join(dir, 'pg');
  const postmaster = () => readPostmasterLock(data())?.pid ?? 0;

  /** The postmasters that work in this data folder. */
  function postmasters(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => worksAsPostmaster(pid))
      .map(Number);
  }

  function worksAsPostmaster(pid: string): boolean {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes(`-D\0${data()}\0`) && command.includes('bin/postgres\0');
    } catch {
      return false;
    }
  }

  test('keeps what it holds over a stop and a start', async () => {
    const first = await start();
    expect(first.attached).toBe(false);
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    expect(existsSync(first.host)).toBe(false);
    const second = await start();
    expect(await query(second.url, 'select * from kept')).toEqual([{ answer: 42 }]);
    expect(await query(second.url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  });

  test('listens on its own socket only, which nobody else may enter', async () => {
    const { url, host } = await start();
    expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect(statSync(host).mode & 0o777).toBe(0o700);
  });

  test('whose server was killed is found again, and is the only one', async () => {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        `const { startEmbeddedPostgres } = await import(${JSON.stringify(path.resolve('server/store/embedded-postgres.ts'))});
         await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, database: 'app', durable: false });
         console.log('started');
         setInterval(() => undefined, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const pid = postmaster();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const again = await start();
    expect(again.attached).toBe(true);
    expect(postmaster()).toBe(pid);
    expect(postmasters()).toEqual([pid]);
  });

  test('starts anew after it was killed itself, with all that was committed', async () => {
    const first = await start(true);
    await query(first.url, 'create table kept as select 42 as answer');
    process.kill(postmaster(), 'SIGKILL');
    const second = await start(true);
    expect(second.attached).toBe(false);
    expect(existsSync(first.host)).toBe(false);
    expect(await query(second.url, 'select * from kept')).toEqual([{ answer: 42 }]);
    expect(postmasters()).toEqual([postmaster()]);
  });

  test('is not fooled by a lock with the number of another process', async () => {
    const first = await start();
    await first.stop();
    writeFileSync(
      path.join(data(), 'postmaster.pid'),
      `${process.pid}\n${data()}\n0\n5432\n/no/such/folder\n\n0 0\nready\n`,
    );
    expect((await start()).attached).toBe(false);
  });

  test('is one, when two start it at once', async () => {
    await (await start()).stop();
    const both = await Promise.all([start(), start()]);
    expect(both[0].host).toBe(both[1].host);
    expect(postmasters()).toEqual([postmaster()]);
    expect(await query(both[1].url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('begins again where its making was cut short', async () => {
    mkdirSync(path.join(dir, 'pg.unfinished', 'base'), { recursive: true });
    const { url } = await start();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dir)).not.toContain('pg.unfinished');
  });

  test('says what to do with data of another major version', async () => {
    await (await start()).stop();
    writeFileSync(path.join(data(), 'PG_VERSION'), '14\n');
    await expect(start()).rejects.toMatchObject({
      code: 'database.unavailable',
      message: expect.stringContaining('PG_BIN_DIR'),
    });
  });

  test('says what to do on a machine without its programs', async () => {
    vi.stubEnv('PG_BIN_DIR', path.join(dir, 'nothing'));
    await expect(start()).rejects.toMatchObject({
      code: 'database.unavailable',
      message: expect.stringContaining('DATABASE_URL'),
    });
  });

  test('says what is wrong when it does not start', async () => {
    await (await start()).stop();
    writeFileSync(path.join(data(), 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start()).rejects.toMatchObject({
      code: 'database.unavailable',
      details: { log: expect.stringContaining('no_such_setting') },
    });
    rmSync(data(), { recursive: true });
  });

  test('may be stopped twice, and is gone then', async () => {
    const postgres = await start();
    await postgres.stop();
    await postgres.stop();
    await eventually(() => expect(postmasters()).toEqual([]));
  });
});
