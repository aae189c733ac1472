import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TrainingDevice } from './training-device.ts';

/** What a step changes, as flat vectors. */
export interface StepState {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export type StateTensors = Readonly<Record<string, Tensor>>;

/** The session of a training step, with the state it works on. */
export interface TrainingSession {
  /** Runs the step on its state and what else it takes; gives the loss. */
  step(inputs: StateTensors): Promise<number>;
  /** A copy of the state. */
  read(): Promise<StepState>;
  close(): Promise<void>;
}

const STATE = ['weights', 'statistics', 'mean', 'square'] as const;
const ERRORS_ONLY = 3;

/** Opens the step's graph on a device. Throws where the device cannot be had. */
export async function openTrainingSession(
  model: Uint8Array,
  device: TrainingDevice,
  start: StepState,
): Promise<TrainingSession> {
  const session = await InferenceSession.create(model, sessionOptions(device));
  let state = eachOfState((name) => vector(start[name].slice()));
  return {
    step: async (inputs) => {
      const outputs = await session.run({ ...state, ...inputs });
      state = eachOfState((name) => outputOf(outputs, `next_${name}`));
      return floatsOf(outputOf(outputs, 'loss'))[0] ?? NaN;
    },
    read: () => Promise.resolve(eachOfState((name) => floatsOf(state[name]).slice())),
    close: () => session.release(),
  };
}

function sessionOptions({
  provider,
  threads,
  spinning,
}: TrainingDevice): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: ERRORS_ONLY,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}

function eachOfState<T>(
  make: (name: (typeof STATE)[number]) => T,
): Record<(typeof STATE)[number], T> {
  const [weights, statistics, mean, square] = STATE;
  return {
    weights: make(weights),
    statistics: make(statistics),
    mean: make(mean),
    square: make(square),
  };
}

function vector(numbers: Float32Array): Tensor {
  return new Tensor('float32', numbers, [numbers.length]);
}

function outputOf(outputs: InferenceSession.ReturnType, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`The training step gave no ${name}.`);
  return output;
}

function floatsOf({ data }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('The training step gave no floats.');
  return data;
}
