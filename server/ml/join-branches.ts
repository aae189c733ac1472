import { IMAGE_PLANES } from '../../shared/rasterize.ts';
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
  if (image.network.planes < IMAGE_PLANES)
    throw new Error(
      `A branch over the image is joined that sees all ${IMAGE_PLANES} planes of it.`,
    );
  if (path.network.categories !== image.network.categories)
    throw new Error('Branches are joined for the same categories.');
  const ofPath = headOf(path.network, path.state);
  const ofImage = headOf(image.network, image.state);
  const bias = ofPath.bias.map((value, c) => value + (ofImage.bias[c] ?? 0));
  const head = concatenate([ofPath.weights, ofImage.weights, bias]).map((value) => value / 2);
  return {
    network: { ...image.network, planes: path.network.planes, pathBlocks },
    state: {
      weights: concatenate([blocksOf(path), blocksOf(image), head]),
      statistics: concatenate([path.state.statistics, image.state.statistics]),
    },
  };
}

/** The weights of the blocks: all before the head. */
function blocksOf({ network, state }: Trained): Float32Array {
  const { weights, bias } = headOf(network, state);
  return state.weights.subarray(0, state.weights.length - weights.length - bias.length);
}
