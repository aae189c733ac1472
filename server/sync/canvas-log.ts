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
  /** Rises when the document begins anew. */
  readonly generation: number;
  readonly snapshot: Uint8Array | null;
  /** Identity of that snapshot; null where there is none. */
  readonly snapshotNumber: bigint | null;
  readonly updates: readonly LoggedUpdate[];
}

/** A snapshot that is to take the place of what it contains. */
export interface Replacement {
  readonly snapshot: Uint8Array;
  /** The rows that it contains: exactly these are deleted. */
  readonly seqs: readonly bigint[];
  /** The newest snapshot that it contains; null where there was none. */
  readonly replaces: bigint | null;
}

/** A row that cannot be read, and why. */
export interface UnreadableUpdate {
  readonly seq: bigint;
  readonly reason: string;
}

/** Where canvases are kept: an append-only log of updates with snapshots. The hub's port. */
export interface CanvasLog {
  /** Stores all entries or none, and resolves once they are durable, with their rows in order. */
  append(batch: readonly LogEntry[]): Promise<bigint[]>;
  /** One consistent read. Null: there is no such canvas. Throws when the snapshot is damaged. */
  load(canvasId: string): Promise<StoredCanvas | null>;
  /**
   * Stores a snapshot and deletes exactly the rows that it contains, in one transaction. Resolves
   * with its number, null where the canvas has been deleted. Throws `SnapshotSuperseded`.
   */
  compact(canvasId: string, replacement: Replacement): Promise<bigint | null>;
  /**
   * Begins the document anew with the snapshot, in one transaction: nothing of what was is left,
   * and the generation after `generation` begins. Throws `SnapshotSuperseded` when there is more
   * in the log than is known of.
   */
  renew(canvasId: string, renewal: Replacement & { readonly generation: number }): Promise<void>;
  /** Moves rows that cannot be read out of the log, in one transaction; nothing is thrown away. */
  setAside(canvasId: string, rows: readonly UnreadableUpdate[]): Promise<void>;
}

/** Somebody else has written a snapshot, or rows, that the given one does not contain. */
export class SnapshotSuperseded extends Error {
  constructor() {
    super('The log of this canvas holds more than the snapshot that was to replace it');
    this.name = 'SnapshotSuperseded';
  }
}
