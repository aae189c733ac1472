import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Shape, Value } from '../onnx-graph.ts';

/** Added to a variance before its root is taken. */
export const BATCH_NORM_EPSILON = 1e-5;

export interface BatchNorm {
  /** [batch, pixels, channels] */
  readonly input: Value;
  /** [1, channels] */
  readonly gamma: Value;
  /** [1, channels] */
  readonly beta: Value;
}

/** Mean and variance of each channel, [1, channels] each. */
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
    this.perChannel = [1, full[2] ?? 1];
  }

  each(opType: string, a: Value, b: Value): Value {
    const isFull = [a, b].some((value) => value.shape.join() === this.full.join());
    return this.#graph.node(opType, [a, b], { shape: isFull ? this.full : this.perChannel });
  }

  /**
   * The mean over the batch's pixels, as a product with a row of equal shares: several times
   * faster on the CPU than a ReduceMean over the first axis.
   */
  mean(value: Value): Value {
    const [batch = 1, pixels = 1, channels = 1] = this.full;
    const rows = batch * pixels;
    const shares = new Float32Array(rows).fill(1 / rows);
    const inputs = [
      this.#graph.tensorOnce(`shares_${rows}`, [1, rows], shares),
      this.#graph.reshape(value, [rows, channels]),
    ];
    return this.#graph.node('MatMul', inputs, { shape: this.perChannel });
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
  const mean = on.mean(input);
  const centred = on.each('Sub', input, mean);
  const variance = on.mean(on.each('Mul', centred, centred));
  const inverse = on.inverseDeviation(variance);
  const slope = on.each('Mul', gamma, inverse);
  const output = on.each('Add', on.each('Mul', centred, slope), beta);
  const [batch = 1, pixels = 1] = input.shape;
  tape.record([input, gamma, beta], output, (gradient, isWanted) => {
    const level = on.mean(gradient);
    const tilt = on.each('Mul', on.mean(on.each('Mul', gradient, centred)), inverse);
    const rows = batch * pixels;
    const [gammaGradient, betaGradient] = [on.scale(tilt, rows), on.scale(level, rows)];
    if (!isWanted(input)) return [null, gammaGradient, betaGradient];
    // slope * (gradient - mean(gradient) - centred * inverse * mean(gradient * normalised))
    const flat = on.each('Sub', gradient, level);
    const bend = on.each('Mul', centred, on.each('Mul', tilt, inverse));
    const straight = on.each('Sub', flat, bend);
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
