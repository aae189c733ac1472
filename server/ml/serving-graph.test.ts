import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { largestDifference, runGraph } from '../../test/support/run-graph.ts';
import { adamRates } from './adam.ts';
import { scoresOf, type LinearHead } from './head.ts';
import {
  countWeights,
  decayMask,
  initialState,
  parametersOf,
  type Network,
  type NetworkState,
} from './network.ts';
import { servingGraph } from './serving-graph.ts';
import { firstTrainedWeight, trainStepGraph } from './train-step.ts';

const SIZE = 12;
const SKETCHES = 4;
const NETWORK: Network = {
  pixels: 16,
  planes: 2,
  blocks: [
    { channels: 8, stride: 2 },
    { channels: 8, stride: 1 },
    { channels: SIZE, stride: 2 },
  ],
  categories: 3,
};

/** As after some training: nothing is neutral. */
function someState(): NetworkState {
  const random = seededRandom(21);
  const { weights, statistics } = initialState(NETWORK, 2);
  return {
    weights: weights.map((weight) => weight + 0.2 * (random() - 0.5)),
    statistics: statistics.map((value) => value + 0.3 * random()),
  };
}

function someRasters(): Uint8Array {
  const random = seededRandom(4);
  return new Uint8Array(SKETCHES * 2 * 16 * 16).map(() => (random() < 0.2 ? random() * 255 : 0));
}

async function embed(model: Uint8Array): Promise<Record<string, Float32Array>> {
  return runGraph(model, { raster: [someRasters(), [SKETCHES, 2, 16, 16]] });
}

/** Cross-entropy of the pre-training head on embeddings, computed here. */
function lossOf(embedding: Float32Array, { weights }: NetworkState, targets: Float32Array): number {
  const [kernel, bias] = parametersOf(NETWORK)
    .slice(-2)
    .map(({ offset, size }) => weights.slice(offset, offset + size));
  const head: LinearHead = {
    weights: kernel ?? new Float32Array(),
    bias: bias ?? new Float32Array(),
    temperature: 1,
  };
  let loss = 0;
  for (let i = 0; i < SKETCHES; i++) {
    const scores = scoresOf(head, embedding.subarray(i * SIZE, (i + 1) * SIZE));
    scores.forEach(
      (score, c) => (loss -= ((targets[i * 3 + c] ?? 0) * Math.log(score)) / SKETCHES),
    );
  }
  return loss;
}

describe('the serving graph', () => {
  test('gives what the training graph computes with running statistics', async () => {
    const state = someState();
    const { embedding = new Float32Array() } = await embed(servingGraph(NETWORK, state));
    const targets = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.5, 0.3);
    const frozenBlocks = NETWORK.blocks.length;
    const first = firstTrainedWeight(NETWORK, frozenBlocks);
    const trained = countWeights(NETWORK) - first;
    const model = trainStepGraph({ network: NETWORK, batch: SKETCHES, frozenBlocks });
    const { loss } = await runGraph(model, {
      weights: [state.weights, [state.weights.length]],
      statistics: [state.statistics, [state.statistics.length]],
      mean: [new Float32Array(trained), [trained]],
      square: [new Float32Array(trained), [trained]],
      decay: [decayMask(NETWORK).subarray(first), [trained]],
      raster: [someRasters(), [SKETCHES, 2, 16, 16]],
      targets: [targets, [SKETCHES, 3]],
      dropout: [new Float32Array(SKETCHES * SIZE).fill(1), [SKETCHES, SIZE]],
      rates: [adamRates(1, 0, 0), [4]],
    });
    expect(Math.abs((loss?.[0] ?? NaN) - lossOf(embedding, state, targets))).toBeLessThan(1e-5);
  });

  test('judges a sketch the same whatever it is judged with', async () => {
    const model = servingGraph(NETWORK, someState());
    const { embedding = new Float32Array() } = await embed(model);
    const first = someRasters().subarray(0, 512);
    const { embedding: alone = new Float32Array() } = await runGraph(model, {
      raster: [first, [1, 2, 16, 16]],
    });
    expect(largestDifference(alone, embedding.subarray(0, SIZE))).toBeLessThan(1e-5);
  });
});
