import type { OnnxGraph, Value } from './onnx-graph.ts';

/** How much of Adam's moments is kept from one step to the next. */
const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/** Adam's running mean of the gradient and of its square. */
export interface AdamState {
  readonly mean: Value;
  readonly square: Value;
}

export interface AdamInputs extends AdamState {
  readonly weights: Value;
  readonly gradient: Value;
  /** 1 where weight decay applies, else 0. */
  readonly decay: Value;
  /** [4]: learning rate, both bias corrections, weight decay; see `adamRates`. */
  readonly rates: Value;
}

/**
 * One step of AdamW on flat vectors (Loshchilov and Hutter 2017), written into the graph. The
 * graph holds no counter of steps: the bias corrections come in with the rates.
 */
export function adamW(
  graph: OnnxGraph,
  inputs: AdamInputs,
): AdamState & { readonly weights: Value } {
  const { weights, gradient } = inputs;
  const { shape } = weights;
  const each = (opType: string, ...values: Value[]): Value => graph.node(opType, values, { shape });
  const follow = (moment: Value, value: Value, decay: number): Value =>
    each('Add', moment, each('Mul', each('Sub', value, moment), graph.scalar(1 - decay)));
  const rate = (index: number): Value => graph.slice(inputs.rates, [index, index + 1]);

  const mean = follow(inputs.mean, gradient, MEAN_DECAY);
  const square = follow(inputs.square, each('Mul', gradient, gradient), SQUARE_DECAY);
  // Single numbers are multiplied first: each operation on the vectors is a pass over memory.
  const one = (opType: string, ...values: Value[]): Value =>
    graph.node(opType, values, { shape: [1] });
  const correction = one('Sqrt', rate(2));
  const epsilon = one('Div', graph.scalar(EPSILON), correction);
  const pace = one('Div', one('Mul', rate(0), rate(1)), correction);
  const direction = each('Div', mean, each('Add', each('Sqrt', square), epsilon));
  const decayed = each('Mul', each('Mul', weights, inputs.decay), one('Mul', rate(0), rate(3)));
  const step = each('Add', each('Mul', direction, pace), decayed);
  return { weights: each('Sub', weights, step), mean, square };
}

/** The input `rates` of step 1, 2, 3 ... */
export function adamRates(step: number, learningRate: number, weightDecay: number): Float32Array {
  return Float32Array.of(
    learningRate,
    1 / (1 - MEAN_DECAY ** step),
    1 / (1 - SQUARE_DECAY ** step),
    weightDecay,
  );
}
