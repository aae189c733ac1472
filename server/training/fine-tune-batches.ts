/**
 * The batches of fine-tuning. A batch depends on the seed and on its place alone, not on the batches
 * before it: so a run that is taken up in the middle goes on with the same ones.
 */
import { rasterize } from '../../shared/rasterize.ts';
import { seededRandom, shuffle, type Random } from '../../shared/random.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { ResolvedHyperparameters } from '../../shared/hyperparameters.ts';
import { augmentLineWidth, augmentStrokes, scaledAugmentation } from '../ml/augment.ts';
import { embeddingSizeOf, type Network } from '../ml/network.ts';
import type { Batch } from './network-trainer.ts';

/** A sketch with the index of its category. */
export interface LabelledSketch {
  readonly strokes: readonly StrokeColumns[];
  readonly category: number;
}

export interface BatchSource {
  readonly network: Network;
  /** In an order that does not change from one attempt to the next. */
  readonly sketches: readonly LabelledSketch[];
  readonly settings: ResolvedHyperparameters;
}

/** Keep the random numbers of order and of batches apart. */
const ORDER = 0x9e3779b9;
const BATCH = 0x85ebca6b;

/** Steps of an epoch: each sketch is seen once, and some twice where the last batch needs filling. */
export function stepsPerEpoch({ sketches, settings }: BatchSource): number {
  return Math.ceil(sketches.length / settings.batchSize);
}

/** The batch at a step that counts from 0 through all epochs. */
export function batchAt(source: BatchSource, step: number): Batch {
  const { settings, network } = source;
  const random = seededRandom(settings.seed ^ Math.imul(step + 1, BATCH));
  const sketches = sketchesOf(source, step, random);
  return {
    rasters: drawAll(sketches, source, random),
    targets: targetsOf(sketches, source),
    dropout: dropoutMask(sketches.length * embeddingSizeOf(network), settings.dropout, random),
  };
}

function sketchesOf(source: BatchSource, step: number, random: Random): LabelledSketch[] {
  const { sketches, settings } = source;
  const { batchSize, seed } = settings;
  if (sketches.length < batchSize) return balanced(source, random);
  const steps = stepsPerEpoch(source);
  const order = shuffle(
    sketches.map((_, i) => i),
    seededRandom(seed ^ Math.imul(Math.floor(step / steps) + 1, ORDER)),
  );
  const start = (step % steps) * batchSize;
  return Array.from({ length: batchSize }, (_, i) => {
    const sketch = sketches[order[(start + i) % order.length] ?? 0];
    if (!sketch) throw new Error('There is no sketch to train on.');
    return sketch;
  });
}

/** With fewer sketches than a batch: as many of each category as there is room for, some repeated. */
function balanced({ sketches, settings }: BatchSource, random: Random): LabelledSketch[] {
  const groups = new Map<number, LabelledSketch[]>();
  for (const sketch of shuffle([...sketches], random))
    groups.set(sketch.category, [...(groups.get(sketch.category) ?? []), sketch]);
  const queues = [...groups.values()];
  return Array.from({ length: settings.batchSize }, (_, i) => {
    const queue = queues[i % queues.length] ?? [];
    const sketch = queue[Math.floor(i / queues.length) % queue.length];
    if (!sketch) throw new Error('There is no sketch to train on.');
    return sketch;
  });
}

function drawAll(
  sketches: readonly LabelledSketch[],
  { network, settings }: BatchSource,
  random: Random,
): Uint8Array {
  const augmentation = scaledAugmentation(settings.augmentation);
  const { planes } = network;
  const bytes = planes * network.pixels ** 2;
  const rasters = new Uint8Array(sketches.length * bytes);
  sketches.forEach(({ strokes }, i) => {
    const varied = augmentStrokes(strokes, augmentation, random);
    const lineWidth = augmentLineWidth(augmentation, random);
    rasters.set(rasterize(varied, { planes, lineWidth }), i * bytes);
  });
  return rasters;
}

function targetsOf(
  sketches: readonly LabelledSketch[],
  { network, settings }: BatchSource,
): Float32Array {
  const { categories } = network;
  const { labelSmoothing } = settings;
  const targets = new Float32Array(sketches.length * categories);
  targets.fill(labelSmoothing / categories);
  sketches.forEach(({ category }, i) => {
    targets[i * categories + category] = 1 - labelSmoothing + labelSmoothing / categories;
  });
  return targets;
}

/** 0 for what is left out, else what keeps the sum the same. */
export function dropoutMask(length: number, share: number, random: Random): Float32Array {
  const mask = new Float32Array(length);
  for (let i = 0; i < length; i++) mask[i] = random() < share ? 0 : 1 / (1 - share);
  return mask;
}
