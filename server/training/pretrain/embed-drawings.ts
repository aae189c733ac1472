import { RASTER_PIXELS } from '../../../shared/limits.ts';
import { rasterize } from '../../../shared/rasterize.ts';
import type { StrokeColumns } from '../../../shared/stroke.ts';
import type { Embedder } from '../../inference/embedder.ts';
import { prefixOf } from '../../ml/augment.ts';
import { accuracyOf, type Accuracy } from '../../ml/evaluate.ts';
import { headOf, logitsOf } from '../../ml/head.ts';
import { embeddingSizeOf, type Network, type NetworkState } from '../../ml/network.ts';
import type { Drawings } from './drawings.ts';

const PLANE_BYTES = RASTER_PIXELS * RASTER_PIXELS;
const CHUNK = 64;

/** Embeddings of the sketches, in their order, neither centred nor scaled. */
export async function embedSketches(
  embedder: Embedder,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<Float32Array> {
  const { planes } = embedder;
  const rasterBytes = planes * PLANE_BYTES;
  const chunks: Float32Array[] = [];
  for (let start = 0; start < sketches.length; start += CHUNK) {
    const chunk = sketches.slice(start, start + CHUNK);
    const rasters = new Uint8Array(chunk.length * rasterBytes);
    chunk.forEach((strokes, i) => rasters.set(rasterize(strokes, { planes }), i * rasterBytes));
    chunks.push(await embedder.embed(rasters));
  }
  return joined(chunks);
}

function joined(chunks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/** How well the pre-training head tells the drawings apart, from a share of their points. */
export async function evaluateDrawings(
  {
    network,
    state,
    embedder,
  }: {
    readonly network: Network;
    readonly state: NetworkState;
    readonly embedder: Embedder;
  },
  drawings: Drawings,
  share = 1,
): Promise<Accuracy> {
  const sketches = Array.from({ length: drawings.count }, (_, i) => {
    const strokes = drawings.strokesOf(i);
    return share < 1 ? prefixOf(strokes, share) : strokes;
  });
  const embeddings = await embedSketches(embedder, sketches);
  return accuracyOf(
    pretrainScores(network, state, embeddings),
    drawings.categoryOf,
    network.categories,
  );
}

/** Logits of the head that the network was pre-trained with. */
function pretrainScores(
  network: Network,
  state: NetworkState,
  embeddings: Float32Array,
): Float32Array {
  const { categories } = network;
  const size = embeddingSizeOf(network);
  const head = headOf(network, state);
  const rows = embeddings.length / size;
  const scores = new Float32Array(rows * categories);
  for (let i = 0; i < rows; i++)
    scores.set(logitsOf(head, embeddings.subarray(i * size, (i + 1) * size)), i * categories);
  return scores;
}
