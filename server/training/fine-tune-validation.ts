import { Embedder } from '../inference/embedder.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { headOf, logitsOf, softmax } from '../ml/head.ts';
import { embeddingSizeOf, type Network, type NetworkState } from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import type { LabelledSketch } from './fine-tune-batches.ts';
import { rasterChunks, rowsOf } from './raster-chunks.ts';

/** Fewer sketches say nothing about when to stop. */
const ENOUGH = 20;
/** Without a validation split: below so many training sketches each is needed for training. */
const ENOUGH_TO_HOLD_OUT = 50;
const HELD_OUT_SHARE = 0.1;
/** More do not tell much more, but take time after each epoch. */
const MOST = 400;

/** Mean cross-entropy and share right of held out sketches. */
export interface Validation {
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Parts the sketches into those to train on and those that tell when to stop: the validation split
 * where it has enough, else a tenth of each category that is then not trained on, else none.
 */
export function partForValidation<T extends { readonly category: number }>(
  training: readonly T[],
  validation: readonly T[],
): { readonly training: readonly T[]; readonly validation: readonly T[] } {
  if (validation.length >= ENOUGH) return { training, validation: thin(validation) };
  if (training.length < ENOUGH_TO_HOLD_OUT) return { training, validation: [] };
  const every = Math.round(1 / HELD_OUT_SHARE);
  const counts = new Map<number, number>();
  const parts = training.map((sketch) => {
    const nth = (counts.get(sketch.category) ?? 0) + 1;
    counts.set(sketch.category, nth);
    return { sketch, isHeldOut: nth % every === 0 };
  });
  const held = parts.filter(({ isHeldOut }) => isHeldOut);
  if (held.length === 0) return { training, validation: [] };
  return {
    training: parts.filter(({ isHeldOut }) => !isHeldOut).map(({ sketch }) => sketch),
    validation: thin(held.map(({ sketch }) => sketch)),
  };
}

function thin<T>(items: readonly T[]): readonly T[] {
  const stride = Math.max(1, items.length / MOST);
  const count = Math.min(items.length, MOST);
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * stride)]).filter(
    (item) => item !== undefined,
  );
}

/** How the network in training judges these sketches, as it would be served. Null for none. */
export function validator(
  network: Network,
  sketches: readonly LabelledSketch[],
): (state: NetworkState) => Promise<Validation | null> {
  if (sketches.length === 0) return () => Promise.resolve(null);
  let drawn: Uint8Array[] | null = null;
  const size = embeddingSizeOf(network);
  return async (state) => {
    const embedder = await Embedder.create(servingGraph(network, state), network.planes);
    try {
      drawn ??= await drawnOnce(sketches, network);
      const embeddings = await rowsOf(drawn, (rasters) => embedder.embed(rasters));
      const head = headOf(network, state);
      const rows = sketches.map(({ category }, i) => ({
        category,
        logits: logitsOf(head, embeddings.subarray(i * size, (i + 1) * size)),
      }));
      return validationOf(rows);
    } finally {
      await embedder.close();
    }
  };
}

async function drawnOnce(
  sketches: readonly LabelledSketch[],
  network: Network,
): Promise<Uint8Array[]> {
  const strokes = sketches.map((sketch) => sketch.strokes);
  const chunks: Uint8Array[] = [];
  for await (const rasters of rasterChunks(strokes, network)) chunks.push(rasters);
  return chunks;
}

/** Mean cross-entropy and share right of rows of logits. */
export function validationOf(
  rows: readonly { readonly category: number; readonly logits: Float32Array }[],
): Validation {
  let [loss, right] = [0, 0];
  for (const { category, logits } of rows) {
    if (topIndexes(logits, 1)[0] === category) right++;
    loss -= Math.log((softmax(logits)[category] ?? 0) + 1e-12);
  }
  return { loss: loss / rows.length, accuracy: right / rows.length };
}
