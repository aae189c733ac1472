/** Writes a pre-trained network as the folder that `loadStarterModel` reads. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom, shuffle, type Random } from '../../../shared/random.ts';
import type { StrokeColumns } from '../../../shared/stroke.ts';
import { Embedder } from '../../inference/embedder.ts';
import {
  backboneIdOf,
  STARTER_FILES,
  type StarterDescription,
} from '../../inference/starter-model.ts';
import { prefixOf } from '../../ml/augment.ts';
import { concatenate } from '../../ml/concatenate.ts';
import { meanEmbedding, normalizeEmbeddings } from '../../ml/embedding.ts';
import type { PreTaughtCategory } from '../../ml/head-examples.ts';
import { embeddingSizeOf, type Network, type NetworkState } from '../../ml/network.ts';
import { servingGraph } from '../../ml/serving-graph.ts';
import { ALIASES } from './aliases.ts';
import { calibrateOnProjects } from './calibration.ts';
import { updateModelCard } from './model-card.ts';
import type { DrawingFolder } from './drawings.ts';
import { embedSketches } from './embed-drawings.ts';
import { embedDrawings } from './recalibrate.ts';

/** Drawings that a category's mean is made of: whole ones, and beginnings of others. */
const MEAN_WHOLE = 200;
const MEAN_BEGINNINGS = 100;
/** Of these so many are shipped, of either kind. */
const SHIPPED = 12;
/** A beginning has at least this share of the points. */
const LEAST_BEGINNING = 0.3;

export interface StarterInput {
  readonly folder: DrawingFolder;
  readonly network: Network;
  readonly state: NetworkState;
  readonly seed: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** Embeds training drawings, fits the calibration on the validation drawings, writes all files. */
export async function writeStarterModel(out: string, input: StarterInput): Promise<void> {
  const { network, state, folder } = input;
  const embedder = await Embedder.create(servingGraph(network, state), network.planes);
  const { center, categories } = await embedCategories(embedder, input);
  await embedder.close();
  const backboneId = backboneIdOf(state);
  const { calibration, figures } = await calibrateOnProjects(
    categories,
    await embedDrawings({ backboneId, network, state, center }, folder.validation),
    seededRandom(input.seed),
  );
  const quantized = quantize(categories);
  const description: StarterDescription = {
    formatVersion: 1,
    backboneId,
    network,
    categories: [...folder.names],
    aliases: aliasesOf(folder.names),
    embeddingsPerCategory: 2 * SHIPPED,
    embeddingScale: quantized.scale,
    calibration,
    figures: { ...input.figures, ...figures },
    preprocessing: 'rasterize() of shared/rasterize.ts: uint8 [N, planes, 32, 32], 255 = ink',
    license: 'CC BY 4.0, see MODEL_CARD.md',
  };
  await mkdir(out, { recursive: true });
  await writeFiles(out, {
    [STARTER_FILES.weights]: bytesOf(state.weights, state.statistics),
    [STARTER_FILES.means]: bytesOf(center, ...categories.map(({ mean }) => mean)),
    [STARTER_FILES.embeddings]: quantized.bytes,
    [STARTER_FILES.description]: Buffer.from(`${JSON.stringify(description, null, 2)}\n`),
  });
  await updateModelCard(out, description.figures);
}

async function writeFiles(out: string, files: Record<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(out, name), bytes);
}

/** Centre of all embeddings, and for each category the normalized mean and the shipped rows. */
async function embedCategories(
  embedder: Embedder,
  { folder, network, seed }: StarterInput,
): Promise<{ center: Float32Array; categories: PreTaughtCategory[] }> {
  const size = embeddingSizeOf(network);
  const random = seededRandom(seed);
  const raw: { whole: Float32Array; beginnings: Float32Array }[] = [];
  for (const sketches of sketchesByCategory(folder, random)) {
    const beginnings = sketches
      .slice(-MEAN_BEGINNINGS)
      .map((strokes) => prefixOf(strokes, LEAST_BEGINNING + (1 - LEAST_BEGINNING) * random()));
    raw.push({
      whole: await embedSketches(embedder, sketches.slice(0, MEAN_WHOLE)),
      beginnings: await embedSketches(embedder, beginnings),
    });
  }
  const centers = raw.map(({ whole }) => meanEmbedding(whole, size));
  const center = meanEmbedding(concatenate(centers), size);
  const categories = raw.map(({ whole, beginnings }) => {
    normalizeEmbeddings(whole, center);
    normalizeEmbeddings(beginnings, center);
    const shipped = [whole, beginnings].map((rows) => rows.subarray(0, SHIPPED * size));
    return {
      mean: meanEmbedding(concatenate([whole, beginnings]), size),
      embeddings: concatenate(shipped),
    };
  });
  return { center, categories };
}

function sketchesByCategory(
  { names, training }: DrawingFolder,
  random: Random,
): StrokeColumns[][][] {
  const indexes = names.map((): number[] => []);
  training.categoryOf.forEach((category, i) => indexes[category]?.push(i));
  return indexes.map((ofCategory) =>
    shuffle(ofCategory, random)
      .slice(0, MEAN_WHOLE + MEAN_BEGINNINGS)
      .map((i) => training.strokesOf(i)),
  );
}

/** One byte a number: the largest becomes 127. */
function quantize(categories: readonly PreTaughtCategory[]): { bytes: Uint8Array; scale: number } {
  const all = concatenate(categories.map(({ embeddings }) => embeddings));
  const largest = all.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest / 127;
  const integers = Int8Array.from(all, (value) => Math.round(value / scale));
  return { bytes: new Uint8Array(integers.buffer), scale };
}

function aliasesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(ALIASES).filter(([, name]) => names.includes(name)));
}

function bytesOf(...arrays: readonly Float32Array[]): Uint8Array {
  return new Uint8Array(concatenate(arrays).buffer);
}
