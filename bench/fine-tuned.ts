import { join } from 'node:path';
import { Backbone } from '../server/inference/backbone.ts';
import type { BackboneModel } from '../server/inference/backbone-blob.ts';
import { backboneIdOf, type StarterModel } from '../server/inference/starter-model.ts';
import { viewsOf } from '../server/inference/views.ts';
import { meanEmbedding } from '../server/ml/embedding.ts';
import { topIndexes } from '../server/ml/evaluate.ts';
import { headExamples } from '../server/ml/head-examples.ts';
import { logitsOf } from '../server/ml/head.ts';
import { ONE_CPU_THREAD } from '../server/training/device/training-device.ts';
import type { LabelledSketch } from '../server/training/fine-tune-batches.ts';
import {
  embedOnce,
  fineTuneStart,
  frozenBlocksOf,
  networkFor,
} from '../server/training/fine-tune-start.ts';
import { fineTune } from '../server/training/fine-tune.ts';
import { trainHead } from '../server/training/train-head.ts';
import { resolveHyperparameters, type Layers } from '../shared/hyperparameters.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import type { StrokeColumns } from '../shared/stroke.ts';
import { readDrawings, sketchSource, type SketchStrokes } from '../test/support/sketch-source.ts';
import { PRE_TAUGHT_NAMES } from './pre-taught-names.ts';
import { round } from './percentiles.ts';

/** What fine-tuning a project takes and gives. */
export interface FineTuningFigures {
  readonly layers: Layers;
  readonly categories: number;
  readonly examples: number;
  readonly tested: number;
  readonly seconds: number;
  /** Per cent right with the head alone on the starter model's backbone. */
  readonly before: number;
  readonly after: number;
}

interface Project {
  readonly training: readonly LabelledSketch[];
  readonly tested: readonly LabelledSketch[];
}

/** As a project's run trains it, with the default settings: the new backbone. */
export async function fineTuneOn(
  starter: BackboneModel,
  sketches: readonly LabelledSketch[],
  { layers, seed }: { readonly layers: Layers; readonly seed: number },
): Promise<BackboneModel> {
  const categories = new Set(sketches.map(({ category }) => category)).size;
  const network = networkFor(starter, categories);
  const { signal } = new AbortController();
  const { state } = await fineTune({
    ...{ network, sketches, validation: [], device: ONE_CPU_THREAD },
    settings: resolveHyperparameters(layers, { seed }),
    frozenBlocks: frozenBlocksOf(layers, network),
    start: await fineTuneStart(starter, sketches, { categories, signal }),
    ...{ checkpoint: null, stopAfterSteps: null, signal },
    ...{ onStep: () => undefined, onPosition: async () => Promise.resolve() },
  });
  const origin = new Float32Array(starter.center.length);
  const model = { backboneId: backboneIdOf(state), network, state, center: origin };
  return { ...model, center: await meanOf(model, sketches) };
}

/** Trains a head on a backbone and tells the category it takes each tested sketch for. */
export async function guessWithHead(
  model: BackboneModel,
  training: readonly LabelledSketch[],
  tested: readonly { readonly strokes: readonly StrokeColumns[] }[],
): Promise<number[]> {
  const backbone = await Backbone.open(model);
  const { planes, embeddingSize } = backbone;
  const own = new Map<number, Float32Array[]>();
  for (const { strokes, category } of training) {
    const views = await backbone.embed(viewsOf(strokes, planes), (raster) => raster);
    const joined = new Float32Array(views.length * embeddingSize);
    views.forEach((view, i) => joined.set(view, i * embeddingSize));
    own.set(category, [...(own.get(category) ?? []), joined]);
  }
  const order = [...own.keys()].sort((a, b) => a - b);
  const known = order.map((category) => ({ own: own.get(category) ?? [], preTaught: null }));
  const head = await trainHead(headExamples(known, embeddingSize));
  const embeddings = await backbone.embedSketches(tested.map(({ strokes }) => strokes));
  await backbone.close();
  return embeddings.map((row) => order[topIndexes(logitsOf(head, row), 1)[0] ?? -1] ?? -1);
}

/** Mean embedding of the sketches, neither centred nor scaled. */
async function meanOf(
  model: BackboneModel,
  sketches: readonly LabelledSketch[],
): Promise<Float32Array> {
  return meanEmbedding(await embedOnce(model, sketches), model.center.length);
}

/** Twelve categories that the starter model has never seen and eight that it has, 1,000 examples. */
const UNSEEN_EXAMPLES = 40;
const SEEN_CATEGORIES = 8;
const SEEN_EXAMPLES = 65;
const TESTED_PER_CATEGORY = 10;

/** Fine-tunes 20 categories with 1,000 examples; fewer where there are no real drawings. */
export async function measureFineTuning(starter: StarterModel): Promise<FineTuningFigures[]> {
  const { training, tested } = projectOf();
  const accuracyOf = (guesses: readonly number[]): number => {
    const right = tested.filter(({ category }, i) => guesses[i] === category);
    return round((100 * right.length) / tested.length);
  };
  const before = accuracyOf(await guessWithHead(starter, training, tested));
  const figures: FineTuningFigures[] = [];
  for (const layers of ['last_block', 'all'] as const) {
    const begin = performance.now();
    const model = await fineTuneOn(starter, training, { layers, seed: 1 });
    const seconds = round((performance.now() - begin) / 1_000);
    const after = accuracyOf(await guessWithHead(model, training, tested));
    const categories = model.network.categories;
    const counts = { categories, examples: training.length, tested: tested.length };
    figures.push({ layers, ...counts, seconds, before, after });
  }
  return figures;
}

function projectOf(folder = process.env['SKETCH_DATA']): Project {
  const random = seededRandom(1);
  const groups: { readonly sketches: readonly SketchStrokes[]; readonly examples: number }[] = [];
  for (const sketches of sketchSource().sketches.values())
    groups.push({ sketches: shuffle([...sketches], random), examples: UNSEEN_EXAMPLES });
  if (folder) {
    const trained = readDrawings(join(folder, 'qd-pretrain.ndjson.gz'));
    const kept = readDrawings(join(folder, 'qd-pretrain-val.ndjson.gz'));
    for (const name of PRE_TAUGHT_NAMES.slice(0, SEEN_CATEGORIES)) {
      const tested = kept.get(name)?.slice(0, TESTED_PER_CATEGORY) ?? [];
      const shown = trained.get(name)?.slice(0, SEEN_EXAMPLES) ?? [];
      groups.push({ sketches: [...tested, ...shown], examples: SEEN_EXAMPLES });
    }
  }
  const label = (category: number, sketches: readonly SketchStrokes[]): LabelledSketch[] =>
    sketches.map((strokes) => ({
      category,
      strokes: strokes.map(([xs = [], ys = []]) => [xs, ys] as const),
    }));
  return {
    tested: groups.flatMap(({ sketches }, category) =>
      label(category, sketches.slice(0, TESTED_PER_CATEGORY)),
    ),
    training: groups.flatMap(({ sketches, examples }, category) =>
      label(category, sketches.slice(TESTED_PER_CATEGORY, TESTED_PER_CATEGORY + examples)),
    ),
  };
}
