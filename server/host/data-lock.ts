import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/**
 * One server per data folder. The lock is a file that names its holder; it outlives a holder that
 * was killed, so whoever finds it looks whether that process is still there.
 */
const Holder = z.object({
  pid: z.number().int(),
  /** Tells a process from a later one with the same number, where the system says. */
  startedAt: z.string().nullable(),
  /** Where it listens; null while it is starting. */
  address: z.string().nullable(),
});
type Holder = z.infer<typeof Holder>;

const FILE = 'server.lock';
const ATTEMPTS = 5;

/** The folder is in use. The message says by whom. */
export class DataFolderInUse extends Error {
  constructor(folder: string, { pid, address }: Holder) {
    const where = address ? `at ${address}` : 'which is just starting';
    super(
      `Another server (process ${pid}) uses the data folder ${folder}: ${where}. ` +
        'Stop it first, or set DATA_DIR to another folder.',
    );
    this.name = 'DataFolderInUse';
  }
}

export interface DataLock {
  /** Writes down where the server listens, for the message to whoever comes second. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/** Takes the folder, also from a holder that is no more. Throws `DataFolderInUse`. */
export async function lockDataFolder(folder: string): Promise<DataLock> {
  const file = path.join(folder, FILE);
  const self: Holder = { pid: process.pid, startedAt: startOf(process.pid), address: null };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(file, self)) return heldLock(file, self);
    const holder = await readHolder(file);
    if (holder && isAlive(holder)) throw new DataFolderInUse(folder, holder);
    await removeStale(file);
  }
  throw new Error(`The lock of the data folder ${folder} changes hands all the time.`);
}

function heldLock(file: string, self: Holder): DataLock {
  return {
    announce: async (address) => {
      const draft = `${file}.${randomUUID()}`;
      await writeFile(draft, JSON.stringify({ ...self, address }));
      await rename(draft, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** A link fails where the file exists, and never shows half of it. */
async function create(file: string, self: Holder): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(self));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Two that find the same stale lock must not remove each other's new one: it is moved away first,
 * and put back if it turns out to be somebody's who lives.
 */
async function removeStale(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    // Somebody else was quicker: the next attempt sees who holds it now.
    return;
  }
  const holder = await readHolder(aside);
  if (holder && isAlive(holder)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Null where there is no lock, or none that can be read: a crash of the machine may leave that. */
async function readHolder(file: string): Promise<Holder | null> {
  try {
    return Holder.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  // In a container every start may have the number of the one before.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return startedAt === null || startOf(pid) === startedAt;
}

/** When a process started, in the system's own clock ticks; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
