import { encodeSealedUpdate } from '../../shared/sync-protocol.ts';
import type { CanvasWriter } from './canvas-writer.ts';
import type { Seals } from './seals.ts';

interface Change {
  readonly authorId: string | null;
  readonly update: Uint8Array;
}

/**
 * The changes of a canvas that are not on disk yet. Whoever gets them with the whole document gets
 * them under the hub's seal as well, so that he can bring them back, too.
 */
export class UnsavedChanges {
  readonly #writer: CanvasWriter;
  readonly #seals: Seals;
  readonly #changes = new Set<Change>();

  constructor(writer: CanvasWriter, seals: Seals) {
    this.#writer = writer;
    this.#seals = seals;
  }

  /** Hands a change to the log, and remembers it until it is durable. */
  append(update: Uint8Array, authorId: string | null): void {
    const change: Change = { authorId, update };
    this.#writer.append(update, authorId);
    this.#changes.add(change);
    this.#writer.afterCommit(() => this.#changes.delete(change));
  }

  /** All of them as messages of our own, in the order in which they were made. */
  sealed(): Uint8Array[] {
    return [...this.#changes].map(({ authorId, update }) => {
      const seal = this.#seals.seal(authorId, update);
      return encodeSealedUpdate({ authorId, update, seal });
    });
  }
}
