import type { Block } from '../../ml/network.ts';

const MOST_CHANNELS = 1024;
const NO_BLOCKS = 'none';

/**
 * The blocks of a network as people write them: `32/2 64/2 64` is 32 channels with stride 2, 64 with
 * stride 2, and 64 with stride 1, which makes that block residual; `none` is no block. Throws where it
 * is not so written.
 */
export function parseBlocks(text: string): Block[] {
  if (text.trim() === NO_BLOCKS) return [];
  return text.trim().split(/\s+/).map(parseBlock);
}

function parseBlock(text: string): Block {
  const [, channels = '', stride = '1'] = /^(\d+)(?:\/([12]))?$/.exec(text) ?? [];
  const count = Number(channels);
  if (count >= 1 && count <= MOST_CHANNELS)
    return { channels: count, stride: stride === '2' ? 2 : 1 };
  throw new Error(
    `"${text}" is no block: write 1 to ${MOST_CHANNELS} channels, with /2 for stride 2, such as 64/2.`,
  );
}
