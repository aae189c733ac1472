import type { Layers } from '../../shared/hyperparameters.ts';
import type { BackboneModel } from '../inference/backbone-blob.ts';
import { Embedder } from '../inference/embedder.ts';
import { meanEmbedding, normalizeEmbeddings } from '../ml/embedding.ts';
import { classMeansHead } from '../ml/head.ts';
import {
  countBlocks,
  embeddingSizeOf,
  initialState,
  parametersOf,
  type Network,
  type NetworkState,
} from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import type { LabelledSketch } from './fine-tune-batches.ts';
import { rasterChunks, rowsOf } from './raster-chunks.ts';

/** The network of the backbone with a head for so many categories. */
export function networkFor({ network }: BackboneModel, categories: number): Network {
  return { ...network, categories };
}

/** How many blocks from the first are left as they are. */
export function frozenBlocksOf(layers: Layers, network: Network): number {
  return layers === 'last_block' ? countBlocks(network) - 1 : 0;
}

/**
 * The weights that fine-tuning starts from: the backbone's, with the class means as its head. A head
 * of random numbers would first spoil what the backbone knows.
 */
export async function fineTuneStart(
  backbone: BackboneModel,
  sketches: readonly LabelledSketch[],
  { categories, signal }: { readonly categories: number; readonly signal: AbortSignal },
): Promise<NetworkState> {
  const network = networkFor(backbone, categories);
  const embeddings = await embedOnce(backbone, sketches, signal);
  const { weights, bias } = rawMeansHead(backbone, { embeddings, sketches, categories });
  const state = initialState(network, 0);
  const [headWeights] = parametersOf(network).slice(-2);
  if (!headWeights) throw new Error('The network has no head.');
  state.weights.set(backbone.state.weights.subarray(0, headWeights.offset));
  state.weights.set(weights, headWeights.offset);
  state.weights.set(bias, headWeights.offset + weights.length);
  return { weights: state.weights, statistics: backbone.state.statistics.slice() };
}

/** Each sketch as it is, not centred, row after row. */
export async function embedOnce(
  { network, state }: Pick<BackboneModel, 'network' | 'state'>,
  sketches: readonly LabelledSketch[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const embedder = await Embedder.create(servingGraph(network, state), network.planes);
  try {
    const drawn = sketches.map(({ strokes }) => strokes);
    const chunks = rasterChunks(drawn, network, signal);
    return await rowsOf(chunks, (rasters) => embedder.embed(rasters));
  } finally {
    await embedder.close();
  }
}

/**
 * The class means' head for embeddings that are not centred and scaled: the center goes into the
 * bias, and the mean distance to it into the weights.
 */
function rawMeansHead(
  { network, center }: BackboneModel,
  known: {
    readonly embeddings: Float32Array;
    readonly sketches: readonly LabelledSketch[];
    readonly categories: number;
  },
): { readonly weights: Float32Array; readonly bias: Float32Array } {
  const size = embeddingSizeOf(network);
  const distance = meanDistance(known.embeddings, center);
  const normalized = normalizeEmbeddings(known.embeddings.slice(), center);
  const means = Array.from({ length: known.categories }, (_, category) => {
    const rows = known.sketches.flatMap((sketch, i) =>
      sketch.category === category ? [normalized.subarray(i * size, (i + 1) * size)] : [],
    );
    const own = new Float32Array(rows.length * size);
    rows.forEach((row, i) => own.set(row, i * size));
    return meanEmbedding(own, size);
  });
  const weights = classMeansHead(means).weights.map((weight) => weight / distance);
  const bias = new Float32Array(known.categories);
  for (let d = 0; d < size; d++)
    for (let c = 0; c < known.categories; c++)
      bias[c] = (bias[c] ?? 0) - (center[d] ?? 0) * (weights[d * known.categories + c] ?? 0);
  return { weights, bias };
}

function meanDistance(embeddings: Float32Array, center: Float32Array): number {
  const size = center.length;
  const rows = embeddings.length / size;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let d = 0; d < size; d++)
      sum += ((embeddings[row * size + d] ?? 0) - (center[d] ?? 0)) ** 2;
    total += Math.sqrt(sum);
  }
  return Math.max(1e-6, total / rows);
}
