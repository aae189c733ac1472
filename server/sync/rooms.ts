import type { KeyObject } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { CanvasLog } from './canvas-log.ts';
import type { Clock } from './clock.ts';
import { Compaction } from './compaction.ts';
import type { SyncCounters } from './counters.ts';
import type { RenewalOutcome } from './renewal.ts';
import { renewRoom } from './renewal.ts';
import type { RoomPhase } from './room-life.ts';
import { RoomLife } from './room-life.ts';
import { loadCanvas } from './room-loader.ts';
import { Room } from './room.ts';
import type { SketchChange } from './sketch-feed.ts';
import type { CheckSnapshot } from './snapshot-check.ts';
import { UpdateLog } from './update-log.ts';

/** What the hub tells whoever keeps its journal. */
export interface SyncLogger {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface RoomsOptions {
  readonly log: CanvasLog;
  readonly clock: Clock;
  readonly logger: SyncLogger;
  readonly counters: SyncCounters;
  /** How far apart commits begin at least. */
  readonly commitEveryMs?: number | undefined;
  /** Told of each commit: how long it took, and how many changes it made durable. */
  readonly onCommit?: ((milliseconds: number, updates: number) => void) | undefined;
  /** Checks what is to take the place of a canvas' log. */
  readonly checkSnapshot: CheckSnapshot;
  /** How long a canvas stays in memory after the last person has left. */
  readonly unloadAfterMs: number;
  /** What changes are sealed with on their way to everybody. */
  readonly sealKey: KeyObject;
  readonly onSketchChanged: (change: SketchChange) => void;
  readonly onOpened: (canvasId: string) => void;
  readonly onClosed: (canvasId: string) => void;
}

/** A room that is held in memory until `release`. */
export class RoomLease {
  readonly room: Room;
  readonly #life: RoomLife;
  #isHeld = true;

  /** Use `Rooms.hold`. */
  constructor(room: Room, life: RoomLife) {
    this.room = room;
    this.#life = life;
  }

  /** Ends it; a second time does nothing. */
  release(): void {
    if (this.#isHeld) this.#life.release();
    this.#isHeld = false;
  }
}

/** The canvases in memory: loaded when the first one asks, unloaded a while after the last. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #updateLog: UpdateLog;
  readonly #lives = new Map<string, RoomLife>();
  readonly #compactions = new WeakMap<Room, Compaction>();
  #isClosing = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    const { log, clock, counters, logger } = options;
    this.#updateLog = new UpdateLog({
      log,
      clock,
      counters,
      commitEveryMs: options.commitEveryMs,
      onCommit: options.onCommit,
      onFailure: (canvasId, err) => logger.error({ canvasId, err }, 'sync.commit_failed'),
    });
  }

  /** Rooms that are loaded. */
  get loaded(): Room[] {
    return [...this.#lives.values()].map(({ room }) => room).filter((room) => room !== null);
  }

  /** How many canvases are at each point of their way through memory. */
  get phases(): Record<RoomPhase, number> {
    const phases = { loading: 0, live: 0, draining: 0 };
    for (const { phase } of this.#lives.values()) if (phase !== 'gone') phases[phase] += 1;
    return phases;
  }

  /** How many changes came to the rooms that are loaded. */
  get appended(): number {
    return this.loaded.reduce((sum, { writer }) => sum + writer.position, 0);
  }

  get unsaved(): UpdateLog['unsaved'] {
    return this.#updateLog.unsaved;
  }

  /** Whether new people are turned away. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** The room, if it is loaded. */
  find(canvasId: string): Room | null {
    return this.#lives.get(canvasId)?.room ?? null;
  }

  /** Loads the canvas if need be. Throws `canvas.unknown` or `database.unavailable`. */
  async hold(canvasId: string): Promise<RoomLease> {
    if (this.#isClosing)
      throw new AppError('server.stopping', 'The server is being restarted. Please try again.');
    const life = this.#lives.get(canvasId) ?? this.#begin(canvasId);
    return new RoomLease(await life.hold(), life);
  }

  /** Holds the canvas for one task on its history: no compaction, restore or renewal beside it. */
  async exclusively<T>(canvasId: string, task: (room: Room) => Promise<T>): Promise<T> {
    const lease = await this.hold(canvasId);
    try {
      const compaction = this.#compactionOf(lease.room);
      return await compaction.exclusively(() => {
        compaction.assertOpen();
        return task(lease.room);
      });
    } finally {
      lease.release();
    }
  }

  /**
   * Begins the document of the canvas anew with what it shows; `keep` is asked first. Everybody on
   * it is sent away, to come back to the new generation.
   */
  async renew(canvasId: string, keep: (room: Room) => Promise<void>): Promise<void> {
    const { log, checkSnapshot: check, logger } = this.#options;
    const outcome = await this.exclusively(canvasId, async (room) => {
      await keep(room);
      const compaction = this.#compactionOf(room);
      const ended = await renewRoom({ room, compaction, log, check });
      this.#end(canvasId, ended);
      return ended;
    });
    if (outcome.kind !== 'renewed') throw outcome.error;
    const next = await this.hold(canvasId);
    try {
      await outcome.late(next.room);
      logger.info({ canvasId, generation: next.room.generation }, 'sync.canvas_renewed');
    } finally {
      next.release();
    }
  }

  /** The canvas has been deleted: everybody is sent away, and what is not saved is dropped. */
  forget(canvasId: string): void {
    this.#putAway(canvasId, { code: CLOSE_CODES.gone, reason: 'This canvas has been deleted' });
  }

  /** Turns new people away, finishes what is being drawn, and waits until all of it is durable. */
  async drain(): Promise<void> {
    this.#isClosing = true;
    for (const room of this.loaded) {
      room.finishLiveInk();
      room.notify({ kind: 'stopping' });
    }
    await this.whenSaved();
  }

  /** Resolves when all that was written so far is durable. */
  async whenSaved(): Promise<void> {
    await Promise.allSettled(this.loaded.map((room) => room.writer.whenSaved()));
  }

  /** Sends everybody away and stores all rooms. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const room of this.loaded) room.closeAll(CLOSE_CODES.restarting, 'Restarting');
    await Promise.allSettled([...this.#lives.values()].map((life) => life.end()));
  }

  #begin(canvasId: string): RoomLife {
    const { clock, unloadAfterMs, onOpened } = this.#options;
    const life: RoomLife = new RoomLife({
      load: () => this.#load(canvasId),
      store: (room) => this.#store(room),
      onLive: () => onOpened(canvasId),
      onGone: (room) => {
        if (this.#lives.get(canvasId) === life) this.#lives.delete(canvasId);
        if (room) this.#dispose(room);
      },
      clock,
      unloadAfterMs,
    });
    this.#lives.set(canvasId, life);
    return life;
  }

  async #load(canvasId: string): Promise<Room> {
    const { clock, counters, logger, log, checkSnapshot: check } = this.#options;
    const { sealKey, onSketchChanged } = this.#options;
    const { doc, rows, generation, storedBytes, snapshotNumber } = await loadCanvas(
      this.#options,
      canvasId,
    );
    const writer = this.#updateLog.open(canvasId);
    for (const { seq, bytes } of rows) writer.storedRows.add(seq, bytes);
    const room = new Room({
      ...{ canvasId, generation, doc, storedBytes, writer, clock, counters },
      ...{ sealKey, onSketchChanged },
    });
    const compaction = new Compaction({
      ...{ room, log, check, counters, snapshotNumber },
      onFailure: (id, err) => logger.warn({ canvasId: id, err }, 'sync.compaction_failed'),
    });
    this.#compactions.set(room, compaction);
    return room;
  }

  async #store(room: Room): Promise<void> {
    room.finishLiveInk();
    try {
      await room.writer.whenSaved();
    } catch {
      // It has been put away meanwhile: there is nothing to store any more.
      return;
    }
    await this.#compactionOf(room).compact();
  }

  /** In the tick in which the renewal ended: whoever comes from here on loads what is stored. */
  #end(canvasId: string, { kind }: RenewalOutcome): void {
    switch (kind) {
      case 'renewed':
        return this.#putAway(canvasId, {
          code: CLOSE_CODES.otherGeneration,
          reason: 'This canvas has been begun anew',
        });
      case 'unknown':
        return this.#putAway(canvasId, { code: CLOSE_CODES.notReady, reason: 'Not ready' });
      case 'failed':
        return;
    }
  }

  #putAway(canvasId: string, why: { readonly code: number; readonly reason: string }): void {
    const life = this.#lives.get(canvasId);
    if (!life) return;
    life.room?.closeAll(why.code, why.reason);
    this.#lives.delete(canvasId);
    life.abandon();
  }

  #compactionOf(room: Room): Compaction {
    const compaction = this.#compactions.get(room);
    if (!compaction) throw new Error('A room without its compaction');
    return compaction;
  }

  #dispose(room: Room): void {
    this.#compactionOf(room).close();
    this.#updateLog.close(room.writer);
    room.destroy();
    this.#options.onClosed(room.canvasId);
  }
}
