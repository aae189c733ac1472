import { RASTER_PIXELS } from '../../../shared/limits.ts';
import { rasterize, type Planes } from '../../../shared/rasterize.ts';
import type { StrokeColumns } from '../../../shared/stroke.ts';
import type { Embedder } from '../../inference/embedder.ts';
import { prefixOf } from '../../ml/augment.ts';
import { concatenate } from '../../ml/concatenate.ts';
import { accuracyOf, type Accuracy } from '../../ml/evaluate.ts';
import type { Classifier } from './classifier.ts';
import type { Drawings } from './drawings.ts';

type Sketch = readonly StrokeColumns[];

const PLANE_BYTES = RASTER_PIXELS * RASTER_PIXELS;
const CHUNK = 64;

/** Embeddings of the sketches, in their order, neither centred nor scaled. */
export function embedSketches(
  embedder: Embedder,
  sketches: readonly Sketch[],
): Promise<Float32Array> {
  return rowsOf(sketches, embedder.planes, (rasters) => embedder.embed(rasters));
}

/** How well the network tells the drawings apart, from a share of their points. */
export async function evaluateDrawings(
  classifier: Classifier,
  drawings: Drawings,
  share = 1,
): Promise<Accuracy> {
  const sketches = Array.from({ length: drawings.count }, (_, i) => {
    const strokes = drawings.strokesOf(i);
    return share < 1 ? prefixOf(strokes, share) : strokes;
  });
  const { planes, categories } = classifier.network;
  const probabilities = await rowsOf(sketches, planes, (rasters) => classifier.classify(rasters));
  return accuracyOf(probabilities, drawings.categoryOf, categories);
}

/** What the network gives for each sketch, a few at a time: all rasters at once would be gigabytes. */
async function rowsOf(
  sketches: readonly Sketch[],
  planes: Planes,
  run: (rasters: Uint8Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const rasterBytes = planes * PLANE_BYTES;
  const chunks: Float32Array[] = [];
  for (let start = 0; start < sketches.length; start += CHUNK) {
    const chunk = sketches.slice(start, start + CHUNK);
    const rasters = new Uint8Array(chunk.length * rasterBytes);
    chunk.forEach((strokes, i) => rasters.set(rasterize(strokes, { planes }), i * rasterBytes));
    chunks.push(await run(rasters));
  }
  return concatenate(chunks);
}
