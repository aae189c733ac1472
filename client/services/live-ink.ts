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

/** The live ink of others, put together from their frames. */
export class LiveInk {
  readonly #strokes = new Map<string, LiveStroke>();

  get strokes(): Iterable<LiveStroke> {
    return this.#strokes.values();
  }

  /** Adds the points of a frame, or forgets the stroke where it was given up. */
  apply(frame: LiveFrame): void {
    if (frame.isCancelled) {
      this.#strokes.delete(frame.strokeId);
      return;
    }
    const stroke = this.#strokes.get(frame.strokeId) ?? startOf(frame);
    this.#strokes.set(frame.strokeId, stroke);
    place(stroke, frame);
  }

  /** Forgets strokes that have become ink of the document; whether there was one. */
  settle(isFinished: (strokeId: string) => boolean): boolean {
    const finished = [...this.#strokes.keys()].filter(isFinished);
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
