/**
 * The network: blocks of convolution, batch norm and SiLU, the mean over all pixels (the embedding),
 * and a linear head. It has one branch or two: one over the image, with kernels of 3x3 pixels, and
 * one along the pen's path, with kernels of 3 points; the embedding is that of the path, then that of
 * the image. Its weights are one flat vector, block by block, head last, so that a checkpoint is
 * plain numbers and the trainable part of a frozen network is its tail.
 */
import { PATH_FEATURES } from '../../shared/pen-path.ts';
import { gaussian, seededRandom } from '../../shared/random.ts';
import { IMAGE_PLANES, type Planes } from '../../shared/rasterize.ts';
import { sizeOf, type Shape } from './onnx-graph.ts';

/** Edge of a kernel over the image, and length of one along the path. */
export const KERNEL = 3;

/** A block with stride 1 that keeps the number of channels is residual: it adds to its input. */
export interface Block {
  readonly channels: number;
  readonly stride: 1 | 2;
}

export interface Network {
  /** Edge of the raster. */
  readonly pixels: number;
  /** Of the raster: ink, its order, its direction, the pen's path. */
  readonly planes: Planes;
  /** Over the image; none where the network sees the path alone. */
  readonly blocks: readonly Block[];
  /** Along the path, for which the raster needs its plane. */
  readonly pathBlocks?: readonly Block[];
  readonly categories: number;
}

export type Branch = 'path' | 'image';

/** A block in its place. */
export interface PlacedBlock extends Block {
  readonly branch: Branch;
  /** Channels that come in. */
  readonly inputs: number;
  readonly isResidual: boolean;
}

/** Where a tensor lies in the flat vector of weights. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly size: number;
  /** Index of its block; the head comes after the last. */
  readonly block: number;
}

/** Weights and running statistics of batch norm, as flat vectors: all that a network is. */
export interface NetworkState {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
}

/** All blocks in the order of the flat vector: along the path, then over the image. */
export function placedBlocksOf(network: Network): PlacedBlock[] {
  const { blocks, pathBlocks = [], planes } = network;
  return [
    ...placed('path', pathBlocks, PATH_FEATURES),
    ...placed('image', blocks, Math.min(planes, IMAGE_PLANES)),
  ];
}

function placed(branch: Branch, blocks: readonly Block[], firstInputs: number): PlacedBlock[] {
  let inputs = firstInputs;
  return blocks.map(({ channels, stride }, i) => {
    const isResidual = i > 0 && stride === 1 && channels === inputs;
    const block = { branch, inputs, channels, stride, isResidual };
    inputs = channels;
    return block;
  });
}

/** Whether weights of one are weights of the other. */
export function isSameNetwork(one: Network, other: Network): boolean {
  return (
    one.pixels === other.pixels &&
    one.planes === other.planes &&
    one.categories === other.categories &&
    JSON.stringify(placedBlocksOf(one)) === JSON.stringify(placedBlocksOf(other))
  );
}

/** How many blocks a network has in all. */
export function countBlocks({ blocks, pathBlocks = [] }: Network): number {
  return pathBlocks.length + blocks.length;
}

/** How many numbers the embedding has. */
export function embeddingSizeOf({ blocks, pathBlocks = [] }: Network): number {
  return (pathBlocks.at(-1)?.channels ?? 0) + (blocks.at(-1)?.channels ?? 0);
}

/** How many positions a kernel has. */
export function tapsOf(branch: Branch): number {
  return branch === 'path' ? KERNEL : KERNEL * KERNEL;
}

/**
 * All parameters in the order of the flat vector. A kernel is [taps x inputs, channels]: all inputs
 * of its first tap, then of the next.
 */
export function parametersOf(network: Network): Parameter[] {
  const parameters: Parameter[] = [];
  let offset = 0;
  const add = (block: number, name: string, shape: Shape): void => {
    const size = sizeOf(shape);
    parameters.push({ name, shape, offset, size, block });
    offset += size;
  };
  const blocks = placedBlocksOf(network);
  blocks.forEach(({ branch, inputs, channels }, i) => {
    add(i, `weights${i}`, [tapsOf(branch) * inputs, channels]);
    add(i, `gamma${i}`, [1, channels]);
    add(i, `beta${i}`, [1, channels]);
  });
  add(blocks.length, 'headWeights', [embeddingSizeOf(network), network.categories]);
  add(blocks.length, 'headBias', [network.categories]);
  return parameters;
}

/** How many weights the network has. */
export function countWeights(network: Network): number {
  return parametersOf(network).reduce((sum, { size }) => sum + size, 0);
}

/** How many running statistics: a mean and a variance for each channel of each block. */
export function countStatistics(network: Network): number {
  return placedBlocksOf(network).reduce((sum, { channels }) => sum + 2 * channels, 0);
}

/** Random weights by He and others (2015), batch norm as identity; the same for the same seed. */
export function initialState(network: Network, seed: number): NetworkState {
  const random = seededRandom(seed);
  const weights = new Float32Array(countWeights(network));
  for (const { name, shape, offset, size } of parametersOf(network)) {
    const tensor = weights.subarray(offset, offset + size);
    if (name.startsWith('gamma')) tensor.fill(1);
    const deviation = initialDeviation(name, shape);
    if (deviation > 0) tensor.forEach((_, i) => (tensor[i] = gaussian(random) * deviation));
  }
  return { weights, statistics: initialStatistics(network) };
}

function initialDeviation(name: string, [inputs = 1]: Shape): number {
  if (name === 'headWeights') return Math.sqrt(1 / inputs);
  return name.startsWith('weights') ? Math.sqrt(2 / inputs) : 0;
}

function initialStatistics(network: Network): Float32Array {
  const statistics = new Float32Array(countStatistics(network));
  let offset = 0;
  for (const { channels } of placedBlocksOf(network)) {
    statistics.fill(1, offset + channels, offset + 2 * channels);
    offset += 2 * channels;
  }
  return statistics;
}

/** 1 where weight decay applies (kernels and head weights), 0 at gamma, beta and bias. */
export function decayMask(network: Network): Float32Array {
  const mask = new Float32Array(countWeights(network));
  for (const { name, offset, size } of parametersOf(network)) {
    if (/^(weights|headWeights)/.test(name)) mask.fill(1, offset, offset + size);
  }
  return mask;
}
