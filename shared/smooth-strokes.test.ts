import { describe, expect, test } from 'vitest';
import { smoothStrokes } from './smooth-strokes.ts';
import type { StrokeColumns } from './stroke.ts';

/** A line from the corner to (size, size * slope), with a point at every pixel that it passes. */
function pixelByPixel(size: number, slope: number): StrokeColumns {
  const xs = Array.from({ length: size + 1 }, (_, i) => i);
  return [xs, xs.map((x) => Math.round(x * slope))];
}

/** How far the points lie from the line y = slope * x, at most. */
function farthestFrom(slope: number, [xs, ys]: StrokeColumns): number {
  const away = Array.from(xs, (x, i) => Math.abs((ys[i] ?? 0) - slope * x));
  return Math.max(...away) / Math.hypot(1, slope);
}

/** Sharpest change of direction from step to step, in degrees. */
function sharpestTurn([xs, ys]: StrokeColumns): number {
  const directions = Array.from(xs, (x, i) =>
    Math.atan2((ys[i] ?? 0) - (ys[i - 1] ?? 0), x - (xs[i - 1] ?? 0)),
  ).slice(1);
  const turns = directions.slice(1).map((to, i) => {
    const turn = Math.abs(to - (directions[i] ?? 0)) % (2 * Math.PI);
    return Math.min(turn, 2 * Math.PI - turn);
  });
  return (Math.max(...turns) * 180) / Math.PI;
}

function only(strokes: readonly StrokeColumns[]): StrokeColumns {
  const [stroke] = strokes;
  if (!stroke) throw new Error('There is no stroke.');
  return stroke;
}

describe('a slanted line drawn pixel by pixel', () => {
  const drawn = pixelByPixel(200, 0.3);
  const smooth = only(smoothStrokes([drawn]));

  test('has no steps any more', () => {
    expect(sharpestTurn(drawn)).toBeGreaterThan(44);
    expect(sharpestTurn(smooth)).toBeLessThan(12);
    expect(farthestFrom(0.3, drawn)).toBeGreaterThan(0.4);
    expect(farthestFrom(0.3, smooth)).toBeLessThan(0.3);
  });

  test('begins, ends and has as many points as before', () => {
    const [xs, ys] = smooth;
    expect(xs).toHaveLength(201);
    expect([xs[0], ys[0], xs[200], ys[200]]).toEqual([0, 0, 200, 60]);
  });

  test('comes out the same elsewhere and larger', () => {
    const [xs, ys] = drawn;
    const moved = only(
      smoothStrokes([
        [Array.from(xs, (x) => x * 7 - 500), Array.from(ys, (y) => y * 7 + 90)] as const,
      ]),
    );
    for (let i = 0; i < xs.length; i++) {
      expect(moved[0][i]).toBeCloseTo((smooth[0][i] ?? 0) * 7 - 500, 6);
      expect(moved[1][i]).toBeCloseTo((smooth[1][i] ?? 0) * 7 + 90, 6);
    }
  });
});

test('points far from one another stay where they are', () => {
  const house: StrokeColumns[] = [
    [
      [10, 10, 90, 90, 10],
      [90, 40, 40, 90, 90],
    ],
  ];
  const [xs, ys] = only(smoothStrokes(house));
  expect([Array.from(xs), Array.from(ys)]).toEqual(house[0]);
});

test('a corner between long lines is cut by no more than the pen is wide', () => {
  const steps = Array.from({ length: 101 }, (_, i) => i);
  const flat = steps.map(() => 0);
  const drawn: StrokeColumns = [
    [...steps, ...flat.slice(1).map(() => 100)],
    [...flat, ...steps.slice(1)],
  ];
  const [xs, ys] = only(smoothStrokes([drawn]));
  const away = Math.hypot(100 - (xs[100] ?? 0), ys[100] ?? 0);
  expect(away).toBeGreaterThan(0);
  expect(away).toBeLessThan(2.5);
});

test('a stroke does not pull at another one', () => {
  const line: StrokeColumns = pixelByPixel(100, 0);
  const beside: StrokeColumns = [line[0], Array.from(line[1], () => 1)];
  const [, ys] = only(smoothStrokes([line, beside]));
  expect(Array.from(ys).every((y) => y === 0)).toBe(true);
});

test.each([
  ['no stroke', []],
  ['a dot', [[[5], [7]]]],
  [
    'points that are all the same',
    [
      [
        [3, 3, 3],
        [9, 9, 9],
      ],
    ],
  ],
] satisfies [string, StrokeColumns[]][])('%s is left as it is', (_, strokes) => {
  expect(smoothStrokes(strokes)).toEqual(strokes);
});
