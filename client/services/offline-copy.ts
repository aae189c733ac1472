import * as idb from 'lib0/indexeddb';
import { IndexeddbPersistence } from 'y-indexeddb';
import type { Doc } from 'yjs';
import type { CopyOwner } from './copy-database.ts';
import { copyName, deleteOlderCopies, prepareCopy, SEALED_KEYS, within } from './copy-database.ts';
import type { SealedStore, StoredSealed } from './sealed-updates.ts';

/** What a browser does to a database that is open when it wants it gone or cannot write to it. */
const FAILURES = ['abort', 'close', 'error', 'versionchange'] as const;

/**
 * The copy of one canvas in this browser: what was drawn without a connection outlives the page.
 * Event: `failed`, when from here on nothing is kept any more (storage is full or was cleared).
 */
export class OfflineCopy extends EventTarget implements SealedStore {
  readonly sealed: readonly StoredSealed[];
  readonly #name: string;
  readonly #persistence: IndexeddbPersistence;
  readonly #db: IDBDatabase;
  #isKept = true;
  readonly #onFailure = (): void => {
    if (!this.#isKept) return;
    // It listens to the document, and would throw at each change from now on.
    this.#stop();
    this.dispatchEvent(new Event('failed'));
  };

  /** Use `openOfflineCopy`. */
  constructor(opened: {
    readonly name: string;
    readonly persistence: IndexeddbPersistence;
    readonly db: IDBDatabase;
    readonly sealed: readonly StoredSealed[];
  }) {
    super();
    this.#name = opened.name;
    this.#persistence = opened.persistence;
    this.#db = opened.db;
    this.sealed = opened.sealed;
    for (const failure of FAILURES) this.#db.addEventListener(failure, this.#onFailure);
  }

  /** Whether changes are being kept. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether a change of the document was read from this copy. */
  isOrigin(origin: unknown): boolean {
    return origin === this.#persistence;
  }

  keepSealed({ id, message }: StoredSealed): void {
    this.#change((store) => store.put(message, [SEALED_KEYS, id]));
  }

  dropSealed(ids: readonly number[]): void {
    this.#change((store) => {
      for (const id of ids) store.delete([SEALED_KEYS, id]);
    });
  }

  /** Throws the copy away: it is of no use any more. */
  async discard(): Promise<void> {
    this.#stop();
    // Another window may hold it open for a moment; the next visit tries again.
    await idb.deleteDB(this.#name).catch(() => undefined);
  }

  close(): void {
    this.#stop();
  }

  #stop(): void {
    this.#isKept = false;
    for (const failure of FAILURES) this.#db.removeEventListener(failure, this.#onFailure);
    void this.#persistence.destroy();
  }

  #change(write: (store: IDBObjectStore) => void): void {
    if (!this.#isKept) return;
    try {
      write(this.#db.transaction(['custom'], 'readwrite').objectStore('custom'));
    } catch {
      // The browser has closed it, and has not come round to say so.
      this.#onFailure();
    }
  }
}

/**
 * Opens the copy and puts what it holds into the document. Null where this browser keeps none: the
 * page works without it.
 */
export async function openOfflineCopy(doc: Doc, owner: CopyOwner): Promise<OfflineCopy | null> {
  const name = copyName(owner);
  let persistence: IndexeddbPersistence | null = null;
  try {
    const sealed = await prepareCopy(name);
    persistence = new IndexeddbPersistence(name, doc);
    await within(persistence.whenSynced);
    const { db } = persistence;
    if (!db) return null;
    void deleteOlderCopies(owner);
    return new OfflineCopy({ name, persistence, db, sealed });
  } catch {
    persistence?.destroy().catch(() => undefined);
    return null;
  }
}
