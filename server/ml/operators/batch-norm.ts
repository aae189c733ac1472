import type { Tape } from '../autodiff.ts';
import type { OnnxGraph, Shape, Value } from '../onnx-graph.ts';

/** Added to a variance before its root is taken. */
export const BATCH_NORM_EPSILON = 1e-5;

/** The runtime broadcasts row by row, so pixels with few channels share a row up to this width. */
const WIDEST_SHARED_ROW = 512;

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

/** Arithmetic between the numbers of a tensor and those of its channels, and means per channel. */
class ChannelArithmetic {
  readonly #graph: OnnxGraph;
  readonly #image: Shape;
  /** How many pixels of how many share a row. */
  readonly #fold: number;
  readonly #rows: number;
  readonly full: Shape;
  readonly perChannel: Shape;

  constructor(graph: OnnxGraph, image: Shape) {
    const [batch = 1, pixels = 1, channels = 1] = image;
    this.#graph = graph;
    this.#image = image;
    this.#rows = batch * pixels;
    this.#fold = foldOf(this.#rows, channels);
    this.full = [this.#rows / this.#fold, this.#fold * channels];
    this.perChannel = [1, channels];
  }

  /** [batch, pixels, channels] as the other methods take it. */
  open(image: Value): Value {
    return this.#graph.reshape(image, this.full);
  }

  /** The way back from `open`. */
  close(value: Value): Value {
    return this.#graph.reshape(value, this.#image);
  }

  each(opType: string, a: Value, b: Value): Value {
    const isFull = [a, b].some((value) => hasShape(value, this.full));
    const [shape, inputs] = isFull
      ? [this.full, [this.#spread(a), this.#spread(b)]]
      : [this.perChannel, [a, b]];
    return this.#graph.node(opType, inputs, { shape });
  }

  /**
   * The mean over the batch's pixels, as a product with a row of equal shares: several times as
   * fast on the CPU as a ReduceMean over the first axis.
   */
  mean(value: Value): Value {
    const rows = this.#rows;
    const shares = new Float32Array(rows).fill(1 / rows);
    const [, channels = 1] = this.perChannel;
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

  /** The sum over the batch's pixels whose mean this is. */
  sumOf(mean: Value): Value {
    return this.each('Mul', mean, this.#graph.scalar(this.#rows));
  }

  #spread(value: Value): Value {
    if (this.#fold === 1 || !hasShape(value, this.perChannel)) return value;
    const shape = [1, this.full[1] ?? 1];
    return this.#graph.node('Tile', [value, this.#graph.integers([1, this.#fold])], { shape });
  }
}

function hasShape(value: Value, shape: Shape): boolean {
  return value.shape.join() === shape.join();
}

function foldOf(rows: number, channels: number): number {
  let fold = 1;
  while (2 * fold * channels <= WIDEST_SHARED_ROW && rows % (2 * fold) === 0) fold *= 2;
  return fold;
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
  const centred = on.each('Sub', on.open(input), mean);
  const variance = on.mean(on.each('Mul', centred, centred));
  const inverse = on.inverseDeviation(variance);
  const slope = on.each('Mul', gamma, inverse);
  const output = on.close(on.each('Add', on.each('Mul', centred, slope), beta));
  tape.record([input, gamma, beta], output, (flowing, isWanted) => {
    const gradient = on.open(flowing);
    const level = on.mean(gradient);
    const tilt = on.each('Mul', on.mean(on.each('Mul', gradient, centred)), inverse);
    const [gammaGradient, betaGradient] = [on.sumOf(tilt), on.sumOf(level)];
    if (!isWanted(input)) return [null, gammaGradient, betaGradient];
    // slope * (gradient - mean(gradient) - centred * inverse * mean(gradient * normalised))
    const flat = on.each('Sub', gradient, level);
    const bend = on.each('Mul', centred, on.each('Mul', tilt, inverse));
    const straight = on.each('Sub', flat, bend);
    return [on.close(on.each('Mul', straight, slope)), gammaGradient, betaGradient];
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
  const centred = on.each('Sub', on.open(input), mean);
  return on.close(on.each('Add', on.each('Mul', centred, slope), beta));
}
