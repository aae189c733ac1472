import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { adamRates } from '../ml/adam.ts';
import { decayMask, embeddingSizeOf, type Network, type NetworkState } from '../ml/network.ts';
import { firstTrainedWeight, trainStepGraph } from '../ml/train-step.ts';
import { createSession } from '../inference/session.ts';

/** A network in training: with the optimizer's moments and the number of steps made. */
export interface TrainingState extends NetworkState {
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly step: number;
}

/** One batch: rasters, soft targets and the dropout mask, each laid end to end. */
export interface Batch {
  readonly rasters: Uint8Array;
  readonly targets: Float32Array;
  readonly dropout: Float32Array;
}

export interface StepRates {
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface TrainerOptions {
  readonly network: Network;
  readonly batch: number;
  readonly frozenBlocks?: number;
}

/** The state of a network that has not been trained yet. */
export function freshState(
  { network, frozenBlocks = 0 }: TrainerOptions,
  state: NetworkState,
): TrainingState {
  const trained = state.weights.length - firstTrainedWeight(network, frozenBlocks);
  return { ...state, mean: new Float32Array(trained), square: new Float32Array(trained), step: 0 };
}

/** Runs the training step's graph. The state goes in and comes out: the trainer keeps none. */
export class NetworkTrainer {
  readonly #session: InferenceSession;
  readonly #options: TrainerOptions;
  readonly #decay: Float32Array;

  private constructor(session: InferenceSession, options: TrainerOptions) {
    this.#session = session;
    this.#options = options;
    const { network, frozenBlocks = 0 } = options;
    this.#decay = decayMask(network).subarray(firstTrainedWeight(network, frozenBlocks));
  }

  static async create(options: TrainerOptions): Promise<NetworkTrainer> {
    return new NetworkTrainer(await createSession(trainStepGraph(options)), options);
  }

  /** One step of AdamW; `loss` is that of the batch before the step. */
  async step(
    state: TrainingState,
    batch: Batch,
    { learningRate, weightDecay }: StepRates,
  ): Promise<{ state: TrainingState; loss: number }> {
    const step = state.step + 1;
    const outputs = await this.#session.run({
      weights: vector(state.weights),
      statistics: vector(state.statistics),
      mean: vector(state.mean),
      square: vector(state.square),
      decay: vector(this.#decay),
      rates: vector(adamRates(step, learningRate, weightDecay)),
      ...this.#batchTensors(batch),
    });
    const next = {
      weights: floatsOf(outputs, 'next_weights'),
      statistics: floatsOf(outputs, 'next_statistics'),
      mean: floatsOf(outputs, 'next_mean'),
      square: floatsOf(outputs, 'next_square'),
      step,
    };
    return { state: next, loss: floatsOf(outputs, 'loss')[0] ?? NaN };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #batchTensors({ rasters, targets, dropout }: Batch): Record<string, Tensor> {
    const { network, batch } = this.#options;
    const { pixels, categories } = network;
    return {
      raster: new Tensor('uint8', rasters, [batch, 1, pixels, pixels]),
      targets: new Tensor('float32', targets, [batch, categories]),
      dropout: new Tensor('float32', dropout, [batch, embeddingSizeOf(network)]),
    };
  }
}

function vector(numbers: Float32Array): Tensor {
  return new Tensor('float32', numbers, [numbers.length]);
}

function floatsOf(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const numbers = outputs[name]?.data;
  if (!(numbers instanceof Float32Array)) throw new Error(`The training step gave no ${name}.`);
  return numbers;
}
