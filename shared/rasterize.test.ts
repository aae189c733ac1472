import { describe, expect, test } from 'vitest';
import goldens from './rasterize.golden.json' with { type: 'json' };
import { rasterize } from './rasterize.ts';
import type { StrokeColumns } from './stroke.ts';

const circle: StrokeColumns = [
  Array.from({ length: 25 }, (_, i) => Math.cos((i * Math.PI) / 12)),
  Array.from({ length: 25 }, (_, i) => Math.sin((i * Math.PI) / 12)),
];

const sketches: Record<string, StrokeColumns[]> = {
  cross: [
    [
      [0, 100],
      [0, 100],
    ],
    [
      [0, 100],
      [100, 0],
    ],
  ],
  circle: [circle],
  'flat zigzag': [
    [
      [0, 20, 40, 60, 80, 100],
      [0, 10, 0, 10, 0, 10],
    ],
  ],
  'upright line and dot': [
    [
      [5, 5],
      [0, 80],
    ],
    [[5], [100]],
  ],
  house: [
    [
      [10, 10, 90, 90, 10],
      [90, 40, 40, 90, 90],
    ],
    [
      [0, 50, 100],
      [45, 0, 45],
    ],
    [
      [40, 40, 60, 60],
      [90, 60, 60, 90],
    ],
  ],
};

/** Rows of a raster as hexadecimal text. */
function toRows(raster: Uint8Array): string[] {
  const bytes = Array.from(raster, (grey) => grey.toString(16).padStart(2, '0'));
  return Array.from({ length: 32 }, (_, y) => bytes.slice(y * 32, (y + 1) * 32).join(''));
}

function moved(
  strokes: StrokeColumns[],
  scale: number,
  [dx, dy]: [number, number],
): StrokeColumns[] {
  return strokes.map(([xs, ys]) => [
    Array.from(xs, (x) => x * scale + dx),
    Array.from(ys, (y) => y * scale + dy),
  ]);
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((max, grey, i) => Math.max(max, Math.abs(grey - (b[i] ?? 0))), 0);
}

/** Left, top, right and bottom of everything that is not paper. */
function inkBox(raster: Uint8Array, pixels: number): number[] {
  const inked = Array.from(raster.keys()).filter((i) => (raster[i] ?? 0) > 0);
  const xs = inked.map((i) => i % pixels);
  const ys = inked.map((i) => Math.floor(i / pixels));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

describe('a sketch looks as it did when the starter model was trained', () => {
  test.each(Object.entries(sketches))('%s', (name, strokes) => {
    expect(toRows(rasterize(strokes))).toEqual((goldens as Record<string, string[]>)[name]);
  });
});

describe('place and size on the canvas do not matter', () => {
  test.each(Object.entries(sketches))('%s', (_, strokes) => {
    const raster = rasterize(strokes);
    for (const scale of [0.01, 3.7, 900]) {
      const other = rasterize(moved(strokes, scale, [-1234.5, 777]));
      expect(largestDifference(raster, other)).toBeLessThanOrEqual(1);
    }
  });

  test('nor the distance between points on a straight line', () => {
    const steps = Array.from({ length: 101 }, (_, i) => i);
    const dense = rasterize([[steps, steps]]);
    const sparse = rasterize([
      [
        [0, 100],
        [0, 100],
      ],
    ]);
    expect(largestDifference(dense, sparse)).toBeLessThanOrEqual(1);
  });
});

test('the ink is centred, keeps its aspect and stays off the edge', () => {
  const wide = rasterize(sketches['flat zigzag'] ?? []);
  const [left = 0, top = 0, right = 0, bottom = 0] = inkBox(wide, 32);
  expect([left + right, top + bottom]).toEqual([31, 31]);
  expect(left).toBe(0);
  expect(bottom - top).toBeLessThan(8);
  expect(Array.from({ length: 32 }, (_, y) => wide[y * 32] ?? 0).every((grey) => grey < 128)).toBe(
    true,
  );
});

test('without strokes it is all paper', () => {
  expect(rasterize([]).every((grey) => grey === 0)).toBe(true);
});

test('a single point becomes a dot in the middle', () => {
  const raster = rasterize([[[17], [-4]]]);
  expect(inkBox(raster, 32)).toEqual([15, 15, 16, 16]);
});

test('points that are all the same are drawn like one', () => {
  expect(
    rasterize([
      [
        [3, 3, 3],
        [9, 9, 9],
      ],
    ]),
  ).toEqual(rasterize([[[0], [0]]]));
});

test('can be drawn larger, for people', () => {
  const raster = rasterize([circle], { pixels: 256 });
  expect(raster).toHaveLength(256 * 256);
  const [left = 0, top = 0, right = 0, bottom = 0] = inkBox(raster, 256);
  expect([left + right, top + bottom]).toEqual([255, 255]);
  expect(Math.max(...raster)).toBe(255);
});

describe('the planes of the order and the direction', () => {
  const area = 32 * 32;
  /** Sum of each plane of the direction, as a share of all ink: right, left, down, up. */
  const directionsOf = (strokes: StrokeColumns[]): number[] => {
    const raster = rasterize(strokes, { planes: 6 });
    const sums = Array.from({ length: 6 }, (_, plane) =>
      raster.subarray(plane * area, (plane + 1) * area).reduce((sum, grey) => sum + grey, 0),
    );
    return sums.slice(2).map((sum) => Math.round((100 * sum) / (sums[0] ?? 0)) / 100);
  };
  const line = (toX: number, toY: number): StrokeColumns => [
    [0, toX],
    [0, toY],
  ];

  test('come after the ink, which they leave as it is', () => {
    const house = sketches.house ?? [];
    const [one, two, six] = ([1, 2, 6] as const).map((planes) => rasterize(house, { planes }));
    expect([one?.length, two?.length, six?.length]).toEqual([area, 2 * area, 6 * area]);
    expect(two?.subarray(0, area)).toEqual(one);
    expect(six?.subarray(0, 2 * area)).toEqual(two);
  });

  test.each([
    ['to the right', line(9, 0), [1, 0, 0, 0]],
    ['to the left', line(-9, 0), [0, 1, 0, 0]],
    ['down', line(0, 9), [0, 0, 1, 0]],
    ['up', line(0, -9), [0, 0, 0, 1]],
    ['down to the right', line(9, 9), [0.71, 0, 0.71, 0]],
    ['up to the left', line(-3, -4), [0, 0.6, 0, 0.8]],
  ])('a line drawn %s is bright there alone', (_, stroke, directions) => {
    expect(directionsOf([stroke])).toEqual(directions);
  });

  test('a line drawn slowly, a point at every pixel, goes where it was meant to go', () => {
    const xs = Array.from({ length: 201 }, (_, x) => x);
    const [right = 0, left, down = 0, up] = directionsOf([
      [xs, xs.map((x) => Math.round(x * 0.75))],
    ]);
    expect([left, up]).toEqual([0, 0]);
    expect(Math.abs(right - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(down - 0.6)).toBeLessThan(0.03);
  });

  test('a dot has been drawn nowhere', () => {
    expect(directionsOf([[[3], [3]]])).toEqual([0, 0, 0, 0]);
  });

  test('a line drawn twice shows the way it went first', () => {
    const there = line(9, 0);
    const back: StrokeColumns = [
      [9, 0],
      [0, 0],
    ];
    expect(directionsOf([there, back])).toEqual([1, 0, 0, 0]);
  });
});

test('a wider line leaves more ink', () => {
  const inkOf = (lineWidth: number): number =>
    rasterize([circle], { lineWidth }).reduce((sum, grey) => sum + grey, 0);
  expect(inkOf(0.08)).toBeGreaterThan(1.4 * inkOf(0.05));
});
