import {
  initialState,
  parametersOf,
  placedBlocksOf,
  tapsOf,
  type Network,
  type NetworkState,
  type Parameter,
} from './network.ts';

/**
 * The state of a larger network that computes what a smaller one does: further input planes begin
 * without a say, further residual blocks as identity. Training goes on from there and finds out
 * what to do with them. Throws where the larger network lacks a block of the smaller one, or the
 * categories differ.
 */
export function growNetwork(
  small: { readonly network: Network; readonly state: NetworkState },
  large: Network,
): NetworkState {
  if (small.network.categories !== large.categories)
    throw new Error('A network can only grow for the same categories.');
  const grown = initialState(large, 0);
  const blocks = placedBlocksOf(large);
  const oldBlockOf = matchBlocks(small.network, large);
  const oldParameters = new Map(parametersOf(small.network).map((each) => [each.name, each]));
  for (const parameter of parametersOf(large)) {
    const { offset, size, block } = parameter;
    const target = grown.weights.subarray(offset, offset + size);
    const oldBlock = block < blocks.length ? oldBlockOf[block] : null;
    if (oldBlock === undefined) {
      if (parameter.name.startsWith('gamma')) target.fill(0);
      continue;
    }
    const name = oldBlock === null ? parameter.name : `${kindOf(parameter)}${oldBlock}`;
    const old = oldParameters.get(name);
    if (!old) throw new Error(`The smaller network has no ${name}.`);
    const source = small.state.weights.subarray(old.offset, old.offset + old.size);
    copyKernel({ source, target }, tapsOf(blocks[block]?.branch ?? 'image'));
  }
  copyStatistics(small, { network: large, state: grown }, oldBlockOf);
  return grown;
}

function kindOf({ name }: Parameter): string {
  return name.replace(/\d+$/, '');
}

/** For each block of the larger network the one of the smaller; undefined for an added one. */
function matchBlocks(small: Network, large: Network): (number | undefined)[] {
  const old = placedBlocksOf(small);
  let next = 0;
  const matches = placedBlocksOf(large).map(({ channels, stride, branch, isResidual }, i) => {
    const candidate = old[next];
    const isSameSize = candidate?.channels === channels && candidate.stride === stride;
    if (isSameSize && candidate.branch === branch && candidate.isResidual === isResidual)
      return next++;
    if (isResidual) return undefined;
    throw new Error(`Block ${i} has no counterpart and is not residual.`);
  });
  if (next < old.length) throw new Error('The larger network lacks a block.');
  return matches;
}

/** Kernels are tap-major, then plane by plane: those of added planes stay zero. */
function copyKernel(
  { source, target }: { readonly source: Float32Array; readonly target: Float32Array },
  taps: number,
): void {
  if (target.length === source.length) {
    target.set(source);
    return;
  }
  target.fill(0);
  const [from, to] = [source.length / taps, target.length / taps];
  for (let tap = 0; tap < taps; tap++)
    target.set(source.subarray(tap * from, (tap + 1) * from), tap * to);
}

function copyStatistics(
  small: { readonly network: Network; readonly state: NetworkState },
  large: { readonly network: Network; readonly state: NetworkState },
  oldBlockOf: readonly (number | undefined)[],
): void {
  const startsOf = (network: Network): number[] => {
    let start = 0;
    return placedBlocksOf(network).map(({ channels }) => (start += 2 * channels) - 2 * channels);
  };
  const [from, to] = [startsOf(small.network), startsOf(large.network)];
  placedBlocksOf(large.network).forEach(({ channels }, i) => {
    const old = oldBlockOf[i];
    if (old === undefined) return;
    const start = from[old] ?? 0;
    large.state.statistics.set(
      small.state.statistics.subarray(start, start + 2 * channels),
      to[i] ?? 0,
    );
  });
}
