/**
 * The network as it is served: batch norm and the scale of the bytes folded into the convolutions, all
 * weights constants.
 * Nothing is traced or exported after training; the model is written from the numbers. Images are
 * [channels, height, width] here, because the runtime's own convolution is the fastest for few
 * sketches, and it wants them so.
 */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import {
  KERNEL,
  parametersOf,
  placedBlocksOf,
  tapsOf,
  type Branch,
  type Network,
  type NetworkState,
  type PlacedBlock,
} from './network.ts';
import { OnnxGraph, type Value } from './onnx-graph.ts';
import { BATCH_NORM_EPSILON } from './operators/batch-norm.ts';
import { BYTE_SCALE, planesOf, toFloats } from './forward-pass.ts';

const ANY_BATCH = -1;

/** `raster` uint8 [N, planes, pixels, pixels] to `embedding` float [N, E], for any N. */
export function servingGraph(network: Network, state: NetworkState): Uint8Array {
  const graph = new OnnxGraph();
  graph.output('embedding', embeddingOf(graph, network, state));
  return graph.toBytes();
}

/** Writes the network up to the embedding. */
export function embeddingOf(graph: OnnxGraph, network: Network, state: NetworkState): Value {
  const { pixels, planes } = network;
  const input = graph.input('raster', [ANY_BATCH, planes, pixels, pixels], DataType.UINT8);
  const raster = toFloats(graph, input);
  const branches = new Map<Branch, Value>();
  foldBatchNorm(network, state).forEach((block, i) => {
    const features = branches.get(block.branch) ?? inputOf(graph, block, raster);
    const output = convolve(graph, features, { ...block, index: i });
    const { shape } = output;
    const activated = graph.node('Mul', [output, graph.node('Sigmoid', [output], { shape })], {
      shape,
    });
    branches.set(
      block.branch,
      block.isResidual ? graph.node('Add', [features, activated], { shape }) : activated,
    );
  });
  const means = [...branches.values()].map((features) => meanOf(graph, features));
  return graph.concat(means, 1);
}

/** The convolution of a block, batch norm included; along a line with a kernel of height 1. */
function convolve(
  graph: OnnxGraph,
  features: Value,
  block: FoldedBlock & { readonly index: number },
): Value {
  const { branch, inputs, channels, stride, index } = block;
  const kernel = branch === 'path' ? [1, KERNEL] : [KERNEL, KERNEL];
  const pads = kernel.map((edge) => (edge - 1) / 2);
  const weights = graph.tensor(`weights${index}`, [channels, inputs, ...kernel], block.weights);
  const bias = graph.tensor(`bias${index}`, [channels], block.bias);
  const [, , ...size] = features.shape;
  return graph.node('Conv', [features, weights, bias], {
    shape: [ANY_BATCH, channels, ...size.map((edge) => Math.ceil(edge / stride))],
    attributes: { kernel_shape: kernel, strides: [stride, stride], pads: [...pads, ...pads] },
  });
}

/** What a branch sees: the image, or the path as an image of height 1. */
function inputOf(graph: OnnxGraph, { branch, inputs }: PlacedBlock, raster: Value): Value {
  const planes = planesOf(graph, branch, raster);
  if (branch === 'image') return planes;
  const [, , height = 0, width = 0] = raster.shape;
  return graph.reshape(planes, [ANY_BATCH, inputs, 1, (height * width) / inputs]);
}

/** The mean of each channel. */
function meanOf(graph: OnnxGraph, features: Value): Value {
  const shape = features.shape.slice(0, 2);
  const axes = graph.integers([2, 3]);
  return graph.node('ReduceMean', [features, axes], { shape, attributes: { keepdims: 0 } });
}

interface FoldedBlock extends PlacedBlock {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * weights * gamma / deviation, and beta - mean * gamma / deviation as the bias. The first kernel of a
 * branch takes bytes as they are.
 */
function foldBatchNorm(network: Network, { weights, statistics }: NetworkState): FoldedBlock[] {
  const parameters = new Map(parametersOf(network).map((parameter) => [parameter.name, parameter]));
  const tensorOf = (name: string): Float32Array => {
    const { offset, size } = parameters.get(name) ?? { offset: 0, size: 0 };
    return weights.subarray(offset, offset + size);
  };
  let start = 0;
  return placedBlocksOf(network).map((block, i, blocks) => {
    const { channels, branch } = block;
    const scale = blocks[i - 1]?.branch === branch ? 1 : BYTE_SCALE;
    const [gamma, beta] = [tensorOf(`gamma${i}`), tensorOf(`beta${i}`)];
    const folded = toKernels(tensorOf(`weights${i}`), block);
    const bias = new Float32Array(channels);
    const perChannel = folded.length / channels;
    for (let c = 0; c < channels; c++) {
      const mean = statistics[start + c] ?? 0;
      const variance = statistics[start + channels + c] ?? 1;
      const slope = (gamma[c] ?? 1) / Math.sqrt(variance + BATCH_NORM_EPSILON);
      const kernel = folded.subarray(c * perChannel, (c + 1) * perChannel);
      kernel.forEach((weight, j) => (kernel[j] = weight * slope * scale));
      bias[c] = (beta[c] ?? 0) - mean * slope;
    }
    start += 2 * channels;
    return { ...block, weights: folded, bias };
  });
}

/** [taps x inputs, outputs], as trained, to [outputs, inputs, taps], as ONNX's convolution has it. */
function toKernels(matrix: Float32Array, { branch, inputs, channels }: PlacedBlock): Float32Array {
  const taps = tapsOf(branch);
  return matrix.map((_, i) => {
    const output = Math.floor(i / (inputs * taps));
    const input = Math.floor(i / taps) % inputs;
    const row = (i % taps) * inputs + input;
    return matrix[row * channels + output] ?? 0;
  });
}
