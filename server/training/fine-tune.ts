/**
 * Fine-tuning: AdamW over augmented batches, the learning rate rising and falling once. After each
 * epoch the held out sketches tell whether it has become better; the best epoch's weights are kept.
 *
 * Where it stands is a plain value (`Position`), so that a checkpoint of it and of the network is
 * enough to go on exactly as if nothing had happened.
 */
import { setImmediate as othersHadATurn } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import type { CurvePoint } from '../../shared/training-run.ts';
import type { NetworkState } from '../ml/network.ts';
import type { TrainingDevice } from './device/training-device.ts';
import {
  batchAt,
  stepsPerEpoch,
  type BatchSource,
  type LabelledSketch,
} from './fine-tune-batches.ts';
import { validator, type Validation } from './fine-tune-validation.ts';
import { learningRateShare } from './learning-rate.ts';
import {
  freshState,
  openNetworkTrainer,
  type NetworkTrainer,
  type TrainingState,
} from './network-trainer.ts';

/** How far a fine-tuning is. */
export interface Position {
  /** Steps made, through all epochs. */
  readonly step: number;
  /** Sum of the losses of the epoch at hand. */
  readonly lossSum: number;
  readonly curve: readonly CurvePoint[];
  readonly best: Best | null;
  /** Milliseconds spent, by whoever worked on it. */
  readonly elapsedMs: number;
}

/** The epoch with the least validation loss. */
export interface Best {
  readonly epoch: number;
  readonly loss: number;
  readonly state: NetworkState;
}

/** All that is needed to go on. */
export interface FineTuneCheckpoint {
  readonly position: Position;
  readonly state: TrainingState;
}

export interface FineTuning extends BatchSource {
  readonly start: NetworkState;
  readonly frozenBlocks: number;
  readonly validation: readonly LabelledSketch[];
  readonly device: TrainingDevice;
  /** Where an earlier attempt got to, or null. */
  readonly checkpoint: FineTuneCheckpoint | null;
  /** Ends it after so many steps, as the clock did when the version was first made. */
  readonly stopAfterSteps: number | null;
  readonly signal: AbortSignal;
  readonly onStep: (progress: FineTuneProgress) => void;
  /** Called after every step; `read` copies out what a checkpoint needs. */
  readonly onPosition: (read: () => Promise<FineTuneCheckpoint>) => Promise<void>;
}

export interface FineTuneProgress {
  readonly position: Position;
  readonly loss: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly examplesPerSecond: number;
  readonly millisecondsLeft: number;
}

export interface FineTuned {
  readonly state: NetworkState;
  readonly curve: readonly CurvePoint[];
  /** Set where the time was over before the last epoch. */
  readonly stoppedAfterSteps: number | null;
}

const BEGINNING: Position = { step: 0, lossSum: 0, curve: [], best: null, elapsedMs: 0 };
const MINUTE_MS = 60_000;

/** Throws `training_run.impossible` when the loss stops being a number. */
export async function fineTune(tuning: FineTuning): Promise<FineTuned> {
  const { network, settings, frozenBlocks, device, start, checkpoint } = tuning;
  const options = { network, batch: settings.batchSize, frozenBlocks, device };
  const state = checkpoint?.state ?? freshState(options, start);
  const trainer = await openNetworkTrainer(options, state);
  try {
    return await new FineTuneLoop(tuning, trainer).run();
  } finally {
    await trainer.close();
  }
}

class FineTuneLoop {
  readonly #tuning: FineTuning;
  readonly #trainer: NetworkTrainer;
  readonly #validate: (state: NetworkState) => Promise<Validation | null>;
  readonly #stepsPerEpoch: number;
  readonly #steps: number;
  readonly #from: { readonly step: number; readonly at: number };
  #position: Position;

  constructor(tuning: FineTuning, trainer: NetworkTrainer) {
    this.#tuning = tuning;
    this.#trainer = trainer;
    this.#validate = validator(tuning.network, tuning.validation);
    this.#stepsPerEpoch = stepsPerEpoch(tuning);
    this.#steps = this.#stepsPerEpoch * tuning.settings.epochs;
    this.#position = tuning.checkpoint?.position ?? BEGINNING;
    const { step, elapsedMs } = this.#position;
    this.#from = { step, at: performance.now() - elapsedMs };
  }

  async run(): Promise<FineTuned> {
    while (this.#position.step < this.#steps && !this.#isTimeOver() && !this.#isStuck()) {
      this.#tuning.signal.throwIfAborted();
      await this.#makeStep();
      if (this.#position.step % this.#stepsPerEpoch === 0) await this.#endEpoch();
      await this.#tuning.onPosition(() => this.#read());
      // So that the lease is renewed and a cancellation is heard of, however fast the steps are.
      await othersHadATurn();
    }
    const { state } = await this.#read();
    const { best, curve, step } = this.#position;
    assertFinite(extremes(state.weights));
    return {
      state: best?.state ?? { weights: state.weights, statistics: state.statistics },
      curve,
      stoppedAfterSteps: step < this.#steps && !this.#isStuck() ? step : null,
    };
  }

  async #makeStep(): Promise<void> {
    const { settings, onStep } = this.#tuning;
    const { step, lossSum } = this.#position;
    const learningRate = settings.learningRate * learningRateShare(step, this.#steps);
    const rates = { learningRate, weightDecay: settings.weightDecay };
    const loss = await this.#trainer.step(batchAt(this.#tuning, step), rates);
    assertFinite([loss]);
    const elapsedMs = performance.now() - this.#from.at;
    this.#position = { ...this.#position, step: step + 1, lossSum: lossSum + loss, elapsedMs };
    onStep({ position: this.#position, loss, ...this.#speed() });
  }

  async #endEpoch(): Promise<void> {
    const { step, lossSum, curve, best } = this.#position;
    const epoch = step / this.#stepsPerEpoch;
    const state = await this.#trainer.read();
    const validation = await this.#validate(state);
    if (validation) assertFinite([validation.loss]);
    const point: CurvePoint = {
      epoch,
      loss: lossSum / this.#stepsPerEpoch,
      validationLoss: validation?.loss ?? null,
      accuracy: validation?.accuracy ?? null,
    };
    const isBetter = validation !== null && validation.loss < (best?.loss ?? Infinity);
    this.#position = {
      ...this.#position,
      lossSum: 0,
      curve: [...curve, point],
      best: isBetter ? { epoch, loss: validation.loss, state: weightsOf(state) } : best,
    };
  }

  #isTimeOver(): boolean {
    const { stopAfterSteps, settings } = this.#tuning;
    const { step, elapsedMs } = this.#position;
    if (stopAfterSteps !== null) return step >= stopAfterSteps;
    return elapsedMs >= settings.maxMinutes * MINUTE_MS;
  }

  /** So many epochs have passed without a better one. */
  #isStuck(): boolean {
    const { best, curve } = this.#position;
    return best !== null && curve.length - best.epoch >= this.#tuning.settings.patience;
  }

  #speed(): Omit<FineTuneProgress, 'position' | 'loss'> {
    const { step, elapsedMs } = this.#position;
    const made = step - this.#from.step;
    const spentMs = elapsedMs - (this.#tuning.checkpoint?.position.elapsedMs ?? 0);
    const stepMs = spentMs / made;
    return {
      steps: this.#steps,
      stepsPerEpoch: this.#stepsPerEpoch,
      examplesPerSecond: (this.#tuning.settings.batchSize * 1_000) / stepMs,
      millisecondsLeft: (this.#steps - step) * stepMs,
    };
  }

  async #read(): Promise<FineTuneCheckpoint> {
    return { position: this.#position, state: await this.#trainer.read() };
  }
}

function weightsOf({ weights, statistics }: NetworkState): NetworkState {
  return { weights, statistics };
}

/** The least and the largest of the numbers; NaN if one of them is. */
function extremes(numbers: Float32Array): [number, number] {
  let [least, largest] = [Infinity, -Infinity];
  for (const number of numbers) {
    if (Number.isNaN(number)) return [NaN, NaN];
    if (number < least) least = number;
    if (number > largest) largest = number;
  }
  return [least, largest];
}

function assertFinite(numbers: readonly number[]): void {
  if (numbers.every(Number.isFinite)) return;
  throw new AppError(
    'training_run.impossible',
    'The training got out of hand: its loss is not a number any more. Start it again with a lower learning rate.',
  );
}
