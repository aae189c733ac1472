/**
 * The forward pass of training, recorded on a tape: blocks, embedding, dropout, head. Frozen blocks
 * use the running statistics of batch norm, the others those of the batch.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import { Tape } from './autodiff.ts';
import { isResidual, parametersOf, type Network } from './network.ts';
import type { OnnxGraph, Value } from './onnx-graph.ts';
import {
  batchNorm,
  frozenBatchNorm,
  type BatchNorm,
  type ChannelStatistics,
} from './operators/batch-norm.ts';
import { convolve, type ConvolutionForm } from './operators/convolution.ts';
import { add, multiply, silu } from './operators/elementwise.ts';
import { linear } from './operators/linear.ts';
import { globalAveragePool } from './operators/pooling.ts';

/** The network's tensors by the names of its parameters. */
export type Tensors = ReadonlyMap<string, Value>;

/** Cuts the flat vector of weights into tensors. */
export function sliceParameters(graph: OnnxGraph, network: Network, weights: Value): Tensors {
  return new Map(
    parametersOf(network).map(({ name, shape, offset, size }) => {
      const flat = graph.slice(weights, offset, offset + size);
      return [name, graph.reshape(flat, shape)];
    }),
  );
}

export function tensorOf(tensors: Tensors, name: string): Value {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`The network has no ${name}.`);
  return tensor;
}

export interface ForwardOptions {
  readonly network: Network;
  readonly frozenBlocks?: number;
  readonly form?: ConvolutionForm;
}

export interface ForwardInputs {
  readonly tensors: Tensors;
  readonly statistics: Value;
  readonly raster: Value;
  readonly dropout: Value;
}

export interface ForwardPass {
  readonly tape: Tape;
  readonly logits: Value;
  /** Of each block; the running ones where it is frozen. */
  readonly statistics: readonly BlockStatistics[];
}

export interface BlockStatistics extends ChannelStatistics {
  readonly isFrozen: boolean;
}

/** Writes the pass from rasters to logits. */
export function forwardPass(
  graph: OnnxGraph,
  options: ForwardOptions,
  inputs: ForwardInputs,
): ForwardPass {
  const { network, frozenBlocks = 0 } = options;
  const { tensors } = inputs;
  const tape = new Tape(graph);
  const running = sliceStatistics(graph, network, inputs.statistics);
  const statistics: BlockStatistics[] = [];
  let features = toRows(graph, scaleRaster(graph, inputs.raster));
  network.blocks.forEach(({ stride }, i) => {
    const weights = tensorOf(tensors, `weights${i}`);
    const input = convolve(tape, { input: features, weights, stride, form: options.form });
    const norm = {
      input,
      gamma: tensorOf(tensors, `gamma${i}`),
      beta: tensorOf(tensors, `beta${i}`),
    };
    const normalized = normalize(tape, norm, i < frozenBlocks ? running[i] : undefined);
    statistics.push(normalized.statistics);
    const output = silu(tape, normalized.output);
    features = isResidual(network, i) ? add(tape, features, output) : output;
  });
  const embedding = multiply(tape, globalAveragePool(tape, features), inputs.dropout);
  const weights = tensorOf(tensors, 'headWeights');
  const logits = linear(tape, { input: embedding, weights, bias: tensorOf(tensors, 'headBias') });
  return { tape, logits, statistics };
}

function normalize(
  tape: Tape,
  norm: BatchNorm,
  frozen: ChannelStatistics | undefined,
): { output: Value; statistics: BlockStatistics } {
  if (frozen) {
    const output = frozenBatchNorm(tape.graph, norm, frozen);
    return { output, statistics: { ...frozen, isFrozen: true } };
  }
  const { output, statistics } = batchNorm(tape, norm);
  return { output, statistics: { ...statistics, isFrozen: false } };
}

/** Bytes to 0..1. */
export function scaleRaster(graph: OnnxGraph, raster: Value): Value {
  const { shape } = raster;
  const attributes = { to: DataType.FLOAT };
  const floats = graph.node('Cast', [raster], { shape, attributes });
  return graph.node('Mul', [floats, graph.scalar(1 / 255)], { shape });
}

/** [batch, planes, height, width] to [batch, pixels, planes]. */
function toRows(graph: OnnxGraph, raster: Value): Value {
  const [batch = 0, planes = 0, height = 0, width = 0] = raster.shape;
  const flat = graph.reshape(raster, [batch, planes, height * width]);
  return graph.transpose(flat, [0, 2, 1]);
}

function sliceStatistics(graph: OnnxGraph, network: Network, flat: Value): ChannelStatistics[] {
  let offset = 0;
  return network.blocks.map(({ channels }) => {
    const [start, middle, end] = [offset, offset + channels, offset + 2 * channels];
    offset = end;
    const shape = [1, channels];
    return {
      mean: graph.reshape(graph.slice(flat, start, middle), shape),
      variance: graph.reshape(graph.slice(flat, middle, end), shape),
    };
  });
}
