/**
 * Takes the steps of a pixel grid and the trembling of a hand out of strokes. A line drawn slowly
 * with a mouse has a point at every pixel, and then it only ever goes in one of eight directions; a
 * network that is told directions and corners would see a line that nobody meant.
 */
import { boxOf, longerSideOf, type StrokeColumns } from './stroke.ts';

/** How far along the line, to each side, a point has a say in another: a share of the longer side. */
const REACH = 12 / 255;

/** To each side. More, in the worst case, would only cost time. */
const MOST_POINTS = 32;

/**
 * The same points, each moved to the weighted mean of those around it: as many after it as before it,
 * the nearer the heavier. Ends stay where they are, and so do points far from others: a sketch of
 * few points is left as it is.
 */
export function smoothStrokes(strokes: readonly StrokeColumns[]): readonly StrokeColumns[] {
  const box = boxOf(strokes);
  const reach = box ? REACH * longerSideOf(box) : 0;
  return reach > 0 ? strokes.map((stroke) => smoothed(stroke, reach)) : strokes;
}

function smoothed(stroke: StrokeColumns, reach: number): StrokeColumns {
  const [xs, ys] = stroke;
  const lengths = lengthsAlong(stroke);
  const [newXs, newYs] = [Float64Array.from(xs), Float64Array.from(ys)];
  for (let i = 1; i < xs.length - 1; i++) {
    const around = pointsAround(lengths, i, reach);
    let [x, y] = [0, 0];
    for (let j = -around; j <= around; j++) {
      const weight = around + 1 - Math.abs(j);
      x += weight * (xs[i + j] ?? 0);
      y += weight * (ys[i + j] ?? 0);
    }
    const weights = (around + 1) ** 2;
    newXs[i] = x / weights;
    newYs[i] = y / weights;
  }
  return [newXs, newYs];
}

/** Length of the line from its first point to each. */
function lengthsAlong([xs, ys]: StrokeColumns): Float64Array {
  const lengths = new Float64Array(xs.length);
  for (let i = 1; i < lengths.length; i++) {
    const [dx, dy] = [(xs[i] ?? 0) - (xs[i - 1] ?? 0), (ys[i] ?? 0) - (ys[i - 1] ?? 0)];
    lengths[i] = (lengths[i - 1] ?? 0) + Math.sqrt(dx * dx + dy * dy);
  }
  return lengths;
}

/** How many points before and as many after point `i` lie within reach. */
function pointsAround(lengths: Float64Array, i: number, reach: number): number {
  const at = lengths[i] ?? 0;
  const [before, after] = [i, lengths.length - 1 - i];
  const most = Math.min(before, after, MOST_POINTS);
  let points = 0;
  while (
    points < most &&
    at - (lengths[i - points - 1] ?? 0) <= reach &&
    (lengths[i + points + 1] ?? 0) - at <= reach
  )
    points++;
  return points;
}
