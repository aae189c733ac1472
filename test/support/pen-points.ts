import type { InkPoints } from '../../shared/stroke-codec.ts';
import type { Point } from './hand.ts';

/** How a pen tells a stroke: a point every so many milliseconds, at the hand's speed. */
export interface PenMotion {
  /** Points a second. */
  readonly rate: number;
  /** Units of the sketch a second, where the stroke itself tells no times. */
  readonly speed: number;
  readonly place: (point: Point) => Point;
}

export const USUAL_PEN: PenMotion = { rate: 60, speed: 350, place: (point) => point };

/**
 * The points a pen would tell while drawing the stroke, evenly in time. Stored drawings are thinned
 * out to their corners; a live one is not.
 */
export function penPoints(stroke: readonly (readonly number[])[], motion: PenMotion): InkPoints {
  const [xs = [], ys = []] = stroke;
  const times = stroke[2] ?? timesAtSpeed(xs, ys, motion.speed);
  const duration = times.at(-1) ?? 0;
  const count = Math.ceil((duration / 1000) * motion.rate) + 1;
  const points = { xs: [], ys: [], ts: [], pressures: [] } as Record<keyof InkPoints, number[]>;
  for (let i = 0; i < count; i++) {
    const t = Math.min((i * 1000) / motion.rate, duration);
    const [x, y] = motion.place([valueAt(xs, times, t), valueAt(ys, times, t)]);
    points.xs.push(x);
    points.ys.push(y);
    points.ts.push(Math.round(t));
    points.pressures.push(0.5);
  }
  return points;
}

/** The value at a time, between the two that were stored around it. */
function valueAt(values: readonly number[], times: readonly number[], t: number): number {
  const next = times.findIndex((time) => time >= t);
  const [from, to] = [times[next - 1], times[next]];
  const [a, b] = [values[next - 1], values[next]];
  if (from === undefined || to === undefined || a === undefined || b === undefined)
    return (next < 0 ? values.at(-1) : values[next]) ?? 0;
  return to > from ? a + ((b - a) * (t - from)) / (to - from) : b;
}

function timesAtSpeed(xs: readonly number[], ys: readonly number[], speed: number): number[] {
  let at = 0;
  return xs.map((x, i) => {
    const length = i === 0 ? 0 : Math.hypot(x - (xs[i - 1] ?? x), (ys[i] ?? 0) - (ys[i - 1] ?? 0));
    at += (length / speed) * 1000;
    return at;
  });
}

/** A part of the points, in order. */
export function slicePoints(points: InkPoints, from: number, to: number): InkPoints {
  return {
    xs: points.xs.slice(from, to),
    ys: points.ys.slice(from, to),
    ts: points.ts.slice(from, to),
    pressures: points.pressures.slice(from, to),
  };
}
