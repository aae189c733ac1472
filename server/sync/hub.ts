import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { updateSketch } from '../../shared/canvas-doc.ts';
import { AppError } from '../../shared/errors.ts';
import type { CanvasInk, SketchInk } from '../domain/ports.ts';
import type { CanvasLog } from './canvas-log.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { SyncLogger } from './rooms.ts';
import { Rooms } from './rooms.ts';
import type { OpenSketch, SketchChange } from './sketch-feed.ts';
import type { Authorisation } from './upgrade.ts';
import { createSyncUpgrade } from './upgrade.ts';

export interface HubOptions {
  readonly log: CanvasLog;
  readonly authorise: (request: IncomingMessage, canvasId: string) => Promise<Authorisation>;
  readonly logger: SyncLogger;
  /** How long a canvas stays in memory after the last person has left. */
  readonly unloadAfterMs: number;
  /** How often each client has to show that it is there. */
  readonly pingEveryMs?: number | undefined;
  readonly clock?: Clock;
}

/** What the hub is and has done, for operators. */
export interface HubMetrics extends Readonly<SyncCounters> {
  readonly rooms: number;
  readonly connections: number;
  readonly unsavedUpdates: number;
  readonly unsavedBytes: number;
  /** 0 when everything is saved. */
  readonly oldestUnsavedMs: number;
}

/** The sync hub as the rest of the server sees it. */
export interface Hub extends CanvasInk {
  /** Takes an HTTP upgrade for `/sync/<canvasId>`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  openCanvasIds(): string[];
  /** The sketches of an open canvas, live ink included; none when it is not open. */
  sketchesOf(canvasId: string): OpenSketch[];
  /** Called in the tick in which the ink came; must be cheap. Returns its undo. */
  onSketchChanged(listener: (change: SketchChange) => void): () => void;
  onCanvasOpened(listener: (canvasId: string) => void): () => void;
  onCanvasClosed(listener: (canvasId: string) => void): () => void;
  /** The canvas has been deleted: sends everybody on it away. */
  forgetCanvas(canvasId: string): Promise<void>;
  metrics(): HubMetrics;
  /** Turns new people away and waits until everything drawn is durable. */
  drain(): Promise<void>;
  /** Drains, closes all connections and stores all canvases; gives up after `withinMs`. */
  close(withinMs?: number): Promise<void>;
}

const CLOSE_WITHIN_MS = 8_000;

/** Builds the hub. */
export function createHub(options: HubOptions): Hub {
  const { log, authorise, logger, unloadAfterMs, clock = systemClock } = options;
  const counters = createCounters();
  const sketchChanged = createListeners<SketchChange>(logger);
  const opened = createListeners<string>(logger);
  const closed = createListeners<string>(logger);
  const rooms = new Rooms({
    log,
    clock,
    logger,
    counters,
    unloadAfterMs,
    onSketchChanged: sketchChanged.tell,
    onOpened: opened.tell,
    onClosed: closed.tell,
  });
  const { pingEveryMs } = options;
  const upgrade = createSyncUpgrade({ rooms, authorise, logger, counters, pingEveryMs });
  return {
    ...createCanvasInk(rooms),
    handleUpgrade: upgrade.handle,
    openCanvasIds: () => rooms.loaded.map(({ canvasId }) => canvasId),
    sketchesOf: (canvasId) => rooms.find(canvasId)?.sketches.all() ?? [],
    onSketchChanged: sketchChanged.add,
    onCanvasOpened: opened.add,
    onCanvasClosed: closed.add,
    forgetCanvas: (canvasId) => rooms.forget(canvasId),
    metrics: () => measure(rooms, counters, clock),
    drain: () => rooms.drain(),
    close: async (withinMs = CLOSE_WITHIN_MS) => {
      await within(
        withinMs,
        rooms.drain().then(() => rooms.close()),
      );
      await upgrade.close();
    },
  };
}

/** The port of the domain: a canvas that nobody has open is loaded for it. */
function createCanvasInk(rooms: Rooms): CanvasInk {
  return {
    findSketch: async (canvasId: string, sketchId: string): Promise<SketchInk | null> => {
      const lease = await rooms.hold(canvasId);
      const found = lease.room.sketches.findFinished(sketchId);
      lease.release();
      return found;
    },
    confirmSketch: async (canvasId, sketchId, categoryId) => {
      const lease = await rooms.hold(canvasId);
      const to = { state: categoryId ? 'confirmed' : 'open', categoryId } as const;
      try {
        const isKnown = await lease.room.change(null, (canvas, origin) =>
          updateSketch(canvas, { sketchId, to }, origin),
        );
        if (!isKnown) throw new AppError('sketch.unknown', 'This sketch is not there any more.');
      } finally {
        lease.release();
      }
    },
  };
}

function measure(rooms: Rooms, counters: SyncCounters, clock: Clock): HubMetrics {
  const { loaded, unsaved } = rooms;
  return {
    ...counters,
    rooms: loaded.length,
    connections: loaded.reduce((sum, { memberCount }) => sum + memberCount, 0),
    unsavedUpdates: unsaved.updates,
    unsavedBytes: unsaved.bytes,
    oldestUnsavedMs: unsaved.updates > 0 ? clock.now() - unsaved.oldestAt : 0,
  };
}

interface Listeners<T> {
  add(listener: (event: T) => void): () => void;
  tell(event: T): void;
}

function createListeners<T>(logger: SyncLogger): Listeners<T> {
  const listeners = new Set<(event: T) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event) => {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (err) {
          // Somebody else's mistake must not keep the ink from the others on the canvas.
          logger.error({ err }, 'sync.listener_failed');
        }
      }
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
