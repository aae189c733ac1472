/** The rows of a canvas' log that its document contains: what a snapshot may replace. */
export class StoredRows {
  /** By row: its bytes. */
  readonly #rows = new Map<bigint, number>();
  #bytes = 0;

  get count(): number {
    return this.#rows.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get seqs(): bigint[] {
    return [...this.#rows.keys()];
  }

  add(seq: bigint, bytes: number): void {
    this.remove([seq]);
    this.#rows.set(seq, bytes);
    this.#bytes += bytes;
  }

  /** They are not in the log any more. */
  remove(seqs: readonly bigint[]): void {
    for (const seq of seqs) {
      this.#bytes -= this.#rows.get(seq) ?? 0;
      this.#rows.delete(seq);
    }
  }
}
