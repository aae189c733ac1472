import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { access, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { BlobStore } from '../domain/ports.ts';
import { assertBlobKey } from './blob-key.ts';
import { blobsUnavailable } from './blobs-unavailable.ts';

/** Half-written files lie here until they are renamed; not a key, since it begins with a dot. */
const UNFINISHED = '.unfinished';
/** What a crash has left there is removed at the next start, but not what another process writes. */
const UNFINISHED_MS = 3_600_000;

/**
 * Blobs as files below a folder, a key's path being the file's. A file is there in full or not at
 * all: it is written elsewhere, synced and renamed. On disk the extension tells the content type.
 */
export async function openFileBlobs(folder: string): Promise<BlobStore> {
  const root = path.resolve(folder);
  await translated(async () => {
    await mkdir(path.join(root, UNFINISHED), { recursive: true });
    await removeUnfinished(root);
  });
  const fileOf = (key: string): string => {
    assertBlobKey(key);
    return path.join(root, key);
  };
  return {
    put: async (key, bytes) => {
      const file = fileOf(key);
      await translated(() => writeWhole(root, file, bytes));
    },
    get: async (key) => {
      const file = fileOf(key);
      return translated(() => unlessAbsent(readFile(file)));
    },
    delete: async (key) => {
      const file = fileOf(key);
      await translated(() => unlessAbsent(unlink(file)));
    },
    list: (prefix) => translated(() => listFiles(root, prefix)),
    check: () => translated(() => access(path.join(root, UNFINISHED), constants.W_OK)),
  };
}

async function writeWhole(root: string, file: string, bytes: Uint8Array): Promise<void> {
  const unfinished = path.join(root, UNFINISHED, randomBytes(12).toString('hex'));
  try {
    await withFile(unfinished, 'wx', async (handle) => {
      await handle.writeFile(bytes);
      await handle.sync();
    });
    await mkdir(path.dirname(file), { recursive: true });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** The name of a new file is safe only once its folder is; Windows cannot sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(folder, 'r', (handle) => handle.sync());
}

async function withFile(
  file: string,
  flags: string,
  task: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(file, flags);
  try {
    await task(handle);
  } finally {
    await handle.close();
  }
}

async function listFiles(
  root: string,
  prefix: string,
): Promise<{ key: string; modifiedAt: Date }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const keys = files.map(({ parentPath, name }) => keyOf(root, path.join(parentPath, name)));
  const wanted = keys.filter((key) => key.startsWith(prefix) && !key.startsWith(UNFINISHED));
  const found = await Promise.all(
    wanted.sort().map(async (key) => {
      // It may have been deleted since it was listed.
      const stats = await unlessAbsent(stat(path.join(root, key)));
      return stats && { key, modifiedAt: stats.mtime };
    }),
  );
  return found.filter((blob) => blob !== null);
}

function keyOf(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

async function removeUnfinished(root: string): Promise<void> {
  const folder = path.join(root, UNFINISHED);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const stats = await unlessAbsent(stat(file));
    if (stats && Date.now() - stats.mtimeMs > UNFINISHED_MS) await rm(file, { force: true });
  }
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function translated<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw blobsUnavailable(error);
  }
}
