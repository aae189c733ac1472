import { AppError } from '../../shared/errors.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { CanvasLog } from './canvas-log.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import { RoomLife } from './room-life.ts';
import { Room } from './room.ts';
import type { SketchChange } from './sketch-feed.ts';
import { makeSnapshot, readStoredCanvas } from './stored-canvas.ts';
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
  /** How long a canvas stays in memory after the last person has left. */
  readonly unloadAfterMs: number;
  readonly onSketchChanged: (change: SketchChange) => void;
  readonly onOpened: (canvasId: string) => void;
  readonly onClosed: (canvasId: string) => void;
}

/** A room that is held in memory; `release` it exactly once. */
export interface RoomLease {
  readonly room: Room;
  release(): void;
}

/** The canvases in memory: loaded when the first one asks, unloaded a while after the last. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #updateLog: UpdateLog;
  readonly #lives = new Map<string, RoomLife>();
  #isClosing = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    const { log, clock, counters, logger } = options;
    this.#updateLog = new UpdateLog({
      log,
      clock,
      counters,
      onFailure: (canvasId, err) => logger.error({ canvasId, err }, 'sync.commit_failed'),
    });
  }

  /** Rooms that are loaded. */
  get loaded(): Room[] {
    return [...this.#lives.values()].map(({ room }) => room).filter((room) => room !== null);
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
    let isHeld = true;
    const release = (): void => {
      if (isHeld) life.release();
      isHeld = false;
    };
    return { room: await life.hold(), release };
  }

  /** The canvas has been deleted: everybody is sent away, and what is not saved is dropped. */
  async forget(canvasId: string): Promise<void> {
    const life = this.#lives.get(canvasId);
    life?.room?.closeAll(CLOSE_CODES.gone, 'This canvas has been deleted');
    life?.room?.writer.discard();
    await life?.end();
  }

  /** Turns new people away, finishes what is being drawn, and waits until all of it is durable. */
  async drain(): Promise<void> {
    this.#isClosing = true;
    for (const room of this.loaded) {
      room.finishLiveInk();
      room.notify({ kind: 'stopping' });
    }
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
    const { clock, counters, logger, onSketchChanged } = this.#options;
    const stored = await this.#read(canvasId);
    const { doc, seqs, unreadable } = readStoredCanvas(stored);
    if (unreadable.length > 0) {
      counters.unreadableUpdates += unreadable.length;
      logger.error({ canvasId, rows: unreadable.map(String) }, 'sync.unreadable_updates');
    }
    const writer = this.#updateLog.open(canvasId);
    writer.storedSeqs.push(...seqs);
    return new Room({ canvasId, doc, writer, clock, counters, onSketchChanged });
  }

  async #read(canvasId: string): Promise<NonNullable<Awaited<ReturnType<CanvasLog['load']>>>> {
    const { log, counters, logger } = this.#options;
    try {
      const stored = await log.load(canvasId);
      if (stored) return stored;
    } catch (error) {
      counters.loadFailures += 1;
      logger.error({ canvasId, err: error }, 'sync.load_failed');
      const message = 'This canvas cannot be opened right now. Please try again in a moment.';
      throw new AppError('database.unavailable', message, {}, { cause: error });
    }
    throw new AppError('canvas.unknown', 'This canvas does not exist any more.');
  }

  async #store(room: Room): Promise<void> {
    const { log, counters, logger } = this.#options;
    const { canvasId, doc, writer } = room;
    room.finishLiveInk();
    try {
      await writer.whenSaved();
      const seqs = [...writer.storedSeqs];
      if (seqs.length === 0) return;
      await log.compact(canvasId, makeSnapshot(doc), seqs);
      writer.storedSeqs.splice(0, seqs.length);
    } catch (error) {
      // Nothing is lost: the rows are still there, and the next load replays them.
      counters.compactionFailures += 1;
      logger.warn({ canvasId, err: error }, 'sync.compaction_failed');
    }
  }

  #dispose(room: Room): void {
    this.#updateLog.close(room.writer);
    room.destroy();
    this.#options.onClosed(room.canvasId);
  }
}
