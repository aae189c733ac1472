import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { CanvasJoined, ClientEvents, ServerEvents } from '../../shared/events.ts';
import { REALTIME_PATH } from '../../shared/events.ts';
import type { Participant } from '../../shared/participant.ts';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { InkPoints } from '../../shared/stroke-codec.ts';
import { eventually } from './eventually.ts';
import type { HttpSession } from './http-session.ts';
import type { PenMotion } from './pen-points.ts';
import { penPoints, slicePoints, USUAL_PEN } from './pen-points.ts';
import { SyncConnection } from './sync-connection.ts';

/** A frame of live ink as it went out. */
export interface SentFrame {
  readonly sequence: number;
  readonly points: number;
  readonly sentAt: number;
}

/** A stroke that was drawn, with the moments at which its parts went out. */
export interface DrawnRecord {
  readonly strokeId: string;
  readonly sketchId: string;
  readonly isFirstOfSketch: boolean;
  readonly frames: readonly SentFrame[];
  /** When the finished stroke went out. */
  readonly penUpAt: number;
  /** Its number among the updates of the connection; null when it was not connected. */
  readonly updateNumber: number | null;
}

export interface ArrivedPrediction {
  readonly at: number;
  readonly prediction: SketchPrediction;
}

export interface DrawOptions {
  readonly sketchId?: string;
  /** Real milliseconds for each drawn one: 1 is a hand's own speed, 0 as fast as it goes. */
  readonly pace?: number;
  /** Milliseconds between pen-up and the next pen-down. */
  readonly pauseMs?: number;
  readonly motion?: Partial<PenMotion>;
  readonly signal?: AbortSignal;
}

/** A page sends what the pen has told this often. */
const LIVE_FRAME_MS = 33;

type Realtime = Socket<ServerEvents, ClientEvents>;

/** A guest who takes part by the real HTTP interface and both real sockets, and draws as a page does. */
export class ScriptedParticipant {
  readonly session: HttpSession;
  readonly participant: Participant;
  readonly canvasId: string;
  readonly sync: SyncConnection;
  readonly realtime: Realtime;
  readonly canvas: CanvasDoc;
  readonly predictions: ArrivedPrediction[] = [];

  /** Use `join`. */
  constructor(session: HttpSession, participant: Participant, canvasId: string) {
    this.session = session;
    this.participant = participant;
    this.canvasId = canvasId;
    this.sync = new SyncConnection(session.url, canvasId, session.cookie);
    this.canvas = openCanvasDoc(this.sync.doc);
    this.realtime = io(session.url, {
      path: REALTIME_PATH,
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { cookie: session.cookie },
    });
    this.realtime.on('prediction:updated', ({ predictions }) => {
      const at = performance.now();
      for (const prediction of predictions) this.predictions.push({ at, prediction });
    });
  }

  /** Comes as a new guest, or in the session given, opens the canvas by its link and waits for it. */
  static async join(session: HttpSession, canvasId: string): Promise<ScriptedParticipant> {
    const participant = await session.get<Participant>('/me');
    await session.post(`/canvases/${canvasId}/visits`);
    const scripted = new ScriptedParticipant(session, participant, canvasId);
    const joined: CanvasJoined = await scripted.realtime
      .timeout(10_000)
      .emitWithAck('canvas:join', { canvasId });
    if (!joined.ok) throw new Error(`canvas:join refused: ${joined.error.code}`);
    await eventually(() => {
      if (!scripted.sync.isSynced) throw new Error('The document has not come.');
    });
    return scripted;
  }

  /** Draws the strokes one after the other into one sketch, live frames first, as a page would. */
  async draw(
    strokes: readonly (readonly (readonly number[])[])[],
    options: DrawOptions = {},
  ): Promise<DrawnRecord[]> {
    const sketchId = options.sketchId ?? randomUUID();
    const drawn: DrawnRecord[] = [];
    for (const stroke of strokes) {
      if (options.signal?.aborted) break;
      const points = penPoints(stroke, { ...USUAL_PEN, ...options.motion });
      drawn.push(await this.#drawStroke(points, sketchId, options));
      await pause(performance.now() + (options.pauseMs ?? 0));
    }
    return drawn;
  }

  /** The predictions of a sketch so far, in order of arrival. */
  predictionsOf(sketchId: string): ArrivedPrediction[] {
    return this.predictions.filter(({ prediction }) => prediction.sketchId === sketchId);
  }

  /** Whether the server has said that the stroke is on its disk. */
  isAcknowledged({ updateNumber }: DrawnRecord): boolean {
    return updateNumber !== null && updateNumber <= this.sync.acknowledged;
  }

  close(): void {
    this.realtime.close();
    this.sync.close();
  }

  async #drawStroke(
    points: InkPoints,
    sketchId: string,
    { pace = 1 }: DrawOptions,
  ): Promise<DrawnRecord> {
    const strokeId = randomUUID();
    const isFirstOfSketch = !this.canvas.sketches.has(sketchId);
    const startedAt = Date.now();
    const frames: SentFrame[] = [];
    const begin = performance.now();
    const penUpMs = points.ts.at(-1) ?? 0;
    let sequence = 0;
    for (let at = LIVE_FRAME_MS; at < penUpMs; at += LIVE_FRAME_MS) {
      await pause(begin + at * pace);
      const end = points.ts.findIndex((t) => t > at);
      frames.push({ sequence, points: end - sequence, sentAt: performance.now() });
      this.sync.sendLiveFrame({
        strokeId,
        sketchId,
        sequence,
        isCancelled: false,
        style: this.#style,
        points: slicePoints(points, sequence, end),
      });
      sequence = end;
    }
    await pause(begin + penUpMs * pace);
    const penUpAt = performance.now();
    const ink = { style: this.#style, authorId: this.participant.id, startedAt, points };
    const sentBefore = this.sync.sent;
    addStroke(this.canvas, { id: strokeId, sketchId, ink }, 'drawing');
    const updateNumber = this.sync.sent > sentBefore ? this.sync.sent : null;
    return { strokeId, sketchId, isFirstOfSketch, frames, penUpAt, updateNumber };
  }

  get #style(): { tool: 'pen'; color: string; width: number } {
    return { tool: 'pen', color: this.participant.color, width: 4 };
  }
}

/** Waits until `performance.now()` has reached a moment; at least lets others run. */
async function pause(until: number): Promise<void> {
  const rest = until - performance.now();
  await new Promise<void>((resolve) =>
    rest > 0 ? setTimeout(resolve, rest) : setImmediate(resolve),
  );
}
