/**
 * Pre-trains the backbone: AdamW with warm-up and a cosine over the wall time given, running
 * averages of the weights, a checkpoint every minute. Stopped at any moment, it goes on from the
 * last checkpoint with `resume`.
 */
import type { Augmentation } from '../../ml/augment.ts';
import {
  embeddingSizeOf,
  isSameNetwork,
  type Network,
  type NetworkState,
} from '../../ml/network.ts';
import type { TrainingDevice } from '../device/training-device.ts';
import { freshState, openNetworkTrainer, type NetworkTrainer } from '../network-trainer.ts';
import { batchesOf } from './batches.ts';
import { findCheckpoint, writeCheckpoint, type PretrainCheckpoint } from './checkpoint.ts';
import type { DrawingFolder } from './drawings.ts';
import type { Teacher } from './teacher.ts';

/** A step of 128 takes less than twice one of 64: 72 instead of 85 ms for 64 drawings. */
const BATCH = 128;
const WEIGHT_DECAY = 0.03;
const WARM_UP_STEPS = 500;
/** The averages take in the weights at every so manieth step. */
const AVERAGE_EVERY = 10;
const AVERAGE_KEEPS = 0.99;
const CHECKPOINT_EVERY_MS = 60_000;

export interface PretrainOptions {
  readonly folder: DrawingFolder;
  readonly network: Network;
  /** What training begins with, unless a checkpoint is resumed. */
  readonly start: NetworkState;
  /** Has a say in the targets, where there is one. */
  readonly teacher: Teacher | null;
  /** The highest, after the warm-up. */
  readonly learningRate: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly budgetMs: number;
  readonly device: TrainingDevice;
  readonly checkpointFolder: string;
  readonly resume: boolean;
  readonly now: () => number;
  /** Told after each step. */
  readonly onStep?: (now: { readonly elapsedMs: number; readonly loss: number }) => void;
  /** Told at each checkpoint. */
  readonly onProgress: (progress: PretrainProgress) => Promise<void> | void;
}

export interface PretrainProgress {
  readonly step: number;
  readonly elapsedMs: number;
  readonly loss: number;
  readonly examplesPerSecond: number;
  readonly epochs: number;
  readonly checkpoint: PretrainCheckpoint;
}

/** Trains until the time is up and returns the last checkpoint, which is also in the folder. */
export async function pretrain(options: PretrainOptions): Promise<PretrainCheckpoint> {
  const { network, device, budgetMs, now } = options;
  let checkpoint = await startingPoint(options);
  const trainer = await openNetworkTrainer({ network, device, batch: BATCH }, checkpoint.state);
  while (checkpoint.elapsedMs < budgetMs) {
    const until = Math.min(checkpoint.elapsedMs + CHECKPOINT_EVERY_MS, budgetMs);
    const startedAt = now();
    const stretch = await trainStretch(trainer, options, { checkpoint, until });
    await writeCheckpoint(options.checkpointFolder, stretch.checkpoint);
    const steps = stretch.checkpoint.state.step - checkpoint.state.step;
    checkpoint = stretch.checkpoint;
    await options.onProgress({
      step: checkpoint.state.step,
      elapsedMs: checkpoint.elapsedMs,
      loss: stretch.loss,
      examplesPerSecond: (steps * BATCH * 1000) / (now() - startedAt),
      epochs: (checkpoint.state.step * BATCH) / options.folder.training.count,
      checkpoint,
    });
  }
  await trainer.close();
  return checkpoint;
}

async function startingPoint(options: PretrainOptions): Promise<PretrainCheckpoint> {
  const { network, start, seed, folder } = options;
  const found = options.resume ? await findCheckpoint(options.checkpointFolder) : null;
  if (found) {
    if (found.names.join() !== folder.names.join())
      throw new Error('The checkpoint was trained on other categories.');
    if (!isSameNetwork(found.network, network))
      throw new Error(
        'The checkpoint is of another network. Name its --blocks and --path, or do not resume.',
      );
    return found;
  }
  const state = freshState({ network }, start);
  return {
    network,
    names: folder.names,
    seed,
    elapsedMs: 0,
    state,
    averageWeights: state.weights.slice(),
    averageStatistics: state.statistics.slice(),
  };
}

/** Trains from one checkpoint to the next and gives the mean loss on the way. */
async function trainStretch(
  trainer: NetworkTrainer,
  options: PretrainOptions,
  { checkpoint, until }: { readonly checkpoint: PretrainCheckpoint; readonly until: number },
): Promise<{ checkpoint: PretrainCheckpoint; loss: number }> {
  const { folder, network, teacher, budgetMs, now, onStep } = options;
  const batches = batchesOf({
    drawings: folder.training,
    augmentation: options.augmentation,
    planes: network.planes,
    batch: BATCH,
    categories: network.categories,
    embeddingSize: embeddingSizeOf(network),
    seed: checkpoint.seed + checkpoint.state.step,
  });
  const averages = {
    averageWeights: checkpoint.averageWeights.slice(),
    averageStatistics: checkpoint.averageStatistics.slice(),
  };
  const startedAt = now();
  let { elapsedMs } = checkpoint;
  let [losses, steps] = [0, 0];
  while (elapsedMs < until) {
    const share = learningRateShare(checkpoint.state.step + steps, elapsedMs / budgetMs);
    const learningRate = share * options.learningRate;
    const rates = { learningRate, weightDecay: WEIGHT_DECAY };
    const labelled = batches.next().value;
    const batch = teacher ? await teacher.teach(labelled) : labelled;
    const loss = await trainer.step(batch, rates);
    losses += loss;
    steps++;
    const made = checkpoint.state.step + steps;
    if (made % AVERAGE_EVERY === 0) {
      const { weights, statistics } = await trainer.read();
      follow(averages.averageWeights, weights, made);
      follow(averages.averageStatistics, statistics, made);
    }
    elapsedMs = checkpoint.elapsedMs + now() - startedAt;
    onStep?.({ elapsedMs, loss });
  }
  const state = await trainer.read();
  return { checkpoint: { ...checkpoint, ...averages, state, elapsedMs }, loss: losses / steps };
}

/** Of the highest: a warm-up, and a cosine to 0. */
function learningRateShare(step: number, progress: number): number {
  const warmUp = Math.min(1, (step + 1) / WARM_UP_STEPS);
  return (warmUp * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** Early on the averages follow faster, so that they forget the random start. */
function follow(average: Float32Array, current: Float32Array, steps: number): void {
  const updates = steps / AVERAGE_EVERY;
  const keeps = Math.min(AVERAGE_KEEPS, updates / (updates + 9));
  for (let i = 0; i < average.length; i++) {
    average[i] = keeps * (average[i] ?? 0) + (1 - keeps) * (current[i] ?? 0);
  }
}
