import type { KeyObject } from 'node:crypto';
import { createHmac, timingSafeEqual } from 'node:crypto';

const SEAL_BYTES = 16;

/**
 * The hub's word that a change came by its author. A change goes to everybody before it is on disk;
 * should the hub be killed in between, any of them can bring it back, and the seal keeps them from
 * bringing what the author has never drawn.
 */
export class Seals {
  readonly #key: KeyObject;
  readonly #document: string;

  /** `document` names the canvas and its generation: a seal is worth nothing anywhere else. */
  constructor(key: KeyObject, document: string) {
    this.#key = key;
    this.#document = document;
  }

  /** 16 bytes of an HMAC-SHA256. */
  seal(authorId: string | null, update: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#key)
      .update(`${this.#document}\n${authorId ?? ''}\n`)
      .update(update)
      .digest()
      .subarray(0, SEAL_BYTES);
  }

  /** Whether the hub (or another one with the same secret) has sealed exactly this. */
  isGenuine(authorId: string | null, update: Uint8Array, seal: Uint8Array): boolean {
    return seal.length === SEAL_BYTES && timingSafeEqual(seal, this.seal(authorId, update));
  }
}
