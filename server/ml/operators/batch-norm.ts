import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Shape, Value } from '../onnx-graph.ts';

/** Added to a variance before its root is taken. */
export const BATCH_NORM_EPSILON = 1e-5;

export interface BatchNorm {
  /** [batch, channels, height, width] */
  readonly input: Value;
  /** [1, channels, 1, 1] */
  readonly gamma: Value;
  /** [1, channels, 1, 1] */
  readonly beta: Value;
}

/** Mean and variance of each channel, [1, channels, 1, 1] each. */
export interface ChannelStatistics {
  readonly mean: Value;
  readonly variance: Value;
}

/** Arithmetic with broadcasting, and reductions of everything but the channels. */
class ChannelArithmetic {
  readonly #graph: OnnxGraph;
  readonly full: Shape;
  readonly perChannel: Shape;

  constructor(graph: OnnxGraph, full: Shape) {
    this.#graph = graph;
    this.full = full;
    this.perChannel = [1, full[1] ?? 1, 1, 1];
  }

  each(opType: string, a: Value, b: Value): Value {
    const isFull = [a, b].some((value) => value.shape.join() === this.full.join());
    return this.#graph.node(opType, [a, b], { shape: isFull ? this.full : this.perChannel });
  }

  reduce(opType: 'ReduceMean' | 'ReduceSum', value: Value): Value {
    const axes = this.#graph.integers([0, 2, 3]);
    const attributes = { keepdims: 1 };
    return this.#graph.node(opType, [value, axes], { shape: this.perChannel, attributes });
  }

  inverseDeviation(variance: Value): Value {
    const shape = this.perChannel;
    const shifted = this.#graph.node('Add', [variance, this.#graph.scalar(BATCH_NORM_EPSILON)], {
      shape,
    });
    const deviation = this.#graph.node('Sqrt', [shifted], { shape });
    return this.#graph.node('Div', [this.#graph.scalar(1), deviation], { shape });
  }

  scale(value: Value, factor: number): Value {
    return this.each('Mul', value, this.#graph.scalar(factor));
  }
}

/**
 * Batch norm with the statistics of the batch (Ioffe and Szegedy 2015), differentiated as one
 * operator: written out of its parts, the backward pass would have three times as many nodes.
 */
export function batchNorm(
  tape: Tape,
  { input, gamma, beta }: BatchNorm,
): { readonly output: Value; readonly statistics: ChannelStatistics } {
  const on = new ChannelArithmetic(tape.graph, input.shape);
  const mean = on.reduce('ReduceMean', input);
  const centred = on.each('Sub', input, mean);
  const variance = on.reduce('ReduceMean', on.each('Mul', centred, centred));
  const inverse = on.inverseDeviation(variance);
  const slope = on.each('Mul', gamma, inverse);
  const output = on.each('Add', on.each('Mul', centred, slope), beta);
  const [batch = 1, , height = 1, width = 1] = input.shape;
  const share = 1 / (batch * height * width);
  tape.record([input, gamma, beta], output, (gradient, isWanted) => {
    const betaGradient = on.reduce('ReduceSum', gradient);
    const product = on.reduce('ReduceSum', on.each('Mul', gradient, centred));
    const gammaGradient = on.each('Mul', product, inverse);
    if (!isWanted(input)) return [null, gammaGradient, betaGradient];
    // slope * (gradient - mean(gradient) - centred * inverse * mean(gradient * normalised))
    const level = on.scale(betaGradient, share);
    const tilt = on.scale(on.each('Mul', gammaGradient, inverse), share);
    const flat = on.each('Sub', gradient, level);
    const straight = on.each('Sub', flat, on.each('Mul', centred, tilt));
    return [on.each('Mul', straight, slope), gammaGradient, betaGradient];
  });
  return { output, statistics: { mean, variance } };
}

/** Batch norm with given statistics, for parts of a network that are frozen: not differentiated. */
export function frozenBatchNorm(
  graph: OnnxGraph,
  { input, gamma, beta }: BatchNorm,
  { mean, variance }: ChannelStatistics,
): Value {
  const on = new ChannelArithmetic(graph, input.shape);
  const slope = on.each('Mul', gamma, on.inverseDeviation(variance));
  return on.each('Add', on.each('Mul', on.each('Sub', input, mean), slope), beta);
}
