import { describe, expect, test } from 'vitest';
import { rasterize } from '../shared/rasterize.ts';
import { isJudgeable, StrokesInput } from '../shared/stroke.ts';
import type { HandDrawnCategory } from './support/hand-drawn.ts';
import { HAND_DRAWN_CATEGORIES, HAND_DRAWN_PER_CATEGORY, handDrawn } from './support/hand-drawn.ts';
import { Hand } from './support/hand.ts';

const indices = Array.from({ length: HAND_DRAWN_PER_CATEGORY }, (_, n) => n);

/** Mean distance of two rasters, per pixel, 0 to 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, grey, i) => sum + Math.abs(grey - (b[i] ?? 0)), 0) / a.length;
}

/** Distances of every pair of rasters. */
function distances(rasters: readonly Uint8Array[]): number[] {
  return rasters.flatMap((a, i) => rasters.slice(i + 1).map((b) => distance(a, b)));
}

/** How the drawing is built: per stroke whether it is closed, and in which quarter it sets out. */
function structureOf(category: HandDrawnCategory, n: number): string {
  return handDrawn(category, n)
    .map(([xs, ys]) => {
      const [x0, y0] = [xs[0] ?? 0, ys[0] ?? 0];
      const gap = Math.hypot((xs.at(-1) ?? 0) - x0, (ys.at(-1) ?? 0) - y0);
      const size = Math.max(...xs) - Math.min(...xs) + Math.max(...ys) - Math.min(...ys);
      const third = Math.floor(xs.length / 3);
      const quarter = Math.atan2((ys[third] ?? 0) - y0, (xs[third] ?? 0) - x0) / (Math.PI / 2);
      return `${gap < size * 0.15 ? 'loop' : 'open'}${Math.round(quarter)}`;
    })
    .join(' ');
}

describe("the project's own sketches", () => {
  test('are at least 25 of at least 5 categories', () => {
    expect(HAND_DRAWN_CATEGORIES.length).toBeGreaterThanOrEqual(5);
    expect(HAND_DRAWN_PER_CATEGORY).toBeGreaterThanOrEqual(25);
  });

  describe.each(HAND_DRAWN_CATEGORIES)('%s', (category) => {
    test('is the same every time', () => {
      expect(handDrawn(category, 3)).toEqual(handDrawn(category, 3));
    });

    test('keeps to what the interface takes, in time order', () => {
      for (const n of indices) {
        const strokes = handDrawn(category, n);
        expect(StrokesInput.safeParse(strokes).success).toBe(true);
        expect(isJudgeable(strokes)).toBe(true);
        for (const [, , ts] of strokes) expect(ts).toEqual([...ts].sort((a, b) => a - b));
      }
    });

    test('is built in many ways', () => {
      const structures = new Set(indices.map((n) => structureOf(category, n)));
      const strokeCounts = new Set(indices.map((n) => handDrawn(category, n).length));
      expect(structures.size).toBeGreaterThanOrEqual(HAND_DRAWN_PER_CATEGORY * 0.9);
      expect(strokeCounts.size).toBeGreaterThanOrEqual(5);
    });

    test('differs more from drawing to drawing than one drawing copied by shaky hands', () => {
      const drawn = distances(indices.map((n) => rasterize(handDrawn(category, n))));
      const first = handDrawn(category, 0);
      const copies = distances(
        indices.map((seed) =>
          rasterize(
            new Hand(seed).draw(first.map(([xs, ys]) => xs.map((x, i) => [x, ys[i] ?? 0]))),
          ),
        ),
      );
      const median = (values: number[]): number =>
        [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
      expect(median(drawn)).toBeGreaterThan(1.2 * median(copies));
      expect(Math.min(...drawn)).toBeGreaterThan(15);
    });
  });
});
