import { describe, expect, test } from 'vitest';
import { MAX_POINTS_PER_STROKE } from './limits.ts';
import { PATH_FEATURES, penPath } from './pen-path.ts';
import { rasterize } from './rasterize.ts';
import type { StrokeColumns } from './stroke.ts';

const POINTS = 9;
const [X, Y, RIGHT, LEFT, DOWN, UP, START] = [0, 1, 2, 3, 4, 5, 6];
const [JUMP_LEFT, JUMP_DOWN, STEP, WIDTH, HEIGHT, STROKES_BEFORE] = [8, 9, 11, 12, 13, 14];

/** Along the top to the right, down, then apart from that a dot at the lower left. */
const strokes: StrokeColumns[] = [
  [
    [0, 100, 100],
    [0, 0, 50],
  ],
  [[0], [50]],
];

function rowOf(row: number, of: readonly StrokeColumns[] = strokes, points = POINTS): number[] {
  return [...penPath(of, points).subarray(row * points, (row + 1) * points)];
}

/** The same lines with further points on them. */
function denser([xs, ys]: StrokeColumns, times: number): StrokeColumns {
  const stretched = (values: ArrayLike<number>): number[] =>
    Array.from({ length: (values.length - 1) * times + 1 }, (_, i) => {
      const [from = 0, to = from] = Array.from(values).slice(Math.floor(i / times));
      return from + ((i % times) / times) * (to - from);
    });
  return [stretched(xs), stretched(ys)];
}

describe('the path of the pen', () => {
  test('goes from the first point to the last, in the middle of the shorter side', () => {
    expect(rowOf(X)).toEqual([0, 96, 191, 255, 255, 255, 255, 0, 0]);
    expect(rowOf(Y)).toEqual([64, 64, 64, 80, 128, 175, 191, 191, 191]);
  });

  test('tells where the pen went, and nothing of where it stood', () => {
    expect(rowOf(RIGHT).slice(0, 3)).toEqual([0, 255, 255]);
    expect(rowOf(LEFT).slice(0, 7)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(rowOf(DOWN).slice(4, 7)).toEqual([255, 255, 255]);
    expect(rowOf(UP).every((up) => up === 0)).toBe(true);
    expect(rowOf(STEP).at(-1)).toBe(0);
  });

  test('tells where a stroke begins, which, and how far it is from the one before', () => {
    expect(rowOf(START)).toEqual([255, 0, 0, 0, 0, 0, 0, 255, 0]);
    expect(rowOf(STROKES_BEFORE)).toEqual([0, 0, 0, 0, 0, 0, 0, 16, 16]);
    expect(rowOf(JUMP_LEFT)).toEqual([0, 0, 0, 0, 0, 0, 0, 255, 0]);
    expect(rowOf(JUMP_DOWN).every((down) => down === 0)).toBe(true);
  });

  test('tells how wide and how high the sketch is', () => {
    expect(new Set(rowOf(WIDTH))).toEqual(new Set([255]));
    expect(new Set(rowOf(HEIGHT))).toEqual(new Set([128]));
  });

  test('does not depend on place and size', () => {
    const moved = strokes.map(([xs, ys]): StrokeColumns => [
      Array.from(xs, (x) => -7 + 3 * x),
      Array.from(ys, (y) => 1000 + 3 * y),
    ]);
    expect(penPath(moved, POINTS)).toEqual(penPath(strokes, POINTS));
  });

  test('nor on how many points a line is made of, also of long ones', () => {
    const dense = strokes.map((stroke) => denser(stroke, 100));
    expect(penPath(dense, POINTS)).toEqual(penPath(strokes, POINTS));
  });

  test('spends more points on what bends', () => {
    const bends = Array.from({ length: 10 }, (_, i) => i);
    const zigzag: StrokeColumns = [
      [0, ...bends.map((i) => 100 + i)],
      [0, ...bends.map((i) => 10 * (i % 2))],
    ];
    const onStraight = rowOf(X, [zigzag], 64).filter((x) => x < 0.9 * 255).length;
    expect(onStraight).toBeLessThan(8);
  });

  test('leaves out a trembling of the hand', () => {
    const line: StrokeColumns = [
      [0, 50, 100],
      [0, 0.5, 0],
    ];
    const [, ys] = line;
    expect(Math.max(...Array.from(ys))).toBe(0.5);
    expect(new Set(rowOf(DOWN, [line]))).toEqual(new Set([0]));
  });

  test('of a dot stands in the middle', () => {
    expect(rowOf(X, [[[5], [7]]])).toEqual(Array.from({ length: POINTS }, () => 128));
    expect(rowOf(STEP, [[[5], [7]]])).toEqual(Array.from({ length: POINTS }, () => 0));
  });

  test('of nothing is all 0', () => {
    expect(penPath([], POINTS)).toEqual(new Uint8Array(PATH_FEATURES * POINTS));
  });

  test('of more strokes than points is a part of them', () => {
    const dots = Array.from({ length: 100 }, (_, i): StrokeColumns => [[i], [0]]);
    const xs = rowOf(X, dots);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    expect([xs[0], xs.at(-1)]).toEqual([0, 255]);
  });

  test('of the longest scribble keeps points in order and in the box', () => {
    const angles = Array.from({ length: MAX_POINTS_PER_STROKE }, (_, i) => i * 2.4);
    const scribble: StrokeColumns = [
      angles.map((angle) => angle * Math.cos(angle)),
      angles.map((angle) => angle * Math.sin(angle)),
    ];
    const spread = new Set(rowOf(X, [scribble], 64));
    expect(spread.size).toBeGreaterThan(20);
  });
});

test('a raster with the path has it as its last plane, and the image as before', () => {
  const raster = rasterize(strokes, { planes: 7 });
  expect(raster.subarray(0, 6 * 1024)).toEqual(rasterize(strokes, { planes: 6 }));
  expect(raster.subarray(6 * 1024)).toEqual(penPath(strokes, 64));
});
