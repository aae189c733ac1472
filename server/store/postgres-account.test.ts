import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { readPostmasterLock } from './postmaster-lock.ts';

const NOBODY = 65_534;
const CACHE = '/var/cache';

// Only root can be somebody else; an ordinary user's own case is every other test.
describe.runIf(process.getuid?.() === 0)('as root', () => {
  let dir: string;
  let copies: Set<string>;

  beforeEach(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'tc-test-'));
    copies = new Set(cachedCopies());
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    for (const copy of newCopies()) rmSync(copy, { recursive: true });
    rmSync(dir, { recursive: true, force: true });
  });

  function cachedCopies(): string[] {
    const names = existsSync(CACHE) ? readdirSync(CACHE) : [];
    const ours = names.filter((name) => name.startsWith('training-canvas-postgres-'));
    return ours.map((name) => path.join(CACHE, name));
  }

  function newCopies(): string[] {
    return cachedCopies().filter((copy) => !copies.has(copy));
  }

  /** The programs, copied to a folder with these rights. */
  function copyPrograms(mode: number): string {
    const binaries = findPostgresBinaries() ?? '';
    const folder = path.join(dir, 'programs');
    mkdirSync(folder, { mode });
    const copy = path.join(folder, 'native');
    cpSync(path.dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
    return path.join(copy, path.basename(binaries));
  }

  function ownerOf(dataFolder: string): number {
    return statSync(`/proc/${readPostmasterLock(dataFolder)?.pid ?? 0}`).uid;
  }

  test('the database runs as nobody, below a closed folder, too', async () => {
    const data = path.join(dir, 'data');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    const postgres = await startEmbeddedPostgres({ dir: data, database: 'app', durable: false });
    expect(ownerOf(path.join(data, 'pg'))).toBe(NOBODY);
    await postgres.stop();
  });

  test('programs below a closed folder run as a copy, unless somebody else could have changed it', async () => {
    vi.stubEnv('PG_BIN_DIR', copyPrograms(0o700));
    const options = { dir: path.join(dir, 'data'), database: 'app', durable: false };
    await (await startEmbeddedPostgres(options)).stop();
    const [copy = ''] = newCopies();
    expect(statSync(copy).uid).toBe(0);
    chownSync(copy, NOBODY, NOBODY);
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject({
      code: 'database.unavailable',
      message: expect.stringContaining(copy),
    });
  });

  test('the database of an ordinary user runs as that user', async () => {
    chmodSync(dir, 0o755);
    const bin = copyPrograms(0o755);
    const data = path.join(dir, 'data');
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    const module = JSON.stringify(path.resolve('server/store/embedded-postgres.ts'));
    // Loaded as root, since the project may lie where an ordinary user cannot read it.
    const script = `
      const { startEmbeddedPostgres } = await import(${module});
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
      const postgres = await startEmbeddedPostgres({ dir: ${JSON.stringify(data)}, database: 'app', durable: false });
      await new Promise((resolve) => process.stdin.once('data', resolve));
      await postgres.stop();
      process.exit(0);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const env = { ...process.env, PG_BIN_DIR: bin };
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await vi.waitUntil(() => existsSync(path.join(data, 'pg', 'postmaster.pid')), 15_000);
    expect(ownerOf(path.join(data, 'pg'))).toBe(NOBODY);
    child.stdin.write('stop');
    expect(await ended).toBe(0);
  });
});
