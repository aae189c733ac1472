import { describe, expect, test } from 'vitest';
import {
  countBlocks,
  countStatistics,
  countWeights,
  decayMask,
  embeddingSizeOf,
  initialState,
  isSameNetwork,
  placedBlocksOf,
  parametersOf,
  type Network,
} from './network.ts';

const network: Network = {
  pixels: 32,
  planes: 1,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 4, stride: 1 },
    { channels: 8, stride: 1 },
  ],
  categories: 5,
};

const twoBranches: Network = {
  ...network,
  planes: 7,
  pathBlocks: [{ channels: 6, stride: 2 }],
};

describe('the flat vector of weights', () => {
  test('has each parameter behind the one before, head last', () => {
    const parameters = parametersOf(network);
    let end = 0;
    for (const { offset, size } of parameters) {
      expect(offset).toBe(end);
      end += size;
    }
    expect(end).toBe(countWeights(network));
    expect(parameters.slice(-2).map(({ name }) => name)).toEqual(['headWeights', 'headBias']);
  });

  test('is the same for the same seed', () => {
    expect(initialState(network, 1)).toEqual(initialState(network, 1));
    expect(initialState(network, 1)).not.toEqual(initialState(network, 2));
  });

  test('starts with batch norm as identity', () => {
    const { weights, statistics } = initialState(network, 1);
    const gamma = parametersOf(network).find(({ name }) => name === 'gamma1');
    const start = gamma?.offset ?? 0;
    expect(Array.from(weights.subarray(start, start + 8))).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(statistics).toHaveLength(countStatistics(network));
    expect(Array.from(statistics.subarray(0, 8))).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test('decays in kernels and head weights only', () => {
    const decaying = decayMask(network).reduce((sum, value) => sum + value, 0);
    expect(decaying).toBe(4 * 9 + 4 * 4 * 9 + 8 * 4 * 9 + 8 * 5);
  });
});

test('a block is residual where size and channels stay the same', () => {
  expect(placedBlocksOf(network).map(({ isResidual }) => isResidual)).toEqual([false, true, false]);
});

test('the embedding is as long as the last block of each branch has channels', () => {
  expect(embeddingSizeOf(network)).toBe(8);
  expect(embeddingSizeOf(twoBranches)).toBe(6 + 8);
  expect(embeddingSizeOf({ ...twoBranches, blocks: [] })).toBe(6);
});

test('blocks along the path come before those over the image', () => {
  expect(placedBlocksOf(twoBranches).map(({ branch, inputs }) => [branch, inputs])).toEqual([
    ['path', 16],
    ['image', 6],
    ['image', 4],
    ['image', 4],
  ]);
  expect(countBlocks(twoBranches)).toBe(4);
  const [first] = parametersOf(twoBranches);
  expect(first?.shape).toEqual([3 * 16, 6]);
});

test('networks are the same where weights of one are weights of the other', () => {
  expect(isSameNetwork(network, { ...network, pathBlocks: [] })).toBe(true);
  expect(isSameNetwork(twoBranches, structuredClone(twoBranches))).toBe(true);
  expect(isSameNetwork(twoBranches, { ...twoBranches, pathBlocks: [] })).toBe(false);
  expect(isSameNetwork(network, { ...network, categories: 6 })).toBe(false);
  expect(isSameNetwork(network, { ...network, blocks: network.blocks.slice(1) })).toBe(false);
});
