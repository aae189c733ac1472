import * as idb from 'lib0/indexeddb';
import * as Y from 'yjs';
import type { StoredSealed } from './sealed-updates.ts';

/** Whose copy of what: strokes carry their author, so another person's visit must not send them. */
export interface CopyOwner {
  readonly canvasId: string;
  readonly generation: number;
  readonly participantId: string;
}

/** Keys of sealed updates begin with this, beside y-indexeddb's own. */
export const SEALED_KEYS = 'sealed';

const LAYOUT = ['updates', 'custom'] as const;
const PREFIX = 'training-canvas';
/** A browser that has not answered by then is taken to refuse; some never answer. */
const ANSWERS_WITHIN_MS = 10_000;
/** How browsers call a database that they cannot read any more, or that is of another layout. */
const BROKEN = /\b(UnknownError|VersionError)\b/;
/** More rows than that are made one, before y-indexeddb reads them one by one. */
const MAX_ROWS = 200;

/** The name of a copy's database. */
export function copyName({ canvasId, generation, participantId }: CopyOwner): string {
  return `${PREFIX}/${canvasId}/${generation}/${participantId}`;
}

/** Whether a database holds an older generation of this canvas, whosever it is. */
export function isOlderCopy(name: string, { canvasId, generation }: CopyOwner): boolean {
  const [prefix, canvas, itsGeneration] = name.split('/');
  return prefix === PREFIX && canvas === canvasId && Number(itsGeneration) < generation;
}

/** A promise that fails when it takes too long. */
export async function within<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The browser does not answer')), ANSWERS_WITHIN_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is in a copy is not what this page has put there. */
class UnreadableCopy extends Error {
  override readonly name = 'UnreadableCopy';
}

/**
 * Makes sure that a copy can be read, and makes many rows one. A copy that cannot be read is thrown
 * away; one that only takes too long is left as it is. Gives the sealed updates in it; throws where
 * the browser keeps nothing, or does not answer.
 */
export async function prepareCopy(name: string): Promise<readonly StoredSealed[]> {
  const db = await openOrReplace(name);
  try {
    return await within(readCopy(db));
  } catch (error) {
    if (!(error instanceof UnreadableCopy)) throw error;
    db.close();
    await within(idb.deleteDB(name));
    return [];
  } finally {
    db.close();
  }
}

/** Deletes the copies of older generations: what they hold can never be sent again. */
export async function deleteOlderCopies(owner: CopyOwner): Promise<void> {
  try {
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
    const older = names.filter((name) => isOlderCopy(name, owner));
    await Promise.allSettled(older.map((name) => idb.deleteDB(name)));
  } catch {
    // A browser that does not list its databases keeps them until it needs the room.
  }
}

async function openOrReplace(name: string): Promise<IDBDatabase> {
  try {
    return await open(name);
  } catch (error) {
    // What else goes wrong passes, such as a full disk; what is kept must still be there then.
    if (!(error instanceof Error) || !BROKEN.test(error.message)) throw error;
    await within(idb.deleteDB(name));
    return open(name);
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const opening = idb.openDB(name, createStores);
  try {
    return await within(opening);
  } catch (error) {
    // Should it be there later after all, it must not stand in the way of its own deletion.
    opening.then(
      (db) => db.close(),
      () => undefined,
    );
    throw error;
  }
}

/** As y-indexeddb lays them out. */
function createStores(db: IDBDatabase): void {
  idb.createStores(db, [['updates', { autoIncrement: true }], ['custom']]);
}

async function readCopy(db: IDBDatabase): Promise<readonly StoredSealed[]> {
  if (!LAYOUT.every((store) => db.objectStoreNames.contains(store)))
    throw new UnreadableCopy('Another layout');
  // All in one transaction: what another window adds meanwhile waits for its end.
  const store = storeOf(db, 'updates');
  const rows: unknown[] = await idb.getAll(store);
  const merged = mergeRows(rows);
  if (rows.length > MAX_ROWS) {
    const newest: unknown = await idb.getLastKey(store);
    await idb.rtop(store.add(merged));
    await idb.del(store, idb.createIDBKeyRangeUpperBound(newest, false));
  }
  return readSealed(db);
}

/** All rows as one, applied to an empty document to see whether they can be. Throws if not. */
function mergeRows(rows: readonly unknown[]): Uint8Array {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      for (const row of rows) {
        if (!(row instanceof Uint8Array)) throw new TypeError('Not an update');
        Y.applyUpdate(doc, row);
      }
    });
    return Y.encodeStateAsUpdate(doc);
  } catch (cause) {
    throw new UnreadableCopy('Not updates', { cause });
  } finally {
    doc.destroy();
  }
}

async function readSealed(db: IDBDatabase): Promise<readonly StoredSealed[]> {
  const entries: { k: unknown; v: unknown }[] = await idb.getAllKeysValues(storeOf(db, 'custom'));
  return entries.flatMap(({ k, v }) => {
    if (!Array.isArray(k) || k[0] !== SEALED_KEYS || typeof k[1] !== 'number') return [];
    return v instanceof Uint8Array ? [{ id: k[1], message: v }] : [];
  });
}

function storeOf(db: IDBDatabase, name: (typeof LAYOUT)[number]): IDBObjectStore {
  return db.transaction([name], 'readwrite').objectStore(name);
}
