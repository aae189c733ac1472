import { RASTER_PIXELS } from '../../../shared/limits.ts';
import type { StrokeColumns } from '../../../shared/stroke.ts';
import type { Embedder } from '../../inference/embedder.ts';
import { prefixOf } from '../../ml/augment.ts';
import { accuracyOf, type Accuracy } from '../../ml/evaluate.ts';
import { rasterChunks, rowsOf } from '../raster-chunks.ts';
import type { Classifier } from './classifier.ts';
import type { Drawings } from './drawings.ts';

/** Embeddings of the sketches, in their order, neither centred nor scaled. */
export function embedSketches(
  embedder: Embedder,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<Float32Array> {
  const chunks = rasterChunks(sketches, { planes: embedder.planes, pixels: RASTER_PIXELS });
  return rowsOf(chunks, (rasters) => embedder.embed(rasters));
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
  const { network } = classifier;
  const chunks = rasterChunks(sketches, network);
  const probabilities = await rowsOf(chunks, (rasters) => classifier.classify(rasters));
  return accuracyOf(probabilities, drawings.categoryOf, network.categories);
}
