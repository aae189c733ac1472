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

/** What is shown of a drawing, or how. */
export type Showing = (strokes: readonly StrokeColumns[]) => readonly StrokeColumns[];

/** Shows the first half of the points. */
export const firstHalf: Showing = (strokes) => prefixOf(strokes, 0.5);

/** How well the network tells the drawings apart, shown as they are or otherwise. */
export async function evaluateDrawings(
  classifier: Classifier,
  drawings: Drawings,
  show: Showing = (strokes) => strokes,
): Promise<Accuracy> {
  const sketches = Array.from({ length: drawings.count }, (_, i) => show(drawings.strokesOf(i)));
  const { network } = classifier;
  const chunks = rasterChunks(sketches, network);
  const probabilities = await rowsOf(chunks, (rasters) => classifier.classify(rasters));
  return accuracyOf(probabilities, drawings.categoryOf, network.categories);
}
