import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeChips } from './chip-layout.ts';
import { overlaps } from './view.ts';

const window = { left: 0, top: 0, right: 800, bottom: 600 };
const size = { width: 80, height: 30 };

function boxAt({ x, y }: { x: number; y: number }) {
  return { left: x, top: y, right: x + size.width, bottom: y + size.height };
}

describe('a bubble', () => {
  test('stands above the middle of its sketch', () => {
    const sketch = { left: 300, top: 200, right: 400, bottom: 300 };
    const [chip] = placeChips([{ id: 'a', sketch, size, gap: 10 }], [sketch], window);
    expect(chip).toMatchObject({ side: 'top', at: { x: 310, y: 160 } });
  });

  test('goes to another side where there is no room above', () => {
    const sketch = { left: 300, top: 0, right: 400, bottom: 200 };
    const [chip] = placeChips([{ id: 'a', sketch, size, gap: 10 }], [sketch], window);
    expect(chip?.side).toBe('right');
  });

  test('does not stand on other ink', () => {
    const sketch = { left: 300, top: 200, right: 400, bottom: 300 };
    const above = { left: 250, top: 100, right: 450, bottom: 195 };
    const [chip] = placeChips([{ id: 'a', sketch, size, gap: 10 }], [sketch, above], window);
    expect(chip && overlaps(boxAt(chip.at), above)).toBe(false);
  });

  test('never leaves the window, wherever its sketch is', () => {
    fc.assert(
      fc.property(placesWithin(-50, 780, 580), (place) => {
        const sketch = sketchAt(place);
        const [chip] = placeChips([{ id: 'a', sketch, size, gap: 10 }], [sketch], window);
        const box = boxAt(chip?.at ?? { x: -1, y: -1 });
        expect(box.left >= 0 && box.top >= 0 && box.right <= 800 && box.bottom <= 600).toBe(true);
      }),
    );
  });

  test('covers no other where there is room', () => {
    fc.assert(
      fc.property(placesWithin(100, 600, 450), placesWithin(100, 600, 450), (a, b) => {
        const sketches = [sketchAt(a), sketchAt(b)];
        const chips = sketches.map((sketch, i) => ({ id: String(i), sketch, size, gap: 10 }));
        const [one, other] = placeChips(chips, sketches, window).map(({ at }) => boxAt(at));
        expect(one && other && overlaps(one, other)).toBe(false);
      }),
    );
  });
});

function sketchAt({ x, y }: { readonly x: number; readonly y: number }) {
  return { left: x, top: y, right: x + 40, bottom: y + 40 };
}

function placesWithin(min: number, maxX: number, maxY: number) {
  return fc.record({ x: fc.integer({ min, max: maxX }), y: fc.integer({ min, max: maxY }) });
}
