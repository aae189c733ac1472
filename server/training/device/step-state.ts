import { Tensor, type InferenceSession } from 'onnxruntime-node';

/** What a step changes, as flat vectors. */
export interface StepState {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

/** One thing for each part of the state. */
export type EachPart<T> = Readonly<Record<keyof StepState, T>>;

/** What a session starts with: its state, and the mask `decay` that every step takes unchanged. */
export interface StartingPoint {
  readonly state: StepState;
  readonly decay: Float32Array;
}

/** The same for each part of the state. */
export function eachPart<T>(make: (part: keyof StepState) => T): EachPart<T> {
  return {
    weights: make('weights'),
    statistics: make('statistics'),
    mean: make('mean'),
    square: make('square'),
  };
}

/** A vector as a tensor over the same memory. */
export function vector(numbers: Float32Array): Tensor {
  return new Tensor('float32', numbers, [numbers.length]);
}

/** An output that the graph must have. */
export function outputOf(outputs: InferenceSession.ReturnType, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`The training step gave no ${name}.`);
  return output;
}

/** The numbers of a tensor in the memory of the process, not copied. */
export function floatsOf({ data }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('The training step gave no floats.');
  return data;
}
