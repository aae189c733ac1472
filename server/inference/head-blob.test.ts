import { describe, expect, test } from 'vitest';
import { classMeansHead, logitsOf, scoresOf, type Head } from '../ml/head.ts';
import { NEVER_UNKNOWN } from '../ml/unknown.ts';
import { decodeHead, encodeHead } from './head-blob.ts';
import { joinHeads, selectCategories } from './head-columns.ts';

/** Two numbers of embedding, three categories. */
const HEAD: Head = {
  weights: Float32Array.of(1, 2, 3, 4, 5, 6),
  bias: Float32Array.of(0.5, -0.5, 0.25),
  temperature: 0.75,
  means: Float32Array.of(1, 0, 0, 1, 0.5, -0.5),
  support: Float32Array.of(1, 24, 7),
  unknown: { cosine: 4, logit: 0.5, confidence: 1, categories: -2, fewness: 3, threshold: -0.25 },
};
const EMBEDDING = Float32Array.of(0.5, -2);

/** As heads were stored before they had means and a rule. */
function firstFormat({ weights, bias, temperature }: Head): Uint8Array {
  const numbers = [temperature, ...weights, ...bias];
  const view = new DataView(new ArrayBuffer(12 + numbers.length * 4));
  [1, weights.length / bias.length, bias.length].forEach((n, i) => view.setUint32(i * 4, n, true));
  numbers.forEach((number, i) => view.setFloat32(12 + i * 4, number, true));
  return new Uint8Array(view.buffer);
}

/** The bytes with other ones at a place. */
function changed(at: number, bytes: readonly number[]): Uint8Array {
  const all = encodeHead(HEAD);
  all.set(bytes, at);
  return all;
}

describe('a stored head', () => {
  test('comes back as it was, also from the middle of a larger buffer', () => {
    const bytes = encodeHead(HEAD);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect(decodeHead(bytes)).toEqual(HEAD);
    expect(decodeHead(padded.subarray(3))).toEqual(HEAD);
  });

  test('comes back without a rule, and without a category', () => {
    const ruleless = classMeansHead([Float32Array.of(1, 0)]);
    expect(decodeHead(encodeHead(ruleless))).toEqual(ruleless);
    const empty = selectCategories(HEAD, []);
    expect(decodeHead(encodeHead(empty))).toEqual(empty);
  });

  test('of the first format has its means in its weights and is given the rule', () => {
    const means = [Float32Array.of(0.6, 0.8), Float32Array.of(-0.8, 0.6)];
    const older = classMeansHead(means, 0.5);
    const read = decodeHead(firstFormat(older), HEAD.unknown);
    expect(read).toMatchObject({ ...older, means: expect.anything(), unknown: HEAD.unknown });
    read.means.forEach((value, i) => expect(value).toBeCloseTo(older.means[i] ?? 0, 6));
    expect(decodeHead(firstFormat(older)).unknown).toEqual(NEVER_UNKNOWN);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['a head that was cut off', encodeHead(HEAD).slice(0, -1)],
    ['a head of the first format that was cut off', firstFormat(HEAD).slice(0, -4)],
    ['something else', new TextEncoder().encode('not a head, but long enough to be one')],
    ['a head of a later format', changed(0, [3])],
    ['a head of far more categories than there are bytes', changed(8, [255, 255, 255, 255])],
    ['a head with a number that is none', changed(60, [0, 0, 192, 127])],
    ['a head with a temperature of 0', changed(12, [0, 0, 0, 0])],
  ])('is not %s', (_what, bytes) => {
    expect(() => decodeHead(bytes)).toThrow(/head/);
  });
});

describe('a head of some categories', () => {
  test('gives them the logits, means and support that they had', () => {
    const [first, , third] = logitsOf(HEAD, EMBEDDING);
    const some = selectCategories(HEAD, [2, 0]);
    expect([...logitsOf(some, EMBEDDING)]).toEqual([third, first]);
    expect([...some.means]).toEqual([0.5, -0.5, 1, 0]);
    expect([...some.support]).toEqual([7, 1]);
  });

  test('can be joined with one of others, or of none', () => {
    const [left, right] = [selectCategories(HEAD, [0]), selectCategories(HEAD, [1, 2])];
    expect(joinHeads(left, right)).toEqual(HEAD);
    const none = selectCategories(HEAD, []);
    expect(joinHeads(HEAD, none)).toEqual(HEAD);
    expect(joinHeads(none, HEAD)).toEqual(HEAD);
  });

  test('keeps its own confidences when it is joined with one of another temperature', () => {
    const other = { ...selectCategories(HEAD, [1, 2]), temperature: 1.5 };
    const [, second = 0, third = 0] = scoresOf(
      joinHeads(selectCategories(HEAD, [0]), other),
      EMBEDDING,
    );
    const [alone = 0] = scoresOf(other, EMBEDDING);
    expect(second / (second + third)).toBeCloseTo(alone, 5);
  });
});
