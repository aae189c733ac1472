import { describe, expect, test } from 'vitest';
import { parseBlocks } from './blocks.ts';

describe('the blocks of a network in words', () => {
  test('are channels, and a stride of 2 where they halve the picture', () => {
    expect(parseBlocks(' 32/2 64  64/1 ')).toEqual([
      { channels: 32, stride: 2 },
      { channels: 64, stride: 1 },
      { channels: 64, stride: 1 },
    ]);
  });

  test('are none where that is what is written', () => {
    expect(parseBlocks('none')).toEqual([]);
  });

  test.each(['', '32/3', '0/2', '4096', '32,64', '-8', '1.5/2', '32/2 x'])(
    'are refused where they are written as "%s"',
    (text) => {
      expect(() => parseBlocks(text)).toThrow(/is no block: write 1 to 1024 channels/);
    },
  );
});
