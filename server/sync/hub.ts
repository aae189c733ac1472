import { createSecretKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { updateSketch } from '../../shared/canvas-doc.ts';
import { AppError } from '../../shared/errors.ts';
import { MAX_CONNECTIONS_PER_ROOM } from '../../shared/limits.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { CanvasDocuments, CanvasInk, SketchInk } from '../domain/ports.ts';
import { createCanvasDocuments } from './canvas-history.ts';
import type { LiveSeat } from '../domain/standing.ts';
import type { CanvasLog } from './canvas-log.ts';
import type { Clock } from './clock.ts';
import { closeHub } from './close-hub.ts';
import { systemClock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { RoomPhase } from './room-life.ts';
import type { Room } from './room.ts';
import type { SyncLogger } from './rooms.ts';
import { Rooms } from './rooms.ts';
import type { OpenSketch, SketchChange } from './sketch-feed.ts';
import { findSketchKey } from './sketch-key.ts';
import { createSnapshotCheck } from './snapshot-check.ts';
import type { TrafficLimits } from './traffic.ts';
import { Traffic } from './traffic.ts';
import type { Authorisation } from './upgrade.ts';
import { createSyncUpgrade } from './upgrade.ts';

export interface HubOptions {
  readonly log: CanvasLog;
  readonly authorise: (request: IncomingMessage, canvasId: string) => Promise<Authorisation>;
  readonly logger: SyncLogger;
  /** What changes are sealed with; the same on all servers of the same data, and after a restart. */
  readonly sealSecret: string;
  /** What one person may send; by default the product's limits. */
  readonly traffic?: Partial<TrafficLimits> | undefined;
  readonly maxConnectionsPerRoom?: number | undefined;
  /** The bundle of `snapshot-check-main.ts`; without it large snapshots are checked here. */
  readonly snapshotCheckEntry?: string | undefined;
  /** How long a canvas stays in memory after the last person has left. */
  readonly unloadAfterMs: number;
  /** How far apart commits begin at least. */
  readonly commitEveryMs?: number | undefined;
  /** Told of each commit: how long it took, and how many changes it made durable. */
  readonly onCommit?: ((milliseconds: number, updates: number) => void) | undefined;
  /** How often each client has to show that it is there. */
  readonly pingEveryMs?: number | undefined;
  readonly clock?: Clock;
}

/** What the hub is and has done, for operators. */
export interface HubMetrics extends Readonly<SyncCounters> {
  readonly rooms: number;
  readonly roomsByPhase: Readonly<Record<RoomPhase, number>>;
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
  /** The history of canvases. */
  readonly documents: CanvasDocuments;
  openCanvasIds(): string[];
  /** The sketches of an open canvas, live ink included; none when it is not open. */
  sketchesOf(canvasId: string): OpenSketch[];
  /** Called in the tick in which the ink came; must be cheap. Returns its undo. */
  onSketchChanged(listener: (change: SketchChange) => void): () => void;
  onCanvasOpened(listener: (canvasId: string) => void): () => void;
  onCanvasClosed(listener: (canvasId: string) => void): () => void;
  /** Told of the participant who has just come onto a canvas. */
  onJoined(listener: (participantId: string) => void): () => void;
  /** Everybody on an open canvas, to make what they may do follow what they were granted. */
  seats(): LiveSeat[];
  /** The canvas has been deleted: sends everybody on it away. */
  forgetCanvas(canvasId: string): Promise<void>;
  metrics(): HubMetrics;
  /** Turns new people away and waits until everything drawn is durable. */
  drain(): Promise<void>;
  /** Drains, closes all connections and stores all canvases; gives up soon after `withinMs`. */
  close(withinMs?: number): Promise<void>;
}

const CLOSE_WITHIN_MS = 7_000;
const PING_EVERY_MS = 20_000;
const COMMIT_EVERY_MS = 16;

/** Builds the hub. */
export function createHub(options: HubOptions): Hub {
  const { log, authorise, logger, unloadAfterMs, clock = systemClock } = options;
  const counters = createCounters();
  const sketchChanged = createListeners<SketchChange>(logger);
  const opened = createListeners<string>(logger);
  const closed = createListeners<string>(logger);
  const joined = createListeners<string>(logger);
  const rooms = new Rooms({
    log,
    clock,
    logger,
    counters,
    checkSnapshot: createSnapshotCheck(options.snapshotCheckEntry ?? null),
    unloadAfterMs,
    commitEveryMs: options.commitEveryMs ?? COMMIT_EVERY_MS,
    onCommit: options.onCommit,
    sealKey: createSecretKey(options.sealSecret, 'utf8'),
    onSketchChanged: sketchChanged.tell,
    onOpened: opened.tell,
    onClosed: closed.tell,
  });
  const traffic = new Traffic(clock, options.traffic);
  const upgrade = createSyncUpgrade({
    ...{ rooms, authorise, logger, counters, traffic },
    onJoined: joined.tell,
    pingEveryMs: options.pingEveryMs ?? PING_EVERY_MS,
    maxConnectionsPerRoom: options.maxConnectionsPerRoom ?? MAX_CONNECTIONS_PER_ROOM,
  });
  return {
    ...createCanvasInk(rooms),
    documents: createCanvasDocuments(rooms),
    handleUpgrade: upgrade.handle,
    openCanvasIds: () => rooms.loaded.map(({ canvasId }) => canvasId),
    sketchesOf: (canvasId) => rooms.find(canvasId)?.sketches.all() ?? [],
    onSketchChanged: sketchChanged.add,
    onCanvasOpened: opened.add,
    onCanvasClosed: closed.add,
    onJoined: joined.add,
    seats: () => rooms.loaded.flatMap(seatsIn),
    forgetCanvas: async (canvasId) => rooms.forget(canvasId),
    metrics: () => measure(rooms, counters, clock),
    drain: () => rooms.drain(),
    close: (withinMs = CLOSE_WITHIN_MS) => closeHub({ rooms, upgrade, logger }, withinMs),
  };
}

function seatsIn(room: Room): LiveSeat[] {
  const place = { canvasId: room.canvasId };
  return room.members.map((member) => ({
    ...{ participantId: member.participantId, place },
    settle: (standing) => {
      if (standing.kind === 'gone') member.close(CLOSE_CODES.gone, 'Deleted');
      else room.changeRole(member, standing.kind === 'member' ? standing.role : null);
    },
  }));
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
          updateSketch(canvas, { sketchId: findSketchKey(canvas, sketchId), to }, origin),
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
    roomsByPhase: rooms.phases,
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
