/**
 * Keeps the log of one open canvas short. A snapshot of the document, checked, takes the place of
 * exactly the rows that the document contains at that moment; what is appended meanwhile stays.
 *
 *     rows or bytes past the threshold, or unload
 *        |
 *        v
 *     snapshot + its rows (one tick) --> check --> one transaction --> threshold as at first
 *                                          |             |
 *                                          +-- failure --+--> rows stay, threshold doubled
 */
import * as Y from 'yjs';
import { MAX_LOG_BYTES, MAX_LOG_ROWS } from '../../shared/limits.ts';
import type { CanvasLog } from './canvas-log.ts';
import { SnapshotSuperseded } from './canvas-log.ts';
import { ChangeOrigin } from './client-update.ts';
import type { SyncCounters } from './counters.ts';
import { leftMemory } from './left-memory.ts';
import type { Room } from './room.ts';
import type { CheckSnapshot } from './snapshot-check.ts';
import { factsOf } from './snapshot-facts.ts';
import { readStoredCanvas } from './stored-canvas.ts';

const MAX_FACTOR = 64;

export interface CompactionOptions {
  readonly room: Room;
  readonly log: CanvasLog;
  readonly check: CheckSnapshot;
  readonly counters: SyncCounters;
  /** Told what went wrong; the rows of the log are still there. */
  readonly onFailure: (canvasId: string, error: unknown) => void;
  /** The snapshot that the document was loaded from; null where there was none. */
  readonly snapshotNumber: bigint | null;
}

/** What is stored of one open canvas, and its compaction. */
export class Compaction {
  readonly #options: CompactionOptions;
  #snapshotNumber: bigint | null;
  #factor = 1;
  #isClosed = false;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: CompactionOptions) {
    this.#options = options;
    this.#snapshotNumber = options.snapshotNumber;
    options.room.writer.onLogGrown = () => this.#compactIfLong();
  }

  /** The newest snapshot that the document contains. */
  get snapshotNumber(): bigint | null {
    return this.#snapshotNumber;
  }

  /** One task on the canvas' history at a time: compactions, restores and renewals. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#last.then(task);
    this.#last = result
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
      });
    return result;
  }

  /** Replaces the rows that the document contains by a snapshot. Never throws. */
  async compact(): Promise<void> {
    await this.exclusively(() => this.#compact());
  }

  /** The room leaves memory: nothing uses its document from here on. */
  close(): void {
    this.#isClosed = true;
    this.#options.room.writer.onLogGrown = () => undefined;
  }

  /** Throws `canvas.renewed` when the room has left memory while somebody waited for his turn. */
  assertOpen(): void {
    if (this.#isClosed) throw leftMemory();
  }

  /** Takes in what others have stored of the canvas, and knows from here on that it is there. */
  async catchUp(): Promise<void> {
    const { room, log } = this.#options;
    const { doc, writer, canvasId, generation } = room;
    const before = writer.storedRows.seqs;
    const stored = await log.load(canvasId);
    if (!stored || this.#isClosed) return;
    if (stored.generation !== generation) throw new Error('The document has been begun anew');
    const { doc: copy, rows } = readStoredCanvas(stored);
    const missing = Y.encodeStateAsUpdate(copy, Y.encodeStateVector(doc));
    copy.destroy();
    Y.applyUpdate(doc, missing, new ChangeOrigin(null));
    writer.storedRows.remove(before);
    for (const { seq, bytes } of rows) writer.storedRows.add(seq, bytes);
    this.#snapshotNumber = stored.snapshotNumber;
  }

  #compactIfLong(): void {
    const { storedRows } = this.#options.room.writer;
    if (this.#isClosed || this.#waiting > 0) return;
    const isLong =
      storedRows.count >= MAX_LOG_ROWS * this.#factor ||
      storedRows.bytes >= MAX_LOG_BYTES * this.#factor;
    if (isLong) void this.compact();
  }

  async #compact(): Promise<void> {
    const { room, counters, onFailure } = this.#options;
    try {
      await this.#replaceOrCatchUp();
      this.#factor = 1;
    } catch (error) {
      // Nothing is lost: the rows are still there, and the next load replays them.
      counters.compactionFailures += 1;
      this.#factor = Math.min(MAX_FACTOR, this.#factor * 2);
      onFailure(room.canvasId, error);
    }
  }

  async #replaceOrCatchUp(): Promise<void> {
    try {
      await this.#replace();
    } catch (error) {
      if (!(error instanceof SnapshotSuperseded)) throw error;
      await this.catchUp();
      await this.#replace();
    }
  }

  async #replace(): Promise<void> {
    if (this.#isClosed) return;
    const { room, log, check, counters } = this.#options;
    const { doc, writer, canvasId } = room;
    const { seqs } = writer.storedRows;
    if (seqs.length === 0) return;
    // In the same tick: the snapshot contains these rows, and the facts are the snapshot's.
    const facts = factsOf(doc);
    const snapshot = Y.encodeStateAsUpdate(doc);
    await check(snapshot, facts);
    const replaces = this.#snapshotNumber;
    const number = await log.compact(canvasId, { snapshot, seqs, replaces });
    if (number !== null) this.#snapshotNumber = number;
    writer.storedRows.remove(seqs);
    counters.compactions += 1;
  }
}
