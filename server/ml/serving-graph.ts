/**
 * The network as it is served: batch norm folded into the convolutions, all weights constants.
 * Nothing is traced or exported after training; the model is written from the numbers. Images are
 * [channels, height, width] here, because the runtime's own convolution is the fastest for few
 * sketches, and it wants them so.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import {
  embeddingSizeOf,
  isResidual,
  KERNEL,
  parametersOf,
  type Network,
  type NetworkState,
} from './network.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import { BATCH_NORM_EPSILON } from './operators/batch-norm.ts';
import { scaleRaster } from './forward-pass.ts';

const ANY_BATCH = -1;
const TAPS = KERNEL * KERNEL;

/** `raster` uint8 [N, planes, pixels, pixels] to `embedding` float [N, E], for any N. */
export function servingGraph(network: Network, state: NetworkState): Uint8Array {
  const graph = new OnnxGraph();
  graph.output('embedding', embeddingOf(graph, network, state));
  return graph.toBytes();
}

/** Writes the network up to the embedding. */
export function embeddingOf(graph: OnnxGraph, network: Network, state: NetworkState): Value {
  const { pixels, planes } = network;
  const raster = graph.input('raster', [ANY_BATCH, planes, pixels, pixels], DataType.UINT8);
  let features = scaleRaster(graph, raster);
  foldBatchNorm(network, state).forEach(({ weights, bias, shape, stride }, i) => {
    const [channels = 0] = shape;
    const size = Math.ceil((features.shape[2] ?? 0) / stride);
    const inputs = [
      features,
      graph.tensor(`weights${i}`, shape, weights),
      graph.tensor(`bias${i}`, [channels], bias),
    ];
    const output = { shape: [ANY_BATCH, channels, size, size] };
    const convolved = graph.node('Conv', inputs, {
      ...output,
      attributes: { kernel_shape: [KERNEL, KERNEL], strides: [stride, stride], pads: [1, 1, 1, 1] },
    });
    const gate = graph.node('Sigmoid', [convolved], output);
    const activated = graph.node('Mul', [convolved, gate], output);
    features = isResidual(network, i)
      ? graph.node('Add', [features, activated], output)
      : activated;
  });
  const shape = [ANY_BATCH, embeddingSizeOf(network)];
  const axes = graph.integers([2, 3]);
  return graph.node('ReduceMean', [features, axes], { shape, attributes: { keepdims: 0 } });
}

interface FoldedBlock {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly shape: readonly number[];
  readonly stride: number;
}

/** weights * gamma / deviation, and beta - mean * gamma / deviation as the bias. */
function foldBatchNorm(network: Network, { weights, statistics }: NetworkState): FoldedBlock[] {
  const parameters = new Map(parametersOf(network).map((parameter) => [parameter.name, parameter]));
  const tensorOf = (name: string): Float32Array => {
    const { offset, size } = parameters.get(name) ?? { offset: 0, size: 0 };
    return weights.subarray(offset, offset + size);
  };
  let start = 0;
  return network.blocks.map(({ channels, stride }, i) => {
    const [gamma, beta] = [tensorOf(`gamma${i}`), tensorOf(`beta${i}`)];
    const folded = toKernels(tensorOf(`weights${i}`), channels);
    const bias = new Float32Array(channels);
    const perChannel = folded.length / channels;
    const shape = [channels, perChannel / TAPS, KERNEL, KERNEL];
    for (let c = 0; c < channels; c++) {
      const mean = statistics[start + c] ?? 0;
      const variance = statistics[start + channels + c] ?? 1;
      const slope = (gamma[c] ?? 1) / Math.sqrt(variance + BATCH_NORM_EPSILON);
      const kernel = folded.subarray(c * perChannel, (c + 1) * perChannel);
      kernel.forEach((weight, j) => (kernel[j] = weight * slope));
      bias[c] = (beta[c] ?? 0) - mean * slope;
    }
    start += 2 * channels;
    return { weights: folded, bias, shape, stride };
  });
}

/** [taps x inputs, outputs], as trained, to [outputs, inputs, taps], as ONNX's convolution has it. */
function toKernels(matrix: Float32Array, outputs: number): Float32Array {
  const inputs = matrix.length / TAPS / outputs;
  return matrix.map((_, i) => {
    const output = Math.floor(i / (inputs * TAPS));
    const input = Math.floor(i / TAPS) % inputs;
    const row = (i % TAPS) * inputs + input;
    return matrix[row * outputs + output] ?? 0;
  });
}
