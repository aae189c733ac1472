import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { runGraph } from '../../test/support/run-graph.ts';
import { headOf, logitsOf } from './head.ts';
import { joinBranches } from './join-branches.ts';
import { initialState, type Network, type NetworkState } from './network.ts';
import { servingGraph } from './serving-graph.ts';

interface Trained {
  readonly network: Network;
  readonly state: NetworkState;
}

const IMAGE: Network = {
  pixels: 16,
  planes: 6,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 6, stride: 2 },
  ],
  categories: 3,
};
const PATH: Network = {
  ...IMAGE,
  planes: 7,
  blocks: [],
  pathBlocks: [
    { channels: 5, stride: 1 },
    { channels: 5, stride: 1 },
  ],
};

function trained(network: Network, seed: number): Trained {
  const random = seededRandom(seed);
  const { weights, statistics } = initialState(network, seed);
  return {
    network,
    state: {
      weights: weights.map((weight) => weight + 0.2 * random()),
      statistics: statistics.map((value) => value + 0.3 * random()),
    },
  };
}

async function judge({ network, state }: Trained): Promise<number[]> {
  const { planes, pixels } = network;
  const raster = Uint8Array.from({ length: planes * pixels ** 2 }, (_, i) => (i * 37) % 256);
  const { embedding = new Float32Array() } = await runGraph(servingGraph(network, state), {
    raster: [raster, [1, planes, pixels, pixels]],
  });
  return [...logitsOf(headOf(network, state), embedding)];
}

describe('two branches that are joined', () => {
  test('judge as the mean of both', async () => {
    const [path, image] = [trained(PATH, 1), trained(IMAGE, 2)];
    const [ofPath, ofImage] = [await judge(path), await judge(image)];
    const both = await judge(joinBranches(path, image));
    both.forEach((logit, c) =>
      expect(logit).toBeCloseTo(((ofPath[c] ?? NaN) + (ofImage[c] ?? NaN)) / 2, 4),
    );
    expect(ofPath[0]).not.toBeCloseTo(ofImage[0] ?? NaN, 2);
  });

  test('are one along the path and one over the image, for the same categories and rasters', () => {
    const [path, image] = [trained(PATH, 1), trained(IMAGE, 2)];
    expect(() => joinBranches(image, path)).toThrow('no others');
    expect(() => joinBranches(path, path)).toThrow('no others');
    const more = trained({ ...IMAGE, categories: 4 }, 2);
    expect(() => joinBranches(path, more)).toThrow('same categories');
    const larger = trained({ ...IMAGE, pixels: 32 }, 2);
    expect(() => joinBranches(path, larger)).toThrow('same size');
    const fewer = trained({ ...IMAGE, planes: 2 }, 2);
    expect(() => joinBranches(path, fewer)).toThrow('all 6 planes');
  });
});
