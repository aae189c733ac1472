import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { largestDifference, runGraph } from '../../test/support/run-graph.ts';
import { adamRates } from './adam.ts';
import { headOf, scoresOf, type LinearHead } from './head.ts';
import {
  countBlocks,
  countWeights,
  decayMask,
  initialState,
  type Network,
  type NetworkState,
} from './network.ts';
import { servingGraph } from './serving-graph.ts';
import { firstTrainedWeight, trainStepGraph } from './train-step.ts';

const SIZE = 12;
const SKETCHES = 4;
const IMAGE: Network = {
  pixels: 16,
  planes: 2,
  blocks: [
    { channels: 8, stride: 2 },
    { channels: 8, stride: 1 },
    { channels: SIZE, stride: 2 },
  ],
  categories: 3,
};
const PATH: Network = {
  ...IMAGE,
  ...{ planes: 7, blocks: [] },
  pathBlocks: [
    { channels: 8, stride: 1 },
    { channels: 8, stride: 1 },
    { channels: SIZE, stride: 2 },
  ],
};
const BOTH: Network = {
  ...PATH,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 4, stride: 2 },
  ],
  pathBlocks: [{ channels: SIZE - 4, stride: 2 }],
};
const NETWORKS = { 'an image': IMAGE, 'a path': PATH, 'a path and an image': BOTH };

/** As after some training: nothing is neutral. */
function someState(network: Network): NetworkState {
  const random = seededRandom(21);
  const { weights, statistics } = initialState(network, 2);
  return {
    weights: weights.map((weight) => weight + 0.2 * (random() - 0.5)),
    statistics: statistics.map((value) => value + 0.3 * random()),
  };
}

function someRasters({ planes }: Network): Uint8Array {
  const random = seededRandom(4);
  return new Uint8Array(SKETCHES * planes * 16 * 16).map(() =>
    random() < 0.2 ? random() * 255 : 0,
  );
}

async function embed(network: Network, state: NetworkState): Promise<Record<string, Float32Array>> {
  const raster = [someRasters(network), [SKETCHES, network.planes, 16, 16]] as const;
  return runGraph(servingGraph(network, state), { raster });
}

/** Cross-entropy of the pre-training head on embeddings, computed here. */
function lossOf(embedding: Float32Array, head: LinearHead, targets: Float32Array): number {
  let loss = 0;
  for (let i = 0; i < SKETCHES; i++) {
    const scores = scoresOf(head, embedding.subarray(i * SIZE, (i + 1) * SIZE));
    scores.forEach(
      (score, c) => (loss -= ((targets[i * 3 + c] ?? 0) * Math.log(score)) / SKETCHES),
    );
  }
  return loss;
}

describe.each(Object.entries(NETWORKS))('the serving graph of %s', (_, network) => {
  test('gives what the training graph computes with running statistics', async () => {
    const state = someState(network);
    const { embedding = new Float32Array() } = await embed(network, state);
    const targets = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.5, 0.3);
    const frozenBlocks = countBlocks(network);
    const first = firstTrainedWeight(network, frozenBlocks);
    const trained = countWeights(network) - first;
    const model = trainStepGraph({ network, batch: SKETCHES, frozenBlocks });
    const { loss } = await runGraph(model, {
      weights: [state.weights, [state.weights.length]],
      statistics: [state.statistics, [state.statistics.length]],
      mean: [new Float32Array(trained), [trained]],
      square: [new Float32Array(trained), [trained]],
      decay: [decayMask(network).subarray(first), [trained]],
      raster: [someRasters(network), [SKETCHES, network.planes, 16, 16]],
      targets: [targets, [SKETCHES, 3]],
      dropout: [new Float32Array(SKETCHES * SIZE).fill(1), [SKETCHES, SIZE]],
      rates: [adamRates(1, 0, 0), [4]],
    });
    expect(
      Math.abs((loss?.[0] ?? NaN) - lossOf(embedding, headOf(network, state), targets)),
    ).toBeLessThan(1e-5);
  });

  test('judges a sketch the same whatever it is judged with', async () => {
    const state = someState(network);
    const { planes } = network;
    const { embedding = new Float32Array() } = await embed(network, state);
    const first = someRasters(network).subarray(0, planes * 256);
    const { embedding: alone = new Float32Array() } = await runGraph(servingGraph(network, state), {
      raster: [first, [1, planes, 16, 16]],
    });
    expect(largestDifference(alone, embedding.subarray(0, SIZE))).toBeLessThan(1e-5);
  });
});
