import { concatenate } from './concatenate.ts';
import { headOf } from './head.ts';
import type { Network, NetworkState } from './network.ts';

interface Trained {
  readonly network: Network;
  readonly state: NetworkState;
}

/**
 * A network of two branches out of two that were trained alone for the same categories, one along
 * the path and one over the image. Its logits are the mean of theirs. Throws where they do not fit.
 */
export function joinBranches(path: Trained, image: Trained): Trained {
  const { blocks, pathBlocks = [] } = path.network;
  if (blocks.length > 0 || pathBlocks.length === 0 || image.network.pathBlocks?.length)
    throw new Error('A branch along the path and one over the image are joined, no others.');
  if (path.network.pixels !== image.network.pixels)
    throw new Error('Branches are joined for rasters of the same size.');
  if (path.network.categories !== image.network.categories)
    throw new Error('Branches are joined for the same categories.');
  const { planes } = path.network;
  const trained = [path, image];
  const heads = trained.map(({ network, state }) => headOf(network, state));
  const head = concatenate(heads.map(({ weights }) => weights));
  const [one, other] = heads.map(({ bias }) => bias);
  const bias = one?.map((value, c) => value + (other?.[c] ?? 0)) ?? head.subarray(0, 0);
  const half = concatenate([head, bias]).map((value) => value / 2);
  return {
    network: { ...image.network, planes, pathBlocks },
    state: {
      weights: concatenate([...trained.map(blocksOf), half]),
      statistics: concatenate(trained.map(({ state }) => state.statistics)),
    },
  };
}

/** The weights of the blocks: all before the head. */
function blocksOf({ network, state }: Trained): Float32Array {
  const { weights, bias } = headOf(network, state);
  return state.weights.subarray(0, state.weights.length - weights.length - bias.length);
}
