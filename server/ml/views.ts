import { RASTER_PIXELS } from '../../shared/limits.ts';
import { seededRandom } from '../../shared/random.ts';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import {
  augmentLineWidth,
  augmentStrokes,
  DEFAULT_AUGMENTATION,
  type Augmentation,
} from './augment.ts';

/** An example is learnt from as it is and in so many views in all. */
export const EXAMPLE_VIEWS = 4;

/** Milder than in pre-training: few examples must not be outweighed by their beginnings. */
const VIEW_AUGMENTATION: Augmentation = {
  ...DEFAULT_AUGMENTATION,
  prefixChance: 0.3,
  leastPrefix: 0.4,
};

/**
 * The rasters of an example's views, laid end to end: first the sketch itself, then augmented
 * ones. The same strokes always have the same views.
 */
export function rasterizeViews(strokes: readonly StrokeColumns[]): Uint8Array {
  const random = seededRandom(EXAMPLE_VIEWS);
  const bytes = RASTER_PIXELS * RASTER_PIXELS;
  const rasters = new Uint8Array(EXAMPLE_VIEWS * bytes);
  rasters.set(rasterize(strokes));
  for (let view = 1; view < EXAMPLE_VIEWS; view++) {
    const augmented = augmentStrokes(strokes, VIEW_AUGMENTATION, random);
    const lineWidth = augmentLineWidth(VIEW_AUGMENTATION, random);
    rasters.set(rasterize(augmented, { lineWidth }), view * bytes);
  }
  return rasters;
}
