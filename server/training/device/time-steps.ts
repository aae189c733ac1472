import { seededRandom } from '../../../shared/random.ts';
import { embeddingSizeOf, initialState } from '../../ml/network.ts';
import {
  freshState,
  openNetworkTrainer,
  type Batch,
  type TrainerOptions,
} from '../network-trainer.ts';
import type { TrainingDevice } from './training-device.ts';

/** What the cost of a training step depends on. */
export type StepShape = Pick<TrainerOptions, 'network' | 'batch' | 'frozenBlocks'>;

/** How a device makes the steps of a network. */
export interface StepTiming {
  readonly examplesPerSecond: number;
  /** Of the first steps, the same on every device that computes rightly. */
  readonly losses: readonly number[];
}

/** The first step on a GPU compiles, the second may still allocate. */
const WARM_UP_STEPS = 2;
const LEAST_TIMED_STEPS = 2;
const MOST_TIMED_STEPS = 10;
const TIMED_MS = 500;
const COMPARED_STEPS = WARM_UP_STEPS + LEAST_TIMED_STEPS;
const RATES = { learningRate: 1e-3, weightDecay: 0.01 };
const INK_SHARE = 0.1;

/**
 * Times some steps on a batch of noise, after a warm-up. Throws where the device cannot be had, and
 * between two steps the reason of `signal` when that is aborted.
 */
export async function timeSteps(
  shape: StepShape,
  device: TrainingDevice,
  signal?: AbortSignal,
): Promise<StepTiming> {
  const state = freshState(shape, initialState(shape.network, 1));
  const trainer = await openNetworkTrainer({ ...shape, device }, state);
  try {
    const batch = noiseBatch(shape);
    const losses: number[] = [];
    const milliseconds: number[] = [];
    let timedFrom = performance.now();
    while (!isEnough(milliseconds.length, performance.now() - timedFrom)) {
      signal?.throwIfAborted();
      const startedAt = performance.now();
      losses.push(await trainer.step(batch, RATES));
      if (losses.length > WARM_UP_STEPS) milliseconds.push(performance.now() - startedAt);
      else timedFrom = performance.now();
    }
    const examplesPerSecond = (shape.batch * 1_000) / median(milliseconds);
    return { examplesPerSecond, losses: losses.slice(0, COMPARED_STEPS) };
  } finally {
    await trainer.close();
  }
}

function isEnough(steps: number, milliseconds: number): boolean {
  return steps >= MOST_TIMED_STEPS || (steps >= LEAST_TIMED_STEPS && milliseconds >= TIMED_MS);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

function noiseBatch({ network, batch }: StepShape): Batch {
  const random = seededRandom(1);
  const { pixels, planes, categories } = network;
  const rasters = new Uint8Array(batch * planes * pixels * pixels);
  rasters.forEach((_, i) => (rasters[i] = random() < INK_SHARE ? 255 : 0));
  const targets = new Float32Array(batch * categories);
  for (let i = 0; i < batch; i++) targets[i * categories + (i % categories)] = 1;
  return { rasters, targets, dropout: new Float32Array(batch * embeddingSizeOf(network)).fill(1) };
}
