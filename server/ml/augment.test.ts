import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { countPoints, type StrokeColumns } from '../../shared/stroke.ts';
import {
  augmentLineWidth,
  augmentStrokes,
  DEFAULT_AUGMENTATION,
  prefixOf,
  type Augmentation,
} from './augment.ts';

const sketch: StrokeColumns[] = [
  [
    [0, 10, 20, 30],
    [0, 5, 0, 5],
  ],
  [
    [0, 30],
    [9, 9],
  ],
];

const still: Augmentation = {
  turn: 0,
  shear: 0,
  stretch: 0,
  mirrorChance: 0,
  deform: null,
  dropChance: 0,
  prefixChance: 0,
  leastPrefix: 0.5,
  lineWidth: 0,
};

function points(strokes: readonly StrokeColumns[]): number[][][] {
  return strokes.map(([xs, ys]) => [Array.from(xs), Array.from(ys)]);
}

describe('the beginning of a sketch', () => {
  test('is its first points, in drawing order', () => {
    expect(points(prefixOf(sketch, 0.5))).toEqual([
      [
        [0, 10, 20],
        [0, 5, 0],
      ],
    ]);
  });

  test('may end in the middle of a later stroke', () => {
    expect(points(prefixOf(sketch, 5 / 6)).at(-1)).toEqual([[0], [9]]);
  });

  test('has at least one point and at most all', () => {
    expect(countPoints(prefixOf(sketch, 0))).toBe(1);
    expect(points(prefixOf(sketch, 1))).toEqual(points(sketch));
  });
});

describe('augmentation', () => {
  test('of no strength changes nothing', () => {
    expect(points(augmentStrokes(sketch, still, seededRandom(1)))).toEqual(points(sketch));
    expect(augmentLineWidth(still, seededRandom(1))).toBe(0.05);
  });

  test('gives the same sketch for the same seed, and others for others', () => {
    const make = (seed: number): number[][][] =>
      points(augmentStrokes(sketch, DEFAULT_AUGMENTATION, seededRandom(seed)));
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });

  test('may leave out a stroke, but never the only one', () => {
    const dropping = { ...still, dropChance: 1 };
    expect(augmentStrokes(sketch, dropping, seededRandom(1))).toHaveLength(1);
    expect(augmentStrokes(sketch.slice(0, 1), dropping, seededRandom(1))).toHaveLength(1);
  });

  test('may mirror', () => {
    const mirrored = augmentStrokes(sketch, { ...still, mirrorChance: 1 }, seededRandom(1));
    expect(points(mirrored)[0]?.[0]?.map(Math.abs)).toEqual([0, 10, 20, 30]);
    expect(points(mirrored)[0]?.[0]?.[3]).toBe(-30);
  });

  test('may deform, a little', () => {
    const deform = { chance: 1, strokeShift: 0.02, bend: 0.02 };
    const deformed = points(augmentStrokes(sketch, { ...still, deform }, seededRandom(1)));
    const before = points(sketch).flat(2);
    const moves = deformed.flat(2).map((value, i) => Math.abs(value - (before[i] ?? NaN)));
    expect(deformed.map(([xs]) => xs?.length)).toEqual([4, 2]);
    expect(Math.min(...moves)).toBeGreaterThan(0);
    // The sketch is 30 wide.
    expect(Math.max(...moves)).toBeLessThan(5);
  });

  test('moves strokes against each other', () => {
    const deform = { chance: 1, strokeShift: 0.05, bend: 0 };
    const [first, second] = points(augmentStrokes(sketch, { ...still, deform }, seededRandom(1)));
    // Both began at x = 0.
    expect(first?.[0]?.[0]).not.toBeCloseTo(second?.[0]?.[0] ?? NaN, 2);
  });

  test('a dot stays a dot', () => {
    const random = seededRandom(2);
    const [dot] = points(augmentStrokes([[[5], [7]]], DEFAULT_AUGMENTATION, random));
    expect(dot?.map((values) => values.length)).toEqual([1, 1]);
    expect(dot?.flat().every(Number.isFinite)).toBe(true);
  });

  test('never gives a point that is not finite', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 200; i++) {
      const numbers = points(augmentStrokes(sketch, DEFAULT_AUGMENTATION, random)).flat(2);
      expect(numbers.length).toBeGreaterThan(0);
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });
});
