import type { CanvasLog, LogEntry, StoredCanvas } from '../../server/sync/canvas-log.ts';

interface Row {
  readonly canvasId: string;
  readonly authorId: string | null;
  readonly seq: bigint;
  readonly update: Uint8Array;
}

/** A canvas log in memory, whose commits can be held back or made to fail. Every canvas exists. */
export class MemoryCanvasLog implements CanvasLog {
  readonly snapshots = new Map<string, Uint8Array>();
  rows: Row[] = [];
  /** How many commits, and how many loads, there were. */
  commits = 0;
  loads = 0;
  /** Set, it stands for a database that is away. */
  failure: Error | null = null;
  readonly unknown = new Set<string>();
  #gate: Promise<void> | null = null;
  #lastSeq = 0n;

  /** Holds everything back until the returned function is called. */
  hold(): () => void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate = opened;
    return () => {
      this.#gate = null;
      open();
    };
  }

  async append(batch: readonly LogEntry[]): Promise<bigint[]> {
    await this.#pass();
    this.commits += 1;
    return batch.map((entry) => {
      this.#lastSeq += 1n;
      this.rows.push({ ...entry, seq: this.#lastSeq });
      return this.#lastSeq;
    });
  }

  async load(canvasId: string): Promise<StoredCanvas | null> {
    this.loads += 1;
    await this.#pass();
    if (this.unknown.has(canvasId)) return null;
    const updates = this.rows.filter((row) => row.canvasId === canvasId);
    return { snapshot: this.snapshots.get(canvasId) ?? null, updates };
  }

  async compact(canvasId: string, snapshot: Uint8Array, seqs: readonly bigint[]): Promise<void> {
    await this.#pass();
    this.snapshots.set(canvasId, snapshot);
    this.rows = this.rows.filter((row) => !seqs.includes(row.seq));
  }

  async #pass(): Promise<void> {
    await this.#gate;
    if (this.failure) throw this.failure;
  }
}
