import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import {
  openGraph,
  largestDifference,
  type Feed,
  type Outputs,
} from '../../test/support/run-graph.ts';
import { adamRates } from './adam.ts';
import {
  decayMask,
  embeddingSizeOf,
  initialState,
  parametersOf,
  type Block,
  type Network,
} from './network.ts';
import type { ConvolutionForm } from './operators/convolution.ts';
import { firstTrainedWeight, trainStepGraph } from './train-step.ts';

const BATCH = 6;
const NETWORK: Network = {
  pixels: 9,
  planes: 1,
  blocks: [
    { channels: 6, stride: 2 },
    { channels: 8, stride: 2 },
    { channels: 8, stride: 1 },
    { channels: 12, stride: 2 },
  ],
  categories: 3,
};
const PATH_BLOCKS: readonly Block[] = [
  { channels: 6, stride: 1 },
  { channels: 6, stride: 1 },
  { channels: 8, stride: 2 },
];
/**
 * Odd and even sizes (9, 5, 3 and 12, 6, 3 pixels), one plane and two, image alone, path (9 and 5
 * points) alone and both, all with a residual block.
 */
const NETWORKS: Network[] = [
  NETWORK,
  { ...NETWORK, pixels: 12, planes: 2 },
  { ...NETWORK, blocks: [{ channels: 6, stride: 1 }, ...NETWORK.blocks.slice(1)], planes: 2 },
  { ...NETWORK, pixels: 12, planes: 7, pathBlocks: PATH_BLOCKS },
  { ...NETWORK, pixels: 12, planes: 7, blocks: [], pathBlocks: PATH_BLOCKS },
];

function batchFeeds(network: Network): Record<string, Feed> {
  const { pixels, planes, categories } = network;
  const random = seededRandom(3);
  const raster = new Uint8Array(BATCH * planes * pixels * pixels).map(() => random() * 255);
  const targets = new Float32Array(BATCH * categories).fill(0.02);
  for (let i = 0; i < BATCH; i++) targets[i * categories + (i % categories)] = 0.96;
  const dropout = new Float32Array(BATCH * embeddingSizeOf(network)).map(() =>
    random() < 0.2 ? 0 : 1.25,
  );
  return {
    raster: [raster, [BATCH, planes, pixels, pixels]],
    targets: [targets, [BATCH, categories]],
    dropout: [dropout, [BATCH, embeddingSizeOf(network)]],
  };
}

function vector(numbers: Float32Array): Feed {
  return [numbers, [numbers.length]];
}

/** Inputs of a first step from random weights, norm and bias not at their neutral values. */
function stepFeeds(network: Network, frozenBlocks = 0): Record<string, Feed> {
  const { weights, statistics } = initialState(network, 7);
  const random = seededRandom(11);
  const first = firstTrainedWeight(network, frozenBlocks);
  const moved = weights.map((weight) => weight + 0.1 * (random() - 0.5));
  return {
    ...batchFeeds(network),
    weights: vector(moved),
    statistics: vector(statistics),
    mean: vector(new Float32Array(weights.length - first)),
    square: vector(new Float32Array(weights.length - first)),
    decay: vector(decayMask(network).subarray(first)),
    rates: vector(adamRates(1, 1e-2, 0.01)),
  };
}

async function runStep(options: {
  readonly network?: Network;
  readonly form?: ConvolutionForm;
  readonly frozenBlocks?: number;
}): Promise<Outputs> {
  const { network = NETWORK } = options;
  const model = trainStepGraph({ batch: BATCH, withGradient: true, ...options, network });
  const graph = await openGraph(model);
  const outputs = await graph.run(stepFeeds(network, options.frozenBlocks));
  await graph.close();
  return outputs;
}

function numbersOf(outputs: Outputs, name: string): Float32Array {
  return outputs[name] ?? new Float32Array();
}

describe('one step of training', () => {
  test.each(NETWORKS)('has the gradient of finite differences everywhere, %o', async (network) => {
    const model = trainStepGraph({ network, batch: BATCH, withGradient: true });
    const graph = await openGraph(model);
    const feeds = stepFeeds(network);
    const [weights] = feeds['weights'] ?? [new Float32Array()];
    const gradient = numbersOf(await graph.run(feeds), 'gradient');
    const random = seededRandom(5);
    for (const { name, offset, size } of parametersOf(network)) {
      const direction = new Float32Array(size).map(() => random() - 0.5);
      const lossAt = async (step: number): Promise<number> => {
        const moved = Float32Array.from(weights);
        direction.forEach((d, i) => (moved[offset + i] = (moved[offset + i] ?? 0) + step * d));
        return numbersOf(await graph.run({ ...feeds, weights: vector(moved) }), 'loss')[0] ?? NaN;
      };
      const step = 6e-3 / Math.sqrt(size);
      const measured = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      const expected = direction.reduce((sum, d, i) => sum + d * (gradient[offset + i] ?? 0), 0);
      const error =
        Math.abs(measured - expected) / (Math.abs(measured) + Math.abs(expected) + 0.05);
      expect(error, name).toBeLessThan(0.01);
    }
    await graph.close();
  });

  test.each(NETWORKS)('has the same gradient in each form of convolution, %o', async (network) => {
    const byPatches = numbersOf(await runStep({ network, form: 'patches' }), 'gradient');
    const byKernels = numbersOf(await runStep({ network, form: 'kernels' }), 'gradient');
    expect(largestDifference(byPatches, byKernels)).toBeLessThan(1e-5);
    const byFastest = numbersOf(await runStep({ network }), 'gradient');
    expect(largestDifference(byFastest, byKernels)).toBeLessThan(1e-5);
    expect(byPatches.some((slope) => Math.abs(slope) > 0.01)).toBe(true);
  });

  test('moves the running statistics towards those of the batch', async () => {
    const { statistics } = initialState(NETWORK, 7);
    const next = numbersOf(await runStep({}), 'next_statistics');
    expect(largestDifference(next, statistics)).toBeGreaterThan(0.001);
    expect(next.every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe('with frozen blocks', () => {
  const frozenBlocks = 3;

  test('their weights and statistics stay exactly as they are', async () => {
    const outputs = await runStep({ frozenBlocks });
    const feeds = stepFeeds(NETWORK, frozenBlocks);
    const first = firstTrainedWeight(NETWORK, frozenBlocks);
    const before = feeds['weights']?.[0] ?? new Float32Array();
    const after = numbersOf(outputs, 'next_weights');
    expect(after.subarray(0, first)).toEqual(before.subarray(0, first));
    expect(largestDifference(after.subarray(first), before.subarray(first))).toBeGreaterThan(1e-3);
    const frozenStatistics = 2 * (6 + 8 + 8);
    expect(numbersOf(outputs, 'next_statistics').subarray(0, frozenStatistics)).toEqual(
      initialState(NETWORK, 7).statistics.subarray(0, frozenStatistics),
    );
  });

  test('they cost no backward pass', () => {
    const whole = trainStepGraph({ network: NETWORK, batch: BATCH });
    const headOnly = trainStepGraph({ network: NETWORK, batch: BATCH, frozenBlocks: 4 });
    expect(headOnly.length).toBeLessThan(whole.length / 1.8);
  });

  test('all of them frozen, the head still learns', async () => {
    const outputs = await runStep({ frozenBlocks: 4 });
    expect(numbersOf(outputs, 'gradient')).toHaveLength(12 * 3 + 3);
  });
});
