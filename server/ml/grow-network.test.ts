import { describe, expect, test } from 'vitest';
import { runGraph } from '../../test/support/run-graph.ts';
import { growNetwork } from './grow-network.ts';
import { initialState, type Network } from './network.ts';
import { servingGraph } from './serving-graph.ts';

const SMALL: Network = {
  pixels: 12,
  planes: 1,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 6, stride: 2 },
  ],
  categories: 3,
};
const LARGE: Network = {
  ...SMALL,
  planes: 2,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 4, stride: 1 },
    { channels: 6, stride: 2 },
    { channels: 6, stride: 1 },
  ],
};

function stateOf(network: Network): ReturnType<typeof initialState> {
  const state = initialState(network, 7);
  return { ...state, statistics: state.statistics.map((value, i) => value + (i % 5) / 10) };
}

async function embeddingOf(network: Network, state: ReturnType<typeof initialState>) {
  const raster = Uint8Array.from({ length: network.planes * 144 }, (_, i) => (i * 37) % 256);
  const shape = [1, network.planes, 12, 12];
  const { embedding } = await runGraph(servingGraph(network, state), { raster: [raster, shape] });
  return [...(embedding ?? [])];
}

describe('a network that has grown by planes and residual blocks', () => {
  test('computes what it did before', async () => {
    const small = stateOf(SMALL);
    const large = growNetwork({ network: SMALL, state: small }, LARGE);
    const before = await embeddingOf(SMALL, small);
    const after = await embeddingOf(LARGE, large);
    before.forEach((value, d) => expect(after[d]).toBeCloseTo(value, 5));
  });

  test('and so it does with two branches', async () => {
    const path = [{ channels: 4, stride: 2 } as const];
    const [small, large] = [SMALL, LARGE].map((network) => ({ ...network, planes: 7 as const }));
    if (!small || !large) throw new Error('There are two networks.');
    const before: Network = { ...small, pathBlocks: path };
    const after: Network = { ...large, pathBlocks: [...path, { channels: 4, stride: 1 }] };
    const state = stateOf(before);
    const embedding = await embeddingOf(before, state);
    const grown = await embeddingOf(after, growNetwork({ network: before, state }, after));
    embedding.forEach((value, d) => expect(grown[d]).toBeCloseTo(value, 5));
    expect(grown).toHaveLength(4 + 6);
  });

  test('cannot lose blocks or change its categories', () => {
    const small = { network: SMALL, state: stateOf(SMALL) };
    expect(() => growNetwork({ network: LARGE, state: stateOf(LARGE) }, SMALL)).toThrow();
    expect(() => growNetwork(small, { ...LARGE, categories: 4 })).toThrow('categories');
    const wider = { ...SMALL, blocks: [...SMALL.blocks, { channels: 8, stride: 2 } as const] };
    expect(() => growNetwork(small, wider)).toThrow('counterpart');
  });
});
