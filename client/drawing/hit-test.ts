import type { InkPoints } from '../../shared/stroke-codec.ts';
import type { Point } from './view.ts';

/** A stroke as the eraser sees it. */
export interface TouchableStroke {
  readonly id: string;
  readonly ink: { readonly points: InkPoints; readonly style: { readonly width: number } };
}

/** The ids of the strokes that the eraser touches on its way from one point to the next. */
export function strokesTouched(
  strokes: Iterable<TouchableStroke>,
  way: { readonly from: Point; readonly to: Point },
  reach: number,
): string[] {
  return [...strokes].filter((stroke) => isTouched(stroke, way, reach)).map(({ id }) => id);
}

function isTouched(
  { ink }: TouchableStroke,
  { from, to }: { readonly from: Point; readonly to: Point },
  reach: number,
): boolean {
  const { xs, ys } = ink.points;
  const limit = reach + ink.style.width / 2;
  let start = pointAt(xs, ys, 0);
  for (let i = Math.min(1, xs.length - 1); i < xs.length; i++) {
    const end = pointAt(xs, ys, i);
    if (segmentDistance([from, to], [start, end]) <= limit) return true;
    start = end;
  }
  return false;
}

type Segment = readonly [Point, Point];

/** The distance of two segments; 0 where they cross. */
function segmentDistance(a: Segment, b: Segment): number {
  if (cross(a, b)) return 0;
  return Math.min(
    pointDistance(a[0], b),
    pointDistance(a[1], b),
    pointDistance(b[0], a),
    pointDistance(b[1], a),
  );
}

function pointDistance(p: Point, [a, b]: Segment): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const along = squared > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / squared : 0;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

function cross([a, b]: Segment, [c, d]: Segment): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

function side(a: Point, b: Point, p: Point): number {
  return Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x));
}

function pointAt(xs: readonly number[], ys: readonly number[], i: number): Point {
  return { x: xs[i] ?? 0, y: ys[i] ?? 0 };
}
