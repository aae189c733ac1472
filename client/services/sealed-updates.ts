import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import type { SealedUpdate } from '../../shared/sync-protocol.ts';
import { encodeSealedUpdate, readSealedUpdate } from '../../shared/sync-protocol.ts';

/** So long after its arrival a change is on the server's disk, unless the server says otherwise. */
const KEPT_FOR_MS = 30_000;
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const IDS_PER_MS = 1_000;

/** Where kept changes outlive the page. */
export interface SealedStore {
  /** What an earlier page has kept, oldest first. */
  readonly sealed: readonly StoredSealed[];
  keepSealed(stored: StoredSealed): void;
  dropSealed(ids: readonly number[]): void;
}

/** A kept message with its place in the order of arrival. */
export interface StoredSealed {
  readonly id: number;
  /** The whole message, type included. */
  readonly message: Uint8Array;
}

interface Kept extends StoredSealed {
  readonly keptAt: number;
}

export interface SealedUpdatesOptions {
  /** Unix time in whole ms. */
  readonly now: () => number;
  readonly store: SealedStore | null;
}

/**
 * What others have drawn and the server passed on before it was on its disk. Should the server be
 * killed now, this page can bring it back under the server's seal. Time counts only while the
 * server is there and saves: what was kept when it vanished is kept until it is back.
 */
export class SealedUpdates {
  readonly #now: () => number;
  readonly #store: SealedStore | null;
  #kept: Kept[];
  #bytes: number;
  #nextId: number;

  constructor({ now, store }: SealedUpdatesOptions) {
    this.#now = now;
    this.#store = store;
    this.#kept = (store?.sealed ?? []).map((stored) => ({ ...stored, keptAt: now() }));
    this.#bytes = this.#kept.reduce((sum, { message }) => sum + message.length, 0);
    // Two windows of one person share the store: by the time of opening they do not meet.
    this.#nextId = Math.max((this.#kept.at(-1)?.id ?? 0) + 1, now() * IDS_PER_MS);
  }

  /** Keeps a change until it is old enough; the oldest go where it would become too much. */
  keep(update: SealedUpdate): void {
    const kept = {
      id: this.#nextId,
      message: encodeSealedUpdate(update),
      keptAt: this.#now(),
    };
    this.#nextId += 1;
    this.#kept.push(kept);
    this.#bytes += kept.message.length;
    this.#store?.keepSealed({ id: kept.id, message: kept.message });
    this.#drop(this.#tooMany());
  }

  /**
   * What a server with this state vector may lack, oldest first, to be sent to it. It may not have
   * the rest on disk either: from now on all counts as just arrived.
   */
  missingFrom(stateVector: Uint8Array): readonly Uint8Array[] {
    const known = Y.decodeStateVector(stateVector);
    this.#kept = this.#kept.map((kept) => ({ ...kept, keptAt: this.#now() }));
    return this.#kept.map(({ message }) => message).filter((message) => mayLack(known, message));
  }

  /** Forgets what is old; to be called only while the server is there and saves. */
  forgetOld(): void {
    const oldest = this.#now() - KEPT_FOR_MS;
    const fresh = this.#kept.findIndex(({ keptAt }) => keptAt > oldest);
    this.#drop(fresh < 0 ? this.#kept.length : fresh);
  }

  #tooMany(): number {
    let bytes = this.#bytes;
    let count = 0;
    for (const { message } of this.#kept) {
      if (bytes <= MAX_KEPT_BYTES) break;
      bytes -= message.length;
      count += 1;
    }
    return count;
  }

  #drop(count: number): void {
    if (count === 0) return;
    const dropped = this.#kept.splice(0, count);
    this.#bytes -= dropped.reduce((sum, { message }) => sum + message.length, 0);
    this.#store?.dropSealed(dropped.map(({ id }) => id));
  }
}

/** A deletion leaves no trace in a state vector: it is always sent. */
function mayLack(known: ReadonlyMap<number, number>, message: Uint8Array): boolean {
  const decoder = decoding.createDecoder(message);
  decoding.readVarUint(decoder);
  const { structs, ds } = Y.decodeUpdate(readSealedUpdate(decoder).update);
  const isNew = structs.some(({ id, length }) => id.clock + length > (known.get(id.client) ?? 0));
  return isNew || ds.clients.size > 0;
}
