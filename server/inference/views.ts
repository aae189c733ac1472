import { createHash } from 'node:crypto';
import { rasterize } from '../../shared/rasterize.ts';
import { seededRandom } from '../../shared/random.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { augmentLineWidth, augmentStrokes, EXAMPLE_AUGMENTATION } from '../ml/augment.ts';

/** The sketch itself and three variations: what the head learns from an example. */
export const VIEWS = 4;

/** Rasters of a sketch, its own first. The same sketch has the same views, whenever it is added. */
export function viewsOf(strokes: readonly StrokeColumns[]): Uint8Array[] {
  const own = rasterize(strokes);
  const random = seededRandom(createHash('sha256').update(own).digest().readUInt32LE(0));
  const variations = Array.from({ length: VIEWS - 1 }, () => {
    const lineWidth = augmentLineWidth(EXAMPLE_AUGMENTATION, random);
    return rasterize(augmentStrokes(strokes, EXAMPLE_AUGMENTATION, random), { lineWidth });
  });
  return [own, ...variations];
}
