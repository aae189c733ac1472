import { createHash, randomUUID } from 'node:crypto';
import type { BlobStore } from '../domain/ports.ts';

/** Larger states are blobs, smaller ones stay in their row. */
const MAX_INLINE_BYTES = 1_048_576;

/** The columns of a row that holds a state of a canvas; one of the first two is null. */
export interface StateColumns {
  readonly state: Buffer | null;
  readonly blobRef: string | null;
  readonly sha256: Buffer;
}

/**
 * States of canvases: in the row when small, else in a blob, written before the row. Each blob
 * belongs to one row, so it can go with it; those without one are swept. A blob whose row could not
 * be written is left to the sweep: the row may be there all the same.
 */
export class CanvasStates {
  readonly #blobs: BlobStore;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Makes the state durable as far as it does not fit its row. */
  async put(canvasId: string, bytes: Uint8Array): Promise<StateColumns> {
    const sha256 = digest(bytes);
    if (bytes.length <= MAX_INLINE_BYTES) return { state: asBuffer(bytes), blobRef: null, sha256 };
    // Not the hash alone: a blob that is being swept must not be taken for the one just written.
    const blobRef = `canvases/${canvasId}/${sha256.toString('hex')}.${randomUUID().slice(0, 8)}`;
    await this.#blobs.put(blobRef, bytes, 'application/octet-stream');
    return { state: null, blobRef, sha256 };
  }

  /** The state as it was put. Throws when it is missing or damaged. */
  async get({ state, blobRef, sha256 }: StateColumns): Promise<Uint8Array> {
    const bytes = state ?? (blobRef === null ? null : await this.#blobs.get(blobRef));
    if (!bytes) throw new Error(`The state ${blobRef ?? ''} of a canvas is missing.`);
    // An older state would lack ink without a word, so a damaged one is an error, not a detour.
    if (!digest(bytes).equals(sha256)) throw new Error('The state of a canvas is damaged.');
    return bytes;
  }

  /** After their rows have gone. What resists is left to the sweep. */
  async remove(blobRefs: readonly (string | null)[]): Promise<void> {
    const refs = blobRefs.filter((ref) => ref !== null);
    await Promise.allSettled(refs.map((ref) => this.#blobs.delete(ref)));
  }
}

/** The same bytes for a driver. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
