import { expect, test } from 'vitest';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { EXAMPLE_VIEWS, rasterizeViews } from './views.ts';

const sketch: StrokeColumns[] = [
  [
    [0, 50, 100, 20],
    [0, 90, 10, 40],
  ],
];

test('the first view of an example is the sketch itself, the others are not', () => {
  const rasters = rasterizeViews(sketch);
  expect(rasters).toHaveLength(EXAMPLE_VIEWS * 1024);
  expect(rasters.subarray(0, 1024)).toEqual(rasterize(sketch));
  for (let view = 1; view < EXAMPLE_VIEWS; view++) {
    const raster = rasters.subarray(view * 1024, (view + 1) * 1024);
    expect(raster).not.toEqual(rasterize(sketch));
    expect(raster.some((grey) => grey > 0)).toBe(true);
  }
});

test('the same strokes always have the same views', () => {
  expect(rasterizeViews(sketch)).toEqual(rasterizeViews(sketch));
});
