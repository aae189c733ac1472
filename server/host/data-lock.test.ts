import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDataFolder } from './data-lock.ts';
import { readOrCreateSecret } from './secrets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'training-canvas-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => path.join(folder, 'server.lock');

function writeLock(holder: object): Promise<void> {
  return writeFile(file(), JSON.stringify({ startedAt: null, address: null, ...holder }));
}

/** The number of a process that has just ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the lock of a data folder', () => {
  test('is refused while its holder lives, and names the address', async () => {
    await writeLock({ pid: process.ppid, address: 'http://localhost:3000' });
    await expect(lockDataFolder(folder)).rejects.toThrow(/at http:\/\/localhost:3000.*DATA_DIR/s);
  });

  test('says so when its holder does not listen yet', async () => {
    await writeLock({ pid: process.ppid });
    await expect(lockDataFolder(folder)).rejects.toThrow('just starting');
  });

  test('is taken over from a holder that was killed', async () => {
    await writeLock({ pid: await endedProcess() });
    const lock = await lockDataFolder(folder);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is taken over from a process that has only the number of the holder', async () => {
    await writeLock({ pid: process.ppid, startedAt: 'long ago' });
    await expect(lockDataFolder(folder)).resolves.toBeDefined();
  });

  test('is taken over when a crash has left it unreadable', async () => {
    await writeFile(file(), '{"pid":');
    await expect(lockDataFolder(folder)).resolves.toBeDefined();
  });

  test('tells who comes later where the server listens', async () => {
    const lock = await lockDataFolder(folder);
    await lock.announce('http://localhost:4000');
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      address: 'http://localhost:4000',
    });
    expect(await readdir(folder)).toEqual(['server.lock']);
  });
});

describe('a secret', () => {
  test('is made once, long, and readable by its user only', async () => {
    const secret = await readOrCreateSecret(folder, 'secret');
    expect(secret.length).toBeGreaterThan(40);
    expect(await readOrCreateSecret(folder, 'secret')).toBe(secret);
    const { mode } = await stat(path.join(folder, 'secret'));
    expect(mode & 0o777).toBe(0o600);
  });

  test('is the same for two that make it at once', async () => {
    const names = ['secret', 'secret', 'secret'];
    const secrets = await Promise.all(names.map((name) => readOrCreateSecret(folder, name)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['secret']);
  });

  test('that was lost is not replaced by an empty one', async () => {
    await writeFile(path.join(folder, 'secret'), '');
    await expect(readOrCreateSecret(folder, 'secret')).rejects.toThrow('is empty');
  });
});
