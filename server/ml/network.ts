/**
 * The network: blocks of 3x3 convolution, batch norm and SiLU, the mean over all pixels (the
 * embedding), and a linear head. Its weights are one flat vector, block by block, head last, so
 * that a checkpoint is plain numbers and the trainable part of a frozen network is its tail.
 */
import { gaussian, seededRandom } from '../../shared/random.ts';
import type { Planes } from '../../shared/rasterize.ts';
import { sizeOf, type Shape } from './onnx-graph.ts';

export const KERNEL = 3;

/** A block with stride 1 that keeps the number of channels is residual: it adds to its input. */
export interface Block {
  readonly channels: number;
  readonly stride: 1 | 2;
}

export interface Network {
  /** Edge of the raster. */
  readonly pixels: number;
  /** Of the raster: ink, its order, its direction. */
  readonly planes: Planes;
  readonly blocks: readonly Block[];
  readonly categories: number;
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

/** How many numbers the embedding has. */
export function embeddingSizeOf({ blocks }: Network): number {
  return blocks.at(-1)?.channels ?? 1;
}

export function isResidual(network: Network, index: number): boolean {
  const block = network.blocks[index];
  return block?.stride === 1 && block.channels === network.blocks[index - 1]?.channels;
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
  let inputs: number = network.planes;
  network.blocks.forEach(({ channels }, i) => {
    add(i, `weights${i}`, [KERNEL * KERNEL * inputs, channels]);
    add(i, `gamma${i}`, [1, channels]);
    add(i, `beta${i}`, [1, channels]);
    inputs = channels;
  });
  add(network.blocks.length, 'headWeights', [inputs, network.categories]);
  add(network.blocks.length, 'headBias', [network.categories]);
  return parameters;
}

/** How many weights the network has. */
export function countWeights(network: Network): number {
  return parametersOf(network).reduce((sum, { size }) => sum + size, 0);
}

/** How many running statistics: a mean and a variance for each channel of each block. */
export function countStatistics({ blocks }: Network): number {
  return blocks.reduce((sum, { channels }) => sum + 2 * channels, 0);
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
  for (const { channels } of network.blocks) {
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
