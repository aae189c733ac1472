import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isCode } from './postgres-binaries.ts';

/** What `postmaster.pid` says of the server that made it. */
interface PostmasterLock {
  readonly pid: number;
  readonly port: number;
  /** Folder of its socket; empty where it listens on TCP alone. */
  readonly socketFolder: string;
  /** Whether it takes connections; before that the lock is written line by line. */
  readonly isReady: boolean;
}

const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** The start of the name of every socket folder. */
export const SOCKET_FOLDER_PREFIX = 'tc-postgres-';

/** The lock of the data folder, or null where there is none. */
export function readPostmasterLock(dataFolder: string): PostmasterLock | null {
  const file = lockFile(dataFolder);
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  return {
    pid: Number(lines[0]),
    port: Number(lines[3]),
    socketFolder: lines[4] ?? '',
    isReady: lines[7]?.trim() === 'ready',
  };
}

/** The lock of a server that is there or just starting, once it takes connections. Throws in time. */
export async function awaitReadyLock(dataFolder: string): Promise<PostmasterLock> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const lock = readPostmasterLock(dataFolder);
    if (lock?.isReady) return lock;
    if (performance.now() > giveUpAt) throw new Error('PostgreSQL has not become ready.');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/**
 * After a crash the lock names a process that is gone, a zombie, or one that has nothing to do with
 * it: PostgreSQL then refuses to start, so such a lock is removed. Where this system does not tell
 * (no /proc), the decision is left to `pg_ctl`.
 */
export function dropStaleLock(dataFolder: string): void {
  const lock = readPostmasterLock(dataFolder);
  if (!lock || !existsSync('/proc/self/cwd') || worksIn(lock.pid, dataFolder)) return;
  rmSync(lockFile(dataFolder), { force: true });
  removeSocketFolder(lock.socketFolder);
}

/** Removes the socket folder of a server that has ended, if it is one that we made. */
export function removeSocketFolder(folder: string): void {
  if (!path.basename(folder).startsWith(SOCKET_FOLDER_PREFIX)) return;
  rmSync(folder, { recursive: true, force: true });
}

/** Where the socket folder goes: its path must be short, a socket's is limited to 107 bytes. */
export function socketParent(): string {
  return existsSync('/tmp') ? '/tmp' : os.tmpdir();
}

/** A postmaster's working folder is its data folder; a zombie has none. */
function worksIn(pid: number, dataFolder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder);
  } catch (error) {
    return isCode(error, 'EACCES');
  }
}

function lockFile(dataFolder: string): string {
  return path.join(dataFolder, 'postmaster.pid');
}
