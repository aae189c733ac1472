import { Tensor } from 'onnxruntime-node';
import { adamRates } from '../ml/adam.ts';
import { decayMask, embeddingSizeOf, type Network, type NetworkState } from '../ml/network.ts';
import { firstTrainedWeight, trainStepGraph } from '../ml/train-step.ts';
import { ONE_CPU_THREAD, type TrainingDevice } from './device/training-device.ts';
import { openTrainingSession } from './device/training-session.ts';

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

/** `frozenBlocks` from the first stay as they are. Without a `device`: one thread of the CPU. */
export interface TrainerOptions {
  readonly network: Network;
  readonly batch: number;
  readonly frozenBlocks?: number;
  readonly device?: TrainingDevice;
}

/**
 * A network being trained. Its state lives in here, on a GPU where the device is one, and is only
 * copied out when it is read. Steps are made one after the other: each is awaited before the next.
 */
export interface NetworkTrainer {
  /** One step of AdamW; gives the loss of the batch before the step. */
  step(batch: Batch, rates: StepRates): Promise<number>;
  /** A copy of the state as it is after the last step. */
  read(): Promise<TrainingState>;
  /** Frees the session and the memory of the device. */
  close(): Promise<void>;
}

/** The state of a network that has not been trained yet. */
export function freshState(
  { network, frozenBlocks = 0 }: Pick<TrainerOptions, 'network' | 'frozenBlocks'>,
  state: NetworkState,
): TrainingState {
  const trained = state.weights.length - firstTrainedWeight(network, frozenBlocks);
  return { ...state, mean: new Float32Array(trained), square: new Float32Array(trained), step: 0 };
}

/** Starts to train from `state`, which is copied. Throws where the device cannot be had. */
export async function openNetworkTrainer(
  options: TrainerOptions,
  state: TrainingState,
): Promise<NetworkTrainer> {
  const { network, frozenBlocks = 0, device = ONE_CPU_THREAD } = options;
  const decay = decayMask(network).subarray(firstTrainedWeight(network, frozenBlocks));
  const session = await openTrainingSession(trainStepGraph(options), device, { state, decay });
  let made = state.step;
  return {
    step: async (batch, { learningRate, weightDecay }) => {
      const loss = await session.step({
        ...batchTensors(options, batch),
        rates: new Tensor('float32', adamRates(made + 1, learningRate, weightDecay), [4]),
      });
      made++;
      return loss;
    },
    read: async () => ({ ...(await session.read()), step: made }),
    close: () => session.close(),
  };
}

function batchTensors(
  { network, batch }: TrainerOptions,
  { rasters, targets, dropout }: Batch,
): Record<string, Tensor> {
  const { pixels, planes, categories } = network;
  return {
    raster: new Tensor('uint8', rasters, [batch, planes, pixels, pixels]),
    targets: new Tensor('float32', targets, [batch, categories]),
    dropout: new Tensor('float32', dropout, [batch, embeddingSizeOf(network)]),
  };
}
