import { MAX_PIECE_MS, MAX_POINTS_PER_PIECE } from '../../shared/limits.ts';
import type { InkPoints, InkStroke, InkStyle } from '../../shared/stroke-codec.ts';
import type { Box } from '../../shared/stroke.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import { simulatePressure } from './simulated-pressure.ts';

/** Where the pen is, in canvas units. */
export interface PenSample {
  readonly x: number;
  readonly y: number;
  /** 0 to 1, or null where the device tells none. */
  readonly pressure: number | null;
  /** Unix time in ms. */
  readonly at: number;
}

/** Part of a stroke, ready for the document: short strokes are one piece, long ones several. */
export interface Piece {
  readonly id: string;
  readonly sketchId: string;
  readonly ink: InkStroke;
}

/** A live frame stays far below the limit of its size. */
const MAX_POINTS_PER_FRAME = 200;

export interface RecordedStroke {
  readonly strokeId: string;
  readonly sketchId: string;
  readonly authorId: string;
  readonly style: InkStyle;
}

/**
 * A stroke while it is drawn. It is cut into pieces of bounded length and time, so that little is
 * lost with a connection; the first point of a piece repeats the last of the one before.
 */
export class StrokeRecorder {
  readonly stroke: RecordedStroke;
  #piece = 0;
  #startedAt: number;
  #points: Record<keyof InkPoints, number[]> = { xs: [], ys: [], ts: [], pressures: [] };
  #framed = 0;
  #box: Box;

  constructor(stroke: RecordedStroke, first: PenSample) {
    this.stroke = stroke;
    this.#startedAt = first.at;
    this.#box = { left: first.x, top: first.y, right: first.x, bottom: first.y };
    this.add(first);
  }

  /** The points of the piece being drawn. */
  get points(): InkPoints {
    return this.#points;
  }

  /** Around the whole stroke, earlier pieces included. */
  get box(): Box {
    return this.#box;
  }

  get pieceId(): string {
    return `${this.stroke.strokeId}/${this.#piece}`;
  }

  /** Adds where the pen has come to; standing still adds nothing. */
  add(sample: PenSample): void {
    const { xs, ys, ts, pressures } = this.#points;
    const last = xs.length - 1;
    const [lastX, lastY] = [xs[last], ys[last]];
    if (lastX === sample.x && lastY === sample.y) return;
    const moved =
      lastX === undefined || lastY === undefined
        ? 0
        : Math.hypot(sample.x - lastX, sample.y - lastY);
    this.#box = {
      left: Math.min(this.#box.left, sample.x),
      top: Math.min(this.#box.top, sample.y),
      right: Math.max(this.#box.right, sample.x),
      bottom: Math.max(this.#box.bottom, sample.y),
    };
    xs.push(sample.x);
    ys.push(sample.y);
    ts.push(Math.max(0, sample.at - this.#startedAt));
    pressures.push(
      sample.pressure ?? simulatePressure(pressures[last], moved, this.stroke.style.width),
    );
  }

  /** The points that nobody else has yet, or null where there are none. */
  takeFrame(): LiveFrame | null {
    const from = this.#framed;
    const to = Math.min(this.#points.xs.length, from + MAX_POINTS_PER_FRAME);
    if (to <= from) return null;
    this.#framed = to;
    return {
      ...this.#frameHead(from),
      isCancelled: false,
      points: {
        xs: this.#points.xs.slice(from, to),
        ys: this.#points.ys.slice(from, to),
        ts: this.#points.ts.slice(from, to),
        pressures: this.#points.pressures.slice(from, to),
      },
    };
  }

  /** After a reconnect the others know nothing of the piece: the next frame tells all of it. */
  resend(): void {
    this.#framed = 0;
  }

  /** Tells the others to forget the piece. */
  cancelFrame(): LiveFrame {
    return {
      ...this.#frameHead(this.#framed),
      isCancelled: true,
      points: { xs: [], ys: [], ts: [], pressures: [] },
    };
  }

  /** The piece, once it is long enough; the next one has begun then. */
  takePiece(at: number): Piece | null {
    const isDue =
      this.#points.xs.length >= MAX_POINTS_PER_PIECE || at - this.#startedAt >= MAX_PIECE_MS;
    if (!isDue || this.#points.xs.length < 2) return null;
    const piece = this.finish();
    this.#beginNext();
    return piece;
  }

  /** The last piece, at pen-up. */
  finish(): Piece {
    const { authorId, sketchId, style } = this.stroke;
    const ink = { style, authorId, startedAt: this.#startedAt, points: this.#points };
    return { id: this.pieceId, sketchId, ink };
  }

  #beginNext(): void {
    const { xs, ys, ts, pressures } = this.#points;
    this.#startedAt += ts.at(-1) ?? 0;
    this.#piece += 1;
    this.#framed = 0;
    this.#points = {
      xs: xs.slice(-1),
      ys: ys.slice(-1),
      ts: [0],
      pressures: pressures.slice(-1),
    };
  }

  #frameHead(sequence: number): Pick<LiveFrame, 'strokeId' | 'sketchId' | 'sequence' | 'style'> {
    const { sketchId, style } = this.stroke;
    return { strokeId: this.pieceId, sketchId, sequence, style };
  }
}
