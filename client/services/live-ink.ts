import type { InkStyle } from '../../shared/stroke-codec.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';

/** Somebody's stroke that is still being drawn. */
export interface LiveStroke {
  readonly id: string;
  readonly sketchId: string;
  readonly style: InkStyle;
  readonly xs: number[];
  readonly ys: number[];
  readonly ts: number[];
  readonly pressures: number[];
}

/**
 * The live ink of others, put together from their frames. Frames of one's own strokes come back
 * together with those of others, and some come late: both are left aside.
 */
export class LiveInk {
  readonly #strokes = new Map<string, LiveStroke>();
  readonly #own = new Set<string>();
  readonly #hasInk: (strokeId: string) => boolean;

  /** `hasInk`: whether a stroke is part of the document already. */
  constructor(hasInk: (strokeId: string) => boolean) {
    this.#hasInk = hasInk;
  }

  get strokes(): Iterable<LiveStroke> {
    return this.#strokes.values();
  }

  /** This stroke is one's own: it is painted as it is drawn, whatever comes back of it. */
  ignore(strokeId: string): void {
    this.#own.add(strokeId);
  }

  /**
   * Adds the points of a frame, or forgets the stroke where it was given up. False where there is
   * nothing new to show.
   */
  apply(frame: LiveFrame): boolean {
    const { strokeId } = frame;
    if (frame.isCancelled) return this.#strokes.delete(strokeId);
    if (this.#own.has(strokeId) || this.#hasInk(strokeId)) return false;
    const stroke = this.#strokes.get(strokeId) ?? startOf(frame);
    this.#strokes.set(strokeId, stroke);
    place(stroke, frame);
    return true;
  }

  /** Forgets strokes that have become ink of the document; whether one of others was among them. */
  settle(): boolean {
    const finished = [...this.#strokes.keys()].filter(this.#hasInk);
    for (const id of finished) this.#strokes.delete(id);
    return finished.length > 0;
  }

  clear(): void {
    this.#strokes.clear();
  }
}

function startOf(frame: LiveFrame): LiveStroke {
  const { strokeId, sketchId, style } = frame;
  return { id: strokeId, sketchId, style, xs: [], ys: [], ts: [], pressures: [] };
}

/** Points go where their sequence says: a repeated frame changes nothing, a lost one leaves no hole. */
function place(stroke: LiveStroke, { sequence, points }: LiveFrame): void {
  const from = Math.min(sequence, stroke.xs.length);
  const count = points.xs.length;
  stroke.xs.splice(from, count, ...points.xs);
  stroke.ys.splice(from, count, ...points.ys);
  stroke.ts.splice(from, count, ...points.ts);
  stroke.pressures.splice(from, count, ...points.pressures);
}
