import { z } from 'zod';
import {
  MAX_COORDINATE,
  MAX_POINTS_PER_SKETCH,
  MAX_POINTS_PER_STROKE,
  MAX_STROKES_PER_SKETCH,
} from './limits.ts';

/**
 * A stroke in columns, the form of the Quick, Draw! dataset: x to the right, y down, any unit,
 * and optionally the milliseconds since the stroke began. Columns are equally long.
 */
export type StrokeColumns = readonly [
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  ts?: ArrayLike<number>,
];

const Column = z
  .array(z.number().min(-MAX_COORDINATE).max(MAX_COORDINATE))
  .min(1)
  .max(MAX_POINTS_PER_STROKE);

const StrokeInput = z
  .union([z.tuple([Column, Column]), z.tuple([Column, Column, Column])])
  .refine((columns) => columns.every((column) => column.length === columns[0].length), {
    message: 'A stroke needs as many y as x values.',
  });

/** Strokes as they come from outside: at least one point, finite, within the limits. */
export const StrokesInput = z
  .array(StrokeInput)
  .min(1)
  .max(MAX_STROKES_PER_SKETCH)
  .refine((strokes) => countPoints(strokes) <= MAX_POINTS_PER_SKETCH, {
    message: `A sketch has at most ${MAX_POINTS_PER_SKETCH} points.`,
  });

/** How many points the strokes have in all. */
export function countPoints(strokes: readonly StrokeColumns[]): number {
  return strokes.reduce((sum, [xs]) => sum + xs.length, 0);
}

/** Left, top, right and bottom of all points, or null where there is none. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The smallest box around the strokes' points. */
export function boxOf(strokes: readonly StrokeColumns[]): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [xs, ys] of strokes) {
    for (let i = 0; i < xs.length; i++) {
      left = Math.min(left, xs[i] ?? left);
      right = Math.max(right, xs[i] ?? right);
      top = Math.min(top, ys[i] ?? top);
      bottom = Math.max(bottom, ys[i] ?? bottom);
    }
  }
  return left <= right ? { left, top, right, bottom } : null;
}

/** Length of the box's longer side: the size of a sketch. */
export function longerSideOf({ left, top, right, bottom }: Box): number {
  return Math.max(right - left, bottom - top);
}

/**
 * Whether there is enough ink to judge: something longer than a dot. The threshold is in the
 * strokes' own unit, because a dot is a dot at any zoom: at least two different points.
 */
export function isJudgeable(strokes: readonly StrokeColumns[]): boolean {
  const box = boxOf(strokes);
  return box !== null && longerSideOf(box) > 0;
}
