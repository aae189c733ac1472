/**
 * Keeps the state on a WebGPU device: what a step gives is fed to the next one as it lies there.
 * Copies cross over through sessions that do nothing else, because ONNX Runtime's binding for Node
 * cannot read a tensor of the device: `getData()` on one ends the process.
 */
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { OnnxGraph } from '../../ml/onnx-graph.ts';
import {
  eachPart,
  floatsOf,
  outputOf,
  vector,
  type EachPart,
  type StartingPoint,
  type StepState,
} from './step-state.ts';
import type { TrainingSession } from './training-session.ts';

const ANY_LENGTH = -1;

/** Where the outputs of a step's session on WebGPU lie. */
export const STEP_OUTPUT_LOCATIONS = {
  next_weights: 'gpu-buffer',
  next_statistics: 'gpu-buffer',
  next_mean: 'gpu-buffer',
  next_square: 'gpu-buffer',
  loss: 'cpu',
} as const;

/** `options` say how to make the sessions that copy, on the device of the step's session. */
export async function stateOnWebGpu(
  session: InferenceSession,
  options: InferenceSession.SessionOptions,
  start: StartingPoint,
): Promise<TrainingSession> {
  const upload = await openCopy({ ...options, preferredOutputLocation: 'gpu-buffer' });
  const download = await openCopy({ ...options, preferredOutputLocation: 'cpu' });
  const decay = await upload.copy(vector(start.decay));
  let state = await eachPartInTurn((part) => upload.copy(vector(start.state[part])));
  return {
    step: async (inputs) => {
      const outputs = await session.run({ ...state, decay, ...inputs });
      disposeAll(state);
      state = eachPart((part) => outputOf(outputs, `next_${part}`));
      return floatsOf(outputOf(outputs, 'loss'))[0] ?? NaN;
    },
    read: () => eachPartInTurn(async (part) => floatsOf(await download.copy(state[part]))),
    close: async () => {
      disposeAll({ ...state, decay });
      await upload.close();
      await download.close();
      await session.release();
    },
  };
}

interface Copy {
  copy(vector: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

async function openCopy(options: InferenceSession.SessionOptions): Promise<Copy> {
  const graph = new OnnxGraph();
  graph.output('copy', graph.input('vector', [ANY_LENGTH]));
  const session = await InferenceSession.create(graph.toBytes(), options);
  return {
    copy: async (vector) => outputOf(await session.run({ vector }), 'copy'),
    close: () => session.release(),
  };
}

/** One after the other, since a session runs one thing at a time. */
async function eachPartInTurn<T>(
  make: (part: keyof StepState) => Promise<T>,
): Promise<EachPart<T>> {
  return {
    weights: await make('weights'),
    statistics: await make('statistics'),
    mean: await make('mean'),
    square: await make('square'),
  };
}

function disposeAll(tensors: Readonly<Record<string, Tensor>>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
