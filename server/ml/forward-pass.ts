/**
 * The forward pass of training, recorded on a tape: the blocks of each branch, embedding, dropout,
 * head. Frozen blocks use the running statistics of batch norm, the others those of the batch.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import { IMAGE_PLANES } from '../../shared/rasterize.ts';
import { Tape } from './autodiff.ts';
import {
  parametersOf,
  placedBlocksOf,
  type Branch,
  type Network,
  type PlacedBlock,
} from './network.ts';
import { sizeOf, type OnnxGraph, type Value } from './onnx-graph.ts';
import {
  batchNorm,
  frozenBatchNorm,
  type BatchNorm,
  type ChannelStatistics,
} from './operators/batch-norm.ts';
import { convolve, type ConvolutionForm } from './operators/convolution.ts';
import { concatenateFeatures } from './operators/concatenation.ts';
import { add, multiply, silu } from './operators/elementwise.ts';
import { linear } from './operators/linear.ts';
import { globalAveragePool } from './operators/pooling.ts';

/** The network's tensors by the names of its parameters. */
export type Tensors = ReadonlyMap<string, Value>;

/** Cuts the flat vector of weights into tensors. */
export function sliceParameters(graph: OnnxGraph, network: Network, weights: Value): Tensors {
  return new Map(
    parametersOf(network).map(({ name, shape, offset, size }) => {
      const flat = graph.slice(weights, [offset, offset + size]);
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
  const raster = scaleRaster(graph, inputs.raster);
  const branches = new Map<Branch, Value>();
  placedBlocksOf(network).forEach((block, i) => {
    const { branch, stride } = block;
    const features = branches.get(branch) ?? inputOf(graph, block, raster);
    const weights = tensorOf(tensors, `weights${i}`);
    const shape = { stride, isLine: branch === 'path', form: options.form };
    const norm = {
      input: convolve(tape, { ...shape, input: features, weights }),
      gamma: tensorOf(tensors, `gamma${i}`),
      beta: tensorOf(tensors, `beta${i}`),
    };
    const normalized = normalize(tape, norm, i < frozenBlocks ? running[i] : undefined);
    statistics.push(normalized.statistics);
    const output = silu(tape, normalized.output);
    branches.set(branch, block.isResidual ? add(tape, features, output) : output);
  });
  const pooled = [...branches.values()].map((features) => globalAveragePool(tape, features));
  const embedding = multiply(tape, concatenateFeatures(tape, pooled), inputs.dropout);
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

/** The planes of a raster that a branch sees. */
export function planesOf(graph: OnnxGraph, branch: Branch, raster: Value): Value {
  const [, planes = 0] = raster.shape;
  if (branch === 'path') return graph.slice(raster, [planes - 1, planes], 1);
  return planes > IMAGE_PLANES ? graph.slice(raster, [0, IMAGE_PLANES], 1) : raster;
}

/** The network sees bytes as 0..1. */
export const BYTE_SCALE = 1 / 255;

export function toFloats(graph: OnnxGraph, raster: Value): Value {
  return graph.node('Cast', [raster], { shape: raster.shape, attributes: { to: DataType.FLOAT } });
}

function scaleRaster(graph: OnnxGraph, raster: Value): Value {
  const { shape } = raster;
  return graph.node('Mul', [toFloats(graph, raster), graph.scalar(BYTE_SCALE)], { shape });
}

/** What a branch sees of the raster: [batch, pixels, planes], or [batch, points, features]. */
function inputOf(graph: OnnxGraph, { branch, inputs }: PlacedBlock, raster: Value): Value {
  const [batch = 0] = raster.shape;
  const part = planesOf(graph, branch, raster);
  const area = sizeOf(part.shape) / batch / inputs;
  return graph.transpose(graph.reshape(part, [batch, inputs, area]), [0, 2, 1]);
}

function sliceStatistics(graph: OnnxGraph, network: Network, flat: Value): ChannelStatistics[] {
  let offset = 0;
  return placedBlocksOf(network).map(({ channels }) => {
    const [start, middle, end] = [offset, offset + channels, offset + 2 * channels];
    offset = end;
    const shape = [1, channels];
    return {
      mean: graph.reshape(graph.slice(flat, [start, middle]), shape),
      variance: graph.reshape(graph.slice(flat, [middle, end]), shape),
    };
  });
}
