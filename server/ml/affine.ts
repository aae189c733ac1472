import type { StrokeColumns } from '../../shared/stroke.ts';

/** x becomes `xx * x + xy * y + dx`, and y `yx * x + yy * y + dy`. */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly dx: number;
  readonly dy: number;
}

/** The stroke elsewhere. */
export function transformed(
  [xs, ys]: StrokeColumns,
  { xx, xy, yx, yy, dx, dy }: Affine,
): StrokeColumns {
  const [newXs, newYs] = [new Float32Array(xs.length), new Float32Array(xs.length)];
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [xs[i] ?? 0, ys[i] ?? 0];
    newXs[i] = xx * x + xy * y + dx;
    newYs[i] = yx * x + yy * y + dy;
  }
  return [newXs, newYs];
}
