import type {
  CanvasLog,
  LogEntry,
  Replacement,
  StoredCanvas,
  UnreadableUpdate,
} from '../../server/sync/canvas-log.ts';
import { SnapshotSuperseded } from '../../server/sync/canvas-log.ts';

interface Row {
  readonly canvasId: string;
  readonly authorId: string | null;
  readonly seq: bigint;
  readonly update: Uint8Array;
}

/** A canvas log in memory, whose commits can be held back or made to fail. Every canvas exists. */
export class MemoryCanvasLog implements CanvasLog {
  readonly snapshots = new Map<string, Uint8Array>();
  readonly generations = new Map<string, number>();
  rows: Row[] = [];
  /** Rows that could not be read. */
  readonly setAsideRows: Row[] = [];
  readonly #numbers = new Map<string, bigint>();
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
    return {
      generation: this.generations.get(canvasId) ?? 1,
      snapshot: this.snapshots.get(canvasId) ?? null,
      snapshotNumber: this.#numbers.get(canvasId) ?? null,
      updates: this.rows.filter((row) => row.canvasId === canvasId),
    };
  }

  async compact(canvasId: string, { snapshot, seqs, replaces }: Replacement): Promise<bigint> {
    await this.#pass();
    if ((this.#numbers.get(canvasId) ?? null) !== replaces) throw new SnapshotSuperseded();
    const number = (replaces ?? 0n) + 1n;
    this.#numbers.set(canvasId, number);
    this.snapshots.set(canvasId, snapshot);
    this.rows = this.rows.filter((row) => !seqs.includes(row.seq));
    return number;
  }

  async renew(
    canvasId: string,
    { generation, ...rest }: Replacement & { readonly generation: number },
  ): Promise<void> {
    const known = this.rows.filter((row) => !rest.seqs.includes(row.seq));
    if (known.some((row) => row.canvasId === canvasId)) throw new SnapshotSuperseded();
    await this.compact(canvasId, rest);
    this.generations.set(canvasId, generation + 1);
  }

  async setAside(canvasId: string, rows: readonly UnreadableUpdate[]): Promise<void> {
    await this.#pass();
    const isNamed = (row: Row): boolean => rows.some(({ seq }) => seq === row.seq);
    this.setAsideRows.push(...this.rows.filter(isNamed));
    this.rows = this.rows.filter((row) => row.canvasId !== canvasId || !isNamed(row));
  }

  async #pass(): Promise<void> {
    await this.#gate;
    if (this.failure) throw this.failure;
  }
}
