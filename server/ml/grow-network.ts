import {
  initialState,
  isResidual,
  KERNEL,
  parametersOf,
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
  const oldBlockOf = matchBlocks(small.network, large);
  const oldParameters = new Map(parametersOf(small.network).map((each) => [each.name, each]));
  for (const parameter of parametersOf(large)) {
    const { offset, size, block } = parameter;
    const target = grown.weights.subarray(offset, offset + size);
    const oldBlock = block < large.blocks.length ? oldBlockOf[block] : null;
    if (oldBlock === undefined) {
      if (parameter.name.startsWith('gamma')) target.fill(0);
      continue;
    }
    const name = oldBlock === null ? parameter.name : `${kindOf(parameter)}${oldBlock}`;
    const old = oldParameters.get(name);
    if (!old) throw new Error(`The smaller network has no ${name}.`);
    const source = small.state.weights.subarray(old.offset, old.offset + old.size);
    copyKernel({ source, target }, target.length / source.length);
  }
  copyStatistics(small, { network: large, state: grown }, oldBlockOf);
  return grown;
}

function kindOf({ name }: Parameter): string {
  return name.replace(/\d+$/, '');
}

/** For each block of the larger network the one of the smaller; undefined for an added one. */
function matchBlocks(small: Network, large: Network): (number | undefined)[] {
  let next = 0;
  const matches = large.blocks.map(({ channels, stride }, i) => {
    const old = small.blocks[next];
    const fits = old?.channels === channels && old.stride === stride;
    if (fits && isResidual(small, next) === isResidual(large, i)) return next++;
    if (isResidual(large, i)) return undefined;
    throw new Error(`Block ${i} has no counterpart and is not residual.`);
  });
  if (next < small.blocks.length) throw new Error('The larger network lacks a block.');
  return matches;
}

/** Kernels are tap-major, then plane by plane: those of added planes stay zero. */
function copyKernel(
  { source, target }: { readonly source: Float32Array; readonly target: Float32Array },
  factor: number,
): void {
  if (factor === 1) {
    target.set(source);
    return;
  }
  target.fill(0);
  const taps = KERNEL * KERNEL;
  const [from, to] = [source.length / taps, target.length / taps];
  for (let tap = 0; tap < taps; tap++)
    target.set(source.subarray(tap * from, (tap + 1) * from), tap * to);
}

function copyStatistics(
  small: { readonly network: Network; readonly state: NetworkState },
  large: { readonly network: Network; readonly state: NetworkState },
  oldBlockOf: readonly (number | undefined)[],
): void {
  const startsOf = ({ blocks }: Network): number[] => {
    let start = 0;
    return blocks.map(({ channels }) => (start += 2 * channels) - 2 * channels);
  };
  const [from, to] = [startsOf(small.network), startsOf(large.network)];
  large.network.blocks.forEach(({ channels }, i) => {
    const old = oldBlockOf[i];
    if (old === undefined) return;
    const start = from[old] ?? 0;
    large.state.statistics.set(
      small.state.statistics.subarray(start, start + 2 * channels),
      to[i] ?? 0,
    );
  });
}
