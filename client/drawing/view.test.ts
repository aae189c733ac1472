import { describe, expect, test } from 'vitest';
import { fitTo, panBy, toScreen, toWorld, zoomAt } from './view.ts';

const view = { x: 30, y: -20, scale: 1.5 };

describe('the view', () => {
  test('leads from the window to the paper and back', () => {
    const point = { x: 123, y: 45 };
    expect(toScreen(view, toWorld(view, point))).toEqual(point);
  });

  test('moves with the hand', () => {
    expect(toScreen(panBy(view, { x: 5, y: 7 }), { x: 0, y: 0 })).toEqual({ x: 35, y: -13 });
  });

  test('keeps the paper under the pointer while it zooms', () => {
    const at = { x: 200, y: 100 };
    const before = toWorld(view, at);
    const after = toWorld(zoomAt(view, at, 2), at);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test('zooms neither into a dot nor out of sight', () => {
    expect(zoomAt(view, { x: 0, y: 0 }, 1e9).scale).toBe(8);
    expect(zoomAt(view, { x: 0, y: 0 }, 1e-9).scale).toBe(0.1);
  });

  test('fits a box into the middle, never larger than life', () => {
    const size = { width: 400, height: 300 };
    const small = fitTo({ left: 10, top: 10, right: 20, bottom: 20 }, size, 50);
    expect(small.scale).toBe(1);
    expect(toScreen(small, { x: 15, y: 15 })).toEqual({ x: 200, y: 150 });
    const large = fitTo({ left: 0, top: 0, right: 600, bottom: 100 }, size, 50);
    expect(toScreen(large, { x: 600, y: 50 }).x).toBeCloseTo(350);
  });
});
