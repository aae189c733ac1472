import { describe, expect, test } from 'vitest';
import { linePath, placeOn, scaleOf } from './chart-scale.ts';

describe('the scale of a chart', () => {
  test('has round ticks around its values', () => {
    const { min, max, ticks } = scaleOf([0.31, 1.74]);
    expect([min, max]).toEqual([0, 2]);
    expect(ticks).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  test('is there for no value, and for one', () => {
    expect(scaleOf([]).max).toBeGreaterThan(0);
    expect(scaleOf([NaN, 3]).max).toBeGreaterThanOrEqual(3);
  });

  test('places values in percent', () => {
    expect(placeOn({ min: 0, max: 4 }, 1)).toBe(25);
    expect(placeOn({ min: 2, max: 2 }, 2)).toBe(50);
    const points = [
      { x: 1, y: 0 },
      { x: 3, y: 1 },
    ];
    expect(linePath(points, { min: 1, max: 3 }, { min: 0, max: 1 })).toBe('0,100 100,0');
  });
});
