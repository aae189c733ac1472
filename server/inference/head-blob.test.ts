import { describe, expect, test } from 'vitest';
import { logitsOf, type Head } from '../ml/head.ts';
import { decodeHead, encodeHead } from './head-blob.ts';
import { joinHeads, selectCategories } from './head-columns.ts';

/** Two numbers of embedding, three categories. */
const HEAD: Head = {
  weights: Float32Array.of(1, 2, 3, 4, 5, 6),
  bias: Float32Array.of(0.5, -0.5, 0.25),
  temperature: 0.75,
};
const EMBEDDING = Float32Array.of(0.5, -2);

describe('a stored head', () => {
  test('comes back as it was, also from the middle of a larger buffer', () => {
    const bytes = encodeHead(HEAD);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect(decodeHead(bytes)).toEqual(HEAD);
    expect(decodeHead(padded.subarray(3))).toEqual(HEAD);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['a head that was cut off', encodeHead(HEAD).slice(0, -1)],
    ['something else', new TextEncoder().encode('not a head, but long enough to be one')],
  ])('is not %s', (_what, bytes) => {
    expect(() => decodeHead(bytes)).toThrow(/head/);
  });
});

describe('a head of some categories', () => {
  test('gives them the logits that they had', () => {
    const [first, , third] = logitsOf(HEAD, EMBEDDING);
    expect([...logitsOf(selectCategories(HEAD, [2, 0]), EMBEDDING)]).toEqual([third, first]);
  });

  test('can be joined with one of others, or of none', () => {
    const [left, right] = [selectCategories(HEAD, [0]), selectCategories(HEAD, [1, 2])];
    expect(joinHeads(left, right)).toEqual(HEAD);
    const none = selectCategories(HEAD, []);
    expect(joinHeads(HEAD, none)).toEqual(HEAD);
    expect(joinHeads(none, HEAD)).toEqual(HEAD);
  });
});
