import { createHash } from 'node:crypto';
import { setImmediate as othersHadATurn } from 'node:timers/promises';
import { rasterize, type Planes } from '../../shared/rasterize.ts';
import { seededRandom } from '../../shared/random.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { augmentLineWidth, augmentStrokes, EXAMPLE_AUGMENTATION } from '../ml/augment.ts';
import type { Backbone } from './backbone.ts';

/** The sketch itself and three variations: what the head learns from an example. */
export const VIEWS = 4;
/** So many sketches at a time go through the network, all their views together. */
const CHUNK = 16;

/** Rasters of a sketch, its own first. The same sketch has the same views, whenever it is added. */
export function viewsOf(strokes: readonly StrokeColumns[], planes: Planes = 1): Uint8Array[] {
  const own = rasterize(strokes, { planes });
  // The ink alone decides, so that the views are the same ones for every network.
  const ink = own.subarray(0, own.length / planes);
  const random = seededRandom(createHash('sha256').update(ink).digest().readUInt32LE(0));
  const variations = Array.from({ length: VIEWS - 1 }, () => {
    const lineWidth = augmentLineWidth(EXAMPLE_AUGMENTATION, random);
    const varied = augmentStrokes(strokes, EXAMPLE_AUGMENTATION, random);
    return rasterize(varied, { lineWidth, planes });
  });
  return [own, ...variations];
}

/** For each sketch the embeddings of its views, row after row: views x embedding size. */
export async function embedViews(
  backbone: Backbone,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<Float32Array[]> {
  const embedded: Float32Array[] = [];
  for (let start = 0; start < sketches.length; start += CHUNK) {
    if (start > 0) await othersHadATurn();
    const views = sketches
      .slice(start, start + CHUNK)
      .flatMap((strokes) => viewsOf(strokes, backbone.planes));
    const rows = await backbone.embed(views, (raster) => raster);
    for (let i = 0; i < rows.length; i += VIEWS) embedded.push(joinRows(rows.slice(i, i + VIEWS)));
  }
  return embedded;
}

function joinRows(rows: readonly Float32Array[]): Float32Array {
  const size = rows[0]?.length ?? 0;
  const joined = new Float32Array(rows.length * size);
  rows.forEach((row, i) => joined.set(row, i * size));
  return joined;
}
