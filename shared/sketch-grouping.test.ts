import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import type { GroupedSketch, StrokeStart } from './sketch-grouping.ts';
import { bridgedSketches, sketchForNewStroke } from './sketch-grouping.ts';
import type { Box, StrokeColumns } from './stroke.ts';
import { boxOf } from './stroke.ts';

const NOW = 1_700_000_000_000;

function square(left: number, top: number, size: number): Box {
  return { left, top, right: left + size, bottom: top + size };
}

function sketch(sketchId: string, box: Box, more: Partial<GroupedSketch> = {}): GroupedSketch {
  return { sketchId, authorId: 'ann', box, lastInkAt: NOW - 1_000, ...more };
}

function begin(x: number, y: number, more: Partial<StrokeStart> = {}): StrokeStart {
  return { start: { x, y }, at: NOW, authorId: 'ann', mode: 'free', sketches: [], ...more };
}

describe('on a free canvas a stroke', () => {
  const cat = sketch('cat', square(0, 0, 200));

  test('begins a sketch where there is none', () => {
    expect(sketchForNewStroke(begin(10, 10))).toEqual({ isNew: true });
  });

  test('joins the own sketch that was drawn on within 4 s and is near', () => {
    expect(sketchForNewStroke(begin(280, 100, { sketches: [cat] }))).toEqual({ sketchId: 'cat' });
  });

  test('begins a new one for a neighbour drawn without a pause', () => {
    expect(sketchForNewStroke(begin(300, 100, { sketches: [cat] }))).toEqual({ isNew: true });
  });

  test.each([
    ['at its edge', 240, { sketchId: 'cat' }],
    ['away from its edge', 260, { isNew: true }],
  ])('joins an old own sketch only close by: %s', (_, x, choice) => {
    const old = sketch('cat', square(0, 0, 200), { lastInkAt: NOW - 60_000 });
    expect(sketchForNewStroke(begin(x, 100, { sketches: [old] }))).toEqual(choice);
  });

  test('joins an old dot within 24 units', () => {
    const dot = sketch('dot', square(0, 0, 0), { lastInkAt: NOW - 60_000 });
    expect(sketchForNewStroke(begin(20, 0, { sketches: [dot] }))).toEqual({ sketchId: 'dot' });
    expect(sketchForNewStroke(begin(30, 0, { sketches: [dot] }))).toEqual({ isNew: true });
  });

  test('joins the closest of several', () => {
    const sun = sketch('sun', square(260, 0, 100), { lastInkAt: NOW - 60_000 });
    const sketches = [cat, sun];
    expect(sketchForNewStroke(begin(270, 50, { sketches }))).toEqual({ sketchId: 'sun' });
  });

  test.each([
    ['well inside', 100, { sketchId: 'bens' }],
    ['just inside its edge', 10, { isNew: true }],
    ['near it', 220, { isNew: true }],
  ])("joins somebody else's sketch only from well inside: %s", (_, x, choice) => {
    const bens = sketch('bens', square(0, 0, 200), { authorId: 'ben' });
    expect(sketchForNewStroke(begin(x, 100, { sketches: [bens] }))).toEqual(choice);
  });

  test("prefers the own sketch to somebody else's around it", () => {
    const bens = sketch('bens', square(0, 0, 1_000), { authorId: 'ben' });
    const own = sketch('own', square(400, 400, 50));
    const sketches = [bens, own];
    expect(sketchForNewStroke(begin(420, 420, { sketches }))).toEqual({ sketchId: 'own' });
  });
});

test('together everybody draws on one sketch', () => {
  const sketches = [
    sketch('b', square(0, 0, 10), { authorId: 'ben' }),
    sketch('a', square(900, 900, 10), { authorId: 'cleo' }),
  ];
  const choice = sketchForNewStroke(begin(5_000, 5_000, { mode: 'together', sketches }));
  expect(choice).toEqual({ sketchId: 'a' });
});

test('in tiles everybody draws on an own sketch', () => {
  const sketches = [
    sketch('old', square(0, 0, 10), { lastInkAt: NOW - 90_000 }),
    sketch('own', square(0, 0, 10), { lastInkAt: NOW - 60_000 }),
    sketch('bens', square(0, 0, 10), { authorId: 'ben' }),
  ];
  const choice = sketchForNewStroke(begin(5_000, 5_000, { mode: 'tiles', sketches }));
  expect(choice).toEqual({ sketchId: 'own' });
});

describe('a finished stroke', () => {
  const left = sketch('left', square(0, 0, 100), { lastInkAt: NOW - 9_000 });
  const right = sketch('right', square(150, 0, 100));

  test('joins two own sketches that it reaches into, the older one first', () => {
    const bridge = { left: 50, top: 40, right: 200, bottom: 60 };
    expect(bridgedSketches(bridge, [right, left])).toEqual(['left', 'right']);
  });

  test('joins nothing when it reaches into one only', () => {
    const tail = { left: 50, top: 40, right: 155, bottom: 60 };
    expect(bridgedSketches(tail, [right, left])).toEqual([]);
  });

  test('does not join what is far apart', () => {
    const far = sketch('far', square(900, 0, 100));
    const line = { left: 50, top: 40, right: 950, bottom: 60 };
    expect(bridgedSketches(line, [left, far])).toEqual([]);
  });
});

/** A drawing: an outline, then details anywhere in it. */
function drawing(seed: number, size: number): StrokeColumns[] {
  const random = seededRandom(seed);
  const details = Array.from({ length: 2 + Math.floor(random() * 6) }, (): StrokeColumns => {
    const points = Array.from({ length: 5 }, () => [random() * size, random() * size] as const);
    return [points.map(([x]) => x), points.map(([, y]) => y)];
  });
  const outline: StrokeColumns = [
    [0, size, size * random(), 0],
    [0, size * random(), size, 0],
  ];
  return [outline, ...details];
}

describe('replaying generated layouts', () => {
  test('makes one sketch of each drawing, wherever it lies, when people pause in between', () => {
    const layout = fc.record({
      seed: fc.nat(),
      drawings: fc.integer({ min: 2, max: 12 }),
      size: fc.integer({ min: 60, max: 300 }),
    });
    fc.assert(
      fc.property(layout, ({ seed, drawings, size }) => {
        expect(replay(seed, drawings, size)).toBe(drawings);
      }),
    );
  });
});

/** Draws a row of drawings with gaps of half their size; returns how many sketches came of it. */
function replay(seed: number, drawings: number, size: number): number {
  const sketches = new Map<string, { strokes: StrokeColumns[]; lastInkAt: number }>();
  let at = NOW;
  for (let n = 0; n < drawings; n++) {
    for (const [xs, ys] of drawing(seed + n, size)) {
      const moved: StrokeColumns = [Array.from(xs, (x) => x + n * size * 1.6), ys];
      const choice = sketchForNewStroke({
        ...begin(moved[0][0] ?? 0, ys[0] ?? 0),
        at,
        sketches: [...sketches].map(([id, { strokes, lastInkAt }]) =>
          sketch(id, boxOf(strokes) ?? square(0, 0, 0), { lastInkAt }),
        ),
      });
      const id = 'sketchId' in choice ? choice.sketchId : `s${sketches.size}`;
      at += 500;
      const strokes = [...(sketches.get(id)?.strokes ?? []), moved];
      sketches.set(id, { strokes, lastInkAt: at });
    }
    at += 5_000;
  }
  return sketches.size;
}
