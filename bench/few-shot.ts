import { viewsOf } from '../server/inference/views.ts';
import { Backbone } from '../server/inference/backbone.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { topIndexes } from '../server/ml/evaluate.ts';
import { headExamples, type KnownCategory } from '../server/ml/head-examples.ts';
import { classMeansHead, logitsOf, type Head } from '../server/ml/head.ts';
import { trainHead } from '../server/training/train-head.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import { rasterize } from '../shared/rasterize.ts';
import type { StrokeColumns } from '../shared/stroke.ts';
import type { SketchSource, SketchStrokes } from '../test/support/sketch-source.ts';
import { fineTuneOn, guessWithHead } from './fine-tuned.ts';
import { round } from './percentiles.ts';

const SHOTS = [1, 5, 10, 20];
/** Of each category, the same for all numbers of shots of a seed. */
const TESTED = 30;

export type Method = 'pixels' | 'classMeans' | 'head' | 'fineTuned';

/** Accuracy in per cent over the seeds. */
export interface FewShotFigure {
  readonly method: Method;
  readonly shots: number;
  readonly mean: number;
  readonly deviation: number;
  readonly seeds: number;
}

/** A drawing with all that a method may look at. */
export interface ShownDrawing {
  readonly category: number;
  readonly strokes: readonly StrokeColumns[];
  readonly raster: Uint8Array;
  /** Normalized embeddings of its views, the drawing itself first. */
  readonly views: readonly Float32Array[];
}

/** Category index of each tested drawing, as a method that has seen the shown ones takes it. */
export type Guess = (
  shown: readonly ShownDrawing[],
  tested: readonly ShownDrawing[],
  seed: number,
) => Promise<number[]>;

/** Teaches the categories of a source, which the starter model does not know, from few examples. */
export async function measureFewShots(
  starter: StarterModel,
  source: SketchSource,
  methods: ReadonlyMap<Method, { readonly guess: Guess; readonly seeds: number }>,
): Promise<FewShotFigure[]> {
  const drawings = await showDrawings(starter, [...source.sketches.values()]);
  const figures: FewShotFigure[] = [];
  for (const shots of SHOTS) {
    for (const [method, { guess, seeds }] of methods) {
      const accuracies: number[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const { shown, tested } = deal(drawings, shots, seed);
        const guesses = await guess(shown, tested, seed);
        const right = tested.filter(({ category }, i) => category === guesses[i]);
        accuracies.push((100 * right.length) / tested.length);
      }
      figures.push({ method, shots, ...spread(accuracies), seeds });
    }
  }
  return figures;
}

/** All methods. Fine-tuning takes seconds each time, so it may be given fewer seeds. */
export function allMethods(
  starter: StarterModel,
  fineTunedSeeds: number,
): Map<Method, { guess: Guess; seeds: number }> {
  const guess: Guess = async (shown, tested, seed) => {
    const model = await fineTuneOn(starter, shown, { layers: 'all', seed });
    return guessWithHead(model, shown, tested);
  };
  return frozenMethods().set('fineTuned', { guess, seeds: fineTunedSeeds });
}

/** The methods that need no further training of the backbone. */
function frozenMethods(): Map<Method, { guess: Guess; seeds: number }> {
  return new Map<Method, { guess: Guess; seeds: number }>([
    ['pixels', { guess: nearestPixels, seeds: 20 }],
    ['classMeans', { guess: async (shown, tested) => byHead(meansOf(shown), tested), seeds: 20 }],
    [
      'head',
      { guess: async (shown, tested) => byHead(await trainHead(known(shown)), tested), seeds: 20 },
    ],
  ]);
}

async function showDrawings(
  starter: StarterModel,
  byCategory: readonly (readonly SketchStrokes[])[],
): Promise<ShownDrawing[][]> {
  const { planes } = starter.network;
  const backbone = await Backbone.open(starter);
  const shown: ShownDrawing[][] = [];
  for (const [category, sketches] of byCategory.entries()) {
    const drawings: ShownDrawing[] = [];
    for (const sketch of sketches) {
      const strokes = sketch.map(([xs = [], ys = []]) => [xs, ys] as const);
      const views = await backbone.embed(viewsOf(strokes, planes), (raster) => raster);
      drawings.push({ category, strokes, raster: rasterize(strokes), views });
    }
    shown.push(drawings);
  }
  await backbone.close();
  return shown;
}

function deal(
  drawings: readonly (readonly ShownDrawing[])[],
  shots: number,
  seed: number,
): { readonly shown: ShownDrawing[]; readonly tested: ShownDrawing[] } {
  const random = seededRandom(seed);
  const shuffled = drawings.map((ofOne) => shuffle([...ofOne], random));
  return {
    tested: shuffled.flatMap((ofOne) => ofOne.slice(0, TESTED)),
    shown: shuffled.flatMap((ofOne) => ofOne.slice(TESTED, TESTED + shots)),
  };
}

function known(shown: readonly ShownDrawing[]): ReturnType<typeof headExamples> {
  const size = shown[0]?.views[0]?.length ?? 0;
  const categories = new Map<number, KnownCategory & { own: Float32Array[] }>();
  for (const { category, views } of shown) {
    const entry = categories.get(category) ?? { own: [], preTaught: null };
    const joined = new Float32Array(views.length * size);
    views.forEach((view, i) => joined.set(view, i * size));
    entry.own.push(joined);
    categories.set(category, entry);
  }
  return headExamples([...categories.values()], size);
}

function meansOf(shown: readonly ShownDrawing[]): Head {
  return classMeansHead(known(shown).means);
}

function byHead(head: Head, tested: readonly ShownDrawing[]): number[] {
  return tested.map(({ views: [own] }) =>
    own ? (topIndexes(logitsOf(head, own), 1)[0] ?? -1) : -1,
  );
}

/** The floor: the category of the drawing whose pixels differ least. */
const nearestPixels: Guess = async (shown, tested) =>
  tested.map(({ raster }) => {
    const distances = shown.map((other) => distanceOf(raster, other.raster));
    return shown[distances.indexOf(Math.min(...distances))]?.category ?? -1;
  });

function distanceOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum;
}

function spread(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  return { mean: round(mean), deviation: round(deviation) };
}
