import type { CanvasLog } from './canvas-log.ts';
import { CanvasWriter } from './canvas-writer.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

export interface UpdateLogOptions {
  /**
   * Commits begin so far apart at least, each with all that came: one costs the same for one change
   * or for fifty. By default the next begins when the last has ended.
   */
  readonly commitEveryMs?: number | undefined;
  readonly log: CanvasLog;
  readonly clock: Clock;
  readonly counters: SyncCounters;
  /** Told of each commit: how long it took, and how many changes it made durable. */
  readonly onCommit?: ((milliseconds: number, updates: number) => void) | undefined;
  readonly onFailure: (canvasId: string, error: unknown) => void;
}

/**
 * The one writer of a server (group commit): a flush starts at once when idle, and whatever arrives
 * during a commit forms the next one. What fails stays with its canvas and is tried again with
 * growing pauses, without holding up the other canvases.
 */
export class UpdateLog {
  readonly #options: UpdateLogOptions;
  readonly #writers = new Set<CanvasWriter>();
  readonly #ready = new Set<CanvasWriter>();
  #isFlushing = false;
  #nextCommitAt = 0;

  constructor(options: UpdateLogOptions) {
    this.#options = options;
  }

  /** The log of one canvas, from here on. */
  open(canvasId: string): CanvasWriter {
    const writer = new CanvasWriter(canvasId, this.#options.clock, (ready) => this.#enqueue(ready));
    this.#writers.add(writer);
    return writer;
  }

  /** Forgets a canvas; what it had not saved is dropped with it. */
  close(writer: CanvasWriter): void {
    writer.discard();
    this.#writers.delete(writer);
    this.#ready.delete(writer);
  }

  /** Changes that are not durable yet, over all canvases. */
  get unsaved(): { readonly updates: number; readonly bytes: number; readonly oldestAt: number } {
    let [updates, bytes, oldestAt] = [0, 0, Infinity];
    for (const { unsaved } of this.#writers) {
      updates += unsaved.updates;
      bytes += unsaved.bytes;
      oldestAt = Math.min(oldestAt, unsaved.oldestAt);
    }
    return { updates, bytes, oldestAt };
  }

  #enqueue(writer: CanvasWriter): void {
    this.#ready.add(writer);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // After the reads of this turn of the event loop: what arrives together is committed together.
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    while (this.#ready.size > 0) {
      await this.#untilDue();
      const writers = [...this.#ready].filter((writer) => writer.isReady);
      this.#ready.clear();
      await this.#commit(writers);
    }
    this.#isFlushing = false;
  }

  async #untilDue(): Promise<void> {
    const { clock, commitEveryMs = 0 } = this.#options;
    const waitMs = this.#nextCommitAt - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    this.#nextCommitAt = clock.now() + commitEveryMs;
  }

  async #commit(writers: readonly CanvasWriter[]): Promise<void> {
    if (writers.length === 0) return;
    const outcome = await this.#append(writers);
    if (outcome.ok) {
      writers.forEach((writer, i) => writer.committed(outcome.seqs[i]));
    } else if (writers.length > 1) {
      // One canvas that cannot be written (deleted meanwhile) must not stop the others.
      await Promise.all(writers.map((writer) => this.#commit([writer])));
    } else {
      this.#retryLater(writers, outcome.error);
    }
  }

  async #append(
    writers: readonly CanvasWriter[],
  ): Promise<{ ok: true; seqs: readonly bigint[] } | { ok: false; error: unknown }> {
    const { log, counters, onCommit } = this.#options;
    const startedAt = performance.now();
    const updates = writers.reduce((sum, { unsaved }) => sum + unsaved.updates, 0);
    try {
      const seqs = await log.append(writers.map((writer) => writer.take()));
      counters.commits += 1;
      onCommit?.(performance.now() - startedAt, updates);
      return { ok: true, seqs };
    } catch (error) {
      counters.commitFailures += 1;
      return { ok: false, error };
    }
  }

  #retryLater(writers: readonly CanvasWriter[], error: unknown): void {
    for (const writer of writers) {
      const failures = writer.failed();
      const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
      this.#options.onFailure(writer.canvasId, error);
      this.#options.clock.after(pauseMs, () => {
        if (this.#writers.has(writer)) this.#enqueue(writer);
      });
    }
  }
}
