import * as Y from 'yjs';
import { FULL_DOCUMENT_BYTES, NEARLY_FULL_DOCUMENT_BYTES } from '../../shared/limits.ts';

/** How much a document may grow by before it is measured again. */
const MEASURE_EVERY_BYTES = 256 * 1024;

/**
 * How large a document is, encoded. Its changes are added up, which is cheap and too much; only
 * near the limits it is measured.
 */
export class DocumentSize {
  readonly #doc: Y.Doc;
  #bytes: number;
  #measureAbove = NEARLY_FULL_DOCUMENT_BYTES;

  constructor(doc: Y.Doc, bytes: number) {
    this.#doc = doc;
    this.#bytes = bytes;
    this.#measureIfNear();
  }

  get isNearlyFull(): boolean {
    return this.#bytes > NEARLY_FULL_DOCUMENT_BYTES;
  }

  /** Whether a change of so many bytes would be too much. */
  isFullFor(bytes: number): boolean {
    return this.#bytes + bytes > FULL_DOCUMENT_BYTES;
  }

  /** A change was made. */
  grow(bytes: number): void {
    this.#bytes += bytes;
    this.#measureIfNear();
  }

  #measureIfNear(): void {
    if (this.#bytes <= this.#measureAbove) return;
    this.#bytes = Y.encodeStateAsUpdate(this.#doc).length;
    this.#measureAbove = Math.max(NEARLY_FULL_DOCUMENT_BYTES, this.#bytes + MEASURE_EVERY_BYTES);
  }
}
