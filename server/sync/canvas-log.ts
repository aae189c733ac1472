/** One update of a canvas' document, as the hub hands it to the log. */
export interface LogEntry {
  readonly canvasId: string;
  /** The participant who wrote it; null for the server itself, or for several people. */
  readonly authorId: string | null;
  /** A Yjs update (v1 encoding). */
  readonly update: Uint8Array;
}

/** A row of the log. */
export interface LoggedUpdate {
  /** Identity of the row. Rows become visible in commit order, not in the order of these. */
  readonly seq: bigint;
  readonly update: Uint8Array;
}

/** What is stored of a canvas: its newest snapshot and the updates that it does not contain. */
export interface StoredCanvas {
  readonly snapshot: Uint8Array | null;
  readonly updates: readonly LoggedUpdate[];
}

/** Where canvases are kept: an append-only log of updates with snapshots. The hub's port. */
export interface CanvasLog {
  /** Stores all entries or none, and resolves once they are durable, with their rows in order. */
  append(batch: readonly LogEntry[]): Promise<bigint[]>;
  /** One consistent read. Null: there is no such canvas. */
  load(canvasId: string): Promise<StoredCanvas | null>;
  /** Stores a snapshot and deletes exactly the rows that it contains, in one transaction. */
  compact(canvasId: string, snapshot: Uint8Array, seqs: readonly bigint[]): Promise<void>;
}
