import type { InferenceSession } from 'onnxruntime-node';
import {
  eachPart,
  floatsOf,
  outputOf,
  vector,
  type StartingPoint,
  type StepState,
} from './step-state.ts';
import type { TrainingSession } from './training-session.ts';

/**
 * Keeps the state in the memory of the process, twice: a step reads one and writes the other, so
 * that no step allocates megabytes.
 */
export function stateOnHost(session: InferenceSession, start: StartingPoint): TrainingSession {
  const decay = vector(start.decay);
  let current = eachPart((part) => vector(start.state[part].slice()));
  let spare = eachPart((part) => vector(new Float32Array(start.state[part].length)));
  return {
    step: async (inputs) => {
      const { weights, statistics, mean, square } = spare;
      const outputs = await session.run(
        { ...current, decay, ...inputs },
        {
          next_weights: weights,
          next_statistics: statistics,
          next_mean: mean,
          next_square: square,
          loss: null,
        },
      );
      [current, spare] = [spare, current];
      return floatsOf(outputOf(outputs, 'loss'))[0] ?? NaN;
    },
    read: () => Promise.resolve<StepState>(eachPart((part) => floatsOf(current[part]).slice())),
    close: () => session.release(),
  };
}
