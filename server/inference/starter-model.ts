/**
 * The model that ships with the project: a pre-trained backbone and, for each category it was
 * taught, a class mean and a few embeddings (never drawings). `models/starter/MODEL_CARD.md`
 * describes the files.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import type { PreTaughtCategory } from '../ml/head-examples.ts';
import { countWeights, embeddingSizeOf, type Network, type NetworkState } from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import { NetworkDescription } from './network-description.ts';

export const StarterDescription = z.object({
  formatVersion: z.literal(1),
  /** Hash of the weights: embeddings of different backbones cannot be compared. */
  backboneId: z.string(),
  network: NetworkDescription,
  /** Names in the order of the head and of the files of numbers. */
  categories: z.array(z.string()),
  aliases: z.record(z.string(), z.string()),
  embeddingsPerCategory: z.number().int(),
  /** An embedding's int8 number times this is its value, before it is scaled to length 1. */
  embeddingScale: z.number(),
  /** What makes confidences honest: for the class means, and for a head trained on embeddings. */
  calibration: z.object({
    meansTemperature: z.number().positive(),
    trainedTemperature: z.number().positive(),
    /** When the answer is "?": weights of `server/ml/unknown.ts`; 95 % of the known stay above. */
    unknown: z.object({
      cosine: z.number(),
      logit: z.number(),
      confidence: z.number(),
      categories: z.number(),
      fewness: z.number(),
      threshold: z.number(),
    }),
  }),
  figures: z.record(z.string(), z.number()),
  preprocessing: z.string(),
  license: z.string(),
});
export type StarterDescription = z.infer<typeof StarterDescription>;

export interface StarterModel {
  readonly backboneId: string;
  readonly embeddingSize: number;
  readonly network: Network;
  readonly state: NetworkState;
  /** The backbone as ONNX: `raster` to `embedding`. */
  readonly servingGraph: Uint8Array;
  /** Mean embedding of the training drawings, for `normalizeEmbeddings`. */
  readonly center: Float32Array;
  readonly preTaught: ReadonlyMap<string, PreTaughtCategory>;
  readonly calibration: StarterDescription['calibration'];
  /** The pre-taught category of that name or alias, whatever its case, or null. */
  findPreTaught(name: string): string | null;
}

/** The files of a starter model's folder. */
export const STARTER_FILES = {
  description: 'starter.json',
  weights: 'weights.bin',
  means: 'class-means.bin',
  embeddings: 'embeddings.bin',
} as const;

/** Identifies weights by their numbers. */
export function backboneIdOf({ weights, statistics }: NetworkState): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [weights, statistics]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Reads the model; throws if its files do not fit together. */
export async function loadStarterModel(folder: string): Promise<StarterModel> {
  const text = await readFile(path.join(folder, STARTER_FILES.description), 'utf8');
  return assembleStarter(folder, StarterDescription.parse(JSON.parse(text)));
}

/** Reads the other files of the folder; throws if they do not fit to the description. */
export async function assembleStarter(
  folder: string,
  description: StarterDescription,
): Promise<StarterModel> {
  const { network, backboneId } = description;
  const state = await readState(folder, network);
  if (backboneIdOf(state) !== backboneId) {
    throw new Error('The weights of the starter model are not those of its description.');
  }
  const embeddingSize = embeddingSizeOf(network);
  const means = await readFloats(path.join(folder, STARTER_FILES.means));
  const quantized = await readFile(path.join(folder, STARTER_FILES.embeddings));
  return {
    backboneId,
    embeddingSize,
    network,
    state,
    servingGraph: servingGraph(network, state),
    center: means.slice(0, embeddingSize),
    preTaught: readPreTaught(description, means.subarray(embeddingSize), quantized),
    calibration: description.calibration,
    findPreTaught: nameFinder(description),
  };
}

async function readState(folder: string, network: Network): Promise<NetworkState> {
  const numbers = await readFloats(path.join(folder, STARTER_FILES.weights));
  const count = countWeights(network);
  return { weights: numbers.slice(0, count), statistics: numbers.slice(count) };
}

async function readFloats(file: string): Promise<Float32Array> {
  const bytes = await readFile(file);
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

function readPreTaught(
  description: StarterDescription,
  means: Float32Array,
  quantized: Uint8Array,
): ReadonlyMap<string, PreTaughtCategory> {
  const { categories, network, embeddingsPerCategory, embeddingScale } = description;
  const size = embeddingSizeOf(network);
  const length = embeddingsPerCategory * size;
  const integers = new Int8Array(quantized.buffer, quantized.byteOffset, quantized.byteLength);
  const origin = new Float32Array(size);
  return new Map(
    categories.map((name, i) => {
      const embeddings = Float32Array.from(
        integers.subarray(i * length, (i + 1) * length),
        (integer) => integer * embeddingScale,
      );
      const mean = means.slice(i * size, (i + 1) * size);
      return [name, { mean, embeddings: normalizeEmbeddings(embeddings, origin) }];
    }),
  );
}

function nameFinder({ categories, aliases }: StarterDescription): (name: string) => string | null {
  const simplify = (name: string): string =>
    name
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const names = new Map<string, string>();
  for (const [alias, name] of Object.entries(aliases)) names.set(simplify(alias), name);
  for (const name of categories) names.set(simplify(name), name);
  return (name) => names.get(simplify(name)) ?? null;
}
