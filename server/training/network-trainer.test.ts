import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../shared/random.ts';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { Embedder } from '../inference/embedder.ts';
import { accuracyOf } from '../ml/evaluate.ts';
import { logitsOf } from '../ml/head.ts';
import { initialState, parametersOf, type Network } from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import {
  freshState,
  openNetworkTrainer,
  type Batch,
  type TrainingState,
} from './network-trainer.ts';

const SIZE = 16;
const SKETCHES = 24;
const RATES = { learningRate: 0.01, weightDecay: 0.01 };
const NETWORK: Network = {
  pixels: 32,
  planes: 1,
  blocks: [
    { channels: 8, stride: 2 },
    { channels: 12, stride: 2 },
    { channels: 12, stride: 1 },
    { channels: SIZE, stride: 2 },
  ],
  categories: 3,
};

/** Shaky circles, crosses and zigzags. */
function shakySketch(category: number, random: () => number): StrokeColumns[] {
  const shake = (value: number): number => value + 4 * gaussian(random);
  const stroke = (points: number[][]): StrokeColumns => [
    points.map(([x = 0]) => shake(x)),
    points.map(([, y = 0]) => shake(y)),
  ];
  if (category === 0) {
    const angles = Array.from({ length: 17 }, (_, i) => (i * Math.PI) / 8);
    return [stroke(angles.map((angle) => [50 * Math.cos(angle), 50 * Math.sin(angle)]))];
  }
  if (category === 1) {
    const [a, b] = [
      stroke([
        [0, 0],
        [100, 100],
      ]),
      stroke([
        [0, 100],
        [100, 0],
      ]),
    ];
    return [a, b];
  }
  return [stroke(Array.from({ length: 8 }, (_, i) => [i * 14, (i % 2) * 100]))];
}

function shakyBatch(): Batch & { readonly categoryOf: number[] } {
  const random = seededRandom(6);
  const categoryOf = Array.from({ length: SKETCHES }, (_, i) => i % 3);
  const rasters = new Uint8Array(SKETCHES * 1024);
  const targets = new Float32Array(SKETCHES * 3);
  categoryOf.forEach((category, i) => {
    rasters.set(rasterize(shakySketch(category, random)), i * 1024);
    targets[i * 3 + category] = 1;
  });
  const dropout = new Float32Array(SKETCHES * SIZE).fill(1);
  return { rasters, targets, dropout, categoryOf };
}

async function train(steps: number): Promise<{ state: TrainingState; losses: number[] }> {
  const options = { network: NETWORK, batch: SKETCHES };
  const trainer = await openNetworkTrainer(options, freshState(options, initialState(NETWORK, 1)));
  const losses: number[] = [];
  const batch = shakyBatch();
  for (let i = 0; i < steps; i++) losses.push(await trainer.step(batch, RATES));
  const state = await trainer.read();
  await trainer.close();
  return { state, losses };
}

describe('training the whole network', () => {
  test('learns a tiny problem to 100 %, as served', async () => {
    const { state, losses } = await train(120);
    expect(losses.at(-1)).toBeLessThan(0.02);
    const embedder = await Embedder.create(servingGraph(NETWORK, state));
    const { rasters, categoryOf } = shakyBatch();
    const embeddings = await embedder.embed(rasters);
    await embedder.close();
    const [weights = new Float32Array(), bias = new Float32Array()] = parametersOf(NETWORK)
      .slice(-2)
      .map(({ offset, size }) => state.weights.slice(offset, offset + size));
    const scores = new Float32Array(SKETCHES * 3);
    categoryOf.forEach((_, i) => {
      const embedding = embeddings.subarray(i * SIZE, (i + 1) * SIZE);
      scores.set(logitsOf({ weights, bias, temperature: 1 }, embedding), i * 3);
    });
    expect(accuracyOf(scores, categoryOf, 3).top1).toBe(1);
  });

  test('gives the same weights for the same seed', async () => {
    const [first, second] = [await train(5), await train(5)];
    expect(first.state).toEqual(second.state);
    expect(first.state.step).toBe(5);
  });

  test('hands out copies, and goes on from them as if it had never stopped', async () => {
    const { state: whole } = await train(4);
    const options = { network: NETWORK, batch: SKETCHES };
    const trainer = await openNetworkTrainer(
      options,
      freshState(options, initialState(NETWORK, 1)),
    );
    const batch = shakyBatch();
    for (let i = 0; i < 2; i++) await trainer.step(batch, RATES);
    const halfWay = await trainer.read();
    const kept = halfWay.weights.slice();
    await trainer.step(batch, RATES);
    await trainer.close();
    expect(halfWay.weights).toEqual(kept);

    const resumed = await openNetworkTrainer(options, halfWay);
    for (let i = 0; i < 2; i++) await resumed.step(batch, RATES);
    expect(await resumed.read()).toEqual(whole);
    await resumed.close();
    expect(halfWay.weights).toEqual(kept);
  });
});
