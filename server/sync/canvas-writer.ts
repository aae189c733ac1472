import * as Y from 'yjs';
import type { LogEntry } from './canvas-log.ts';
import type { Clock } from './clock.ts';
import { StoredRows } from './stored-rows.ts';

/** After so long without a commit the people on the canvas are told. */
const NOT_SAVING_AFTER_MS = 2_000;
/** `Y.mergeUpdates` is quadratic in how many it merges at once. */
const MERGED_AT_ONCE = 64;

interface Unsaved {
  readonly update: Uint8Array;
  readonly authorId: string | null;
  /** How many appended updates it stands for. */
  readonly updates: number;
}

interface Waiter {
  readonly position: number;
  readonly onSaved: () => void;
  readonly onDiscarded: () => void;
}

/**
 * One canvas' end of the log. Positions count its appended updates; a waiter is called when the
 * log has committed past the position at which it came, so acknowledgements keep the log's order.
 */
export class CanvasWriter {
  readonly canvasId: string;
  /** Rows of the log that the document contains; compaction deletes exactly these. */
  readonly storedRows = new StoredRows();
  /** Told when a change waits too long for its commit, and when that is over. */
  onSavingChanged: (isSaving: boolean) => void = () => undefined;
  /** Told after each commit. */
  onCommitted: () => void = () => undefined;
  /** Told after each commit, for whoever keeps the log short. */
  onLogGrown: () => void = () => undefined;

  readonly #clock: Clock;
  readonly #onReady: (writer: CanvasWriter) => void;
  #unsaved: Unsaved[] = [];
  #waiters: Waiter[] = [];
  #unsavedBytes = 0;
  #appended = 0;
  #committed = 0;
  #failures = 0;
  #oldestAt = Infinity;
  #isSaving = true;
  #isTaken = false;
  #isHeld = false;
  #onIdle: (() => void)[] = [];
  #stopAlarm: () => void = () => undefined;

  constructor(canvasId: string, clock: Clock, onReady: (writer: CanvasWriter) => void) {
    this.canvasId = canvasId;
    this.#clock = clock;
    this.#onReady = onReady;
  }

  get unsaved(): { readonly updates: number; readonly bytes: number; readonly oldestAt: number } {
    const updates = this.#appended - this.#committed;
    return { updates, bytes: this.#unsavedBytes, oldestAt: this.#oldestAt };
  }

  /** False while a change has been waiting too long for its commit. */
  get isSaving(): boolean {
    return this.#isSaving;
  }

  /** Hands a change to the log. */
  append(update: Uint8Array, authorId: string | null): void {
    this.#unsaved.push({ update, authorId, updates: 1 });
    this.#unsavedBytes += update.length;
    this.#appended += 1;
    if (this.#oldestAt === Infinity) this.#startAlarm();
    // While it fails, only the retry's own timer asks for the next attempt.
    if (this.#failures === 0 && !this.#isHeld) this.#onReady(this);
  }

  /** Calls back when everything appended so far is durable: at once when it is. */
  afterCommit(onSaved: () => void, onDiscarded: () => void = () => undefined): void {
    if (this.#committed === this.#appended) onSaved();
    else this.#waiters.push({ position: this.#appended, onSaved, onDiscarded });
  }

  /** Resolves when everything appended so far is durable. */
  whenSaved(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.afterCommit(resolve, () =>
        reject(new Error('The canvas was closed before it was saved')),
      );
    });
  }

  /** Whether there is something for the log to take. */
  get isReady(): boolean {
    return this.#unsaved.length > 0 && !this.#isHeld;
  }

  /**
   * Keeps what is not saved from the log until `resume`, or until it is closed; resolves when no
   * commit of it is under way.
   */
  async hold(): Promise<void> {
    this.#isHeld = true;
    if (this.#isTaken) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Ends `hold`. */
  resume(): void {
    this.#isHeld = false;
    if (this.isReady) this.#onReady(this);
  }

  /** How much has been appended so far, for `savedUpTo`. */
  get position(): number {
    return this.#appended;
  }

  /** What was appended up to that position is durable by another way than the log. */
  savedUpTo(position: number): void {
    this.#committed = position;
    this.#tellSaved();
  }

  /** All unsaved changes as one row; they stay unsaved until `committed`. */
  take(): LogEntry {
    const merged = mergeInTree(this.#unsaved.map(({ update }) => update));
    const authors = new Set(this.#unsaved.map(({ authorId }) => authorId));
    const [authorId = null] = authors.size === 1 ? authors : [];
    this.#unsaved = [{ update: merged, authorId, updates: this.unsaved.updates }];
    this.#unsavedBytes = merged.length;
    this.#isTaken = true;
    return { canvasId: this.canvasId, authorId, update: merged };
  }

  /** The row that was taken last is durable. */
  committed(seq: bigint | undefined): void {
    this.#putBack();
    const [saved] = this.#unsaved.splice(0, 1);
    if (!saved) return;
    this.#unsavedBytes -= saved.update.length;
    if (seq !== undefined) this.storedRows.add(seq, saved.update.length);
    this.#committed += saved.updates;
    this.#failures = 0;
    this.#startAlarm();
    this.#tellSaving(true);
    // What came while a retry was under way has asked nobody yet.
    if (this.isReady) this.#onReady(this);
    this.#tellSaved();
    this.onCommitted();
    this.onLogGrown();
  }

  /** The row that was taken last could not be stored; returns how often in a row. */
  failed(): number {
    this.#putBack();
    this.#failures += 1;
    return this.#failures;
  }

  /** Gives up what is not saved: the canvas is gone. */
  discard(): void {
    this.#stopAlarm();
    this.#unsaved = [];
    this.#unsavedBytes = 0;
    this.#committed = this.#appended;
    for (const { onDiscarded } of this.#waiters.splice(0)) onDiscarded();
  }

  /** No commit is under way any more. */
  #putBack(): void {
    this.#isTaken = false;
    for (const onIdle of this.#onIdle.splice(0)) onIdle();
  }

  #tellSaved(): void {
    const due = this.#waiters.filter(({ position }) => position <= this.#committed);
    this.#waiters = this.#waiters.slice(due.length);
    for (const { onSaved } of due) onSaved();
  }

  #startAlarm(): void {
    this.#stopAlarm();
    this.#oldestAt = this.#unsaved.length > 0 ? this.#clock.now() : Infinity;
    if (this.#oldestAt === Infinity) return;
    this.#stopAlarm = this.#clock.after(NOT_SAVING_AFTER_MS, () => this.#tellSaving(false));
  }

  #tellSaving(isSaving: boolean): void {
    if (this.#isSaving === isSaving) return;
    this.#isSaving = isSaving;
    this.onSavingChanged(isSaving);
  }
}

function mergeInTree(updates: readonly Uint8Array[]): Uint8Array {
  const [first] = updates;
  if (updates.length <= 1) return first ?? new Uint8Array([0, 0]);
  const merged: Uint8Array[] = [];
  for (let from = 0; from < updates.length; from += MERGED_AT_ONCE)
    merged.push(Y.mergeUpdates(updates.slice(from, from + MERGED_AT_ONCE)));
  return mergeInTree(merged);
}
