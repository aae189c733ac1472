import { describe, expect, test } from 'vitest';
import { headExamples, priorWeight, type PreTaughtCategory } from './head-examples.ts';

const east = Float32Array.of(1, 0);
const north = Float32Array.of(0, 1);
const preTaught: PreTaughtCategory = {
  mean: east,
  embeddings: Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0),
};

describe('what a head learns from', () => {
  test('is what ships, for a pre-taught category without examples', () => {
    const { categoryOf, weights, means, support } = headExamples([{ own: [], preTaught }], 2);
    expect(Array.from(support)).toEqual([4]);
    expect(Array.from(categoryOf)).toEqual([0, 0, 0, 0]);
    expect(Array.from(weights)).toEqual([1, 1, 1, 1]);
    expect(means).toEqual([east]);
  });

  test('is what people gave, for a category of their own', () => {
    const known = { own: [north], preTaught: null };
    const { embeddings, categoryOf, means } = headExamples([{ own: [], preTaught }, known], 2);
    expect(Array.from(categoryOf)).toEqual([0, 0, 0, 0, 1]);
    expect(embeddings.subarray(8)).toEqual(north);
    expect(means[1]).toEqual(north);
  });

  test('shares the weight of an example among its views', () => {
    const twoViews = Float32Array.of(1, 0, 0, 1);
    const { weights, means } = headExamples([{ own: [twoViews, north], preTaught: null }], 2);
    expect(Array.from(weights)).toEqual([4, 4, 8]);
    expect(means).toEqual([Float32Array.of(0.25, 0.75)]);
  });

  test('lets what ships fade as examples of people come in', () => {
    expect([0, 3, 9].map((own) => priorWeight(24, own))).toEqual([1, 0.5, 0.25]);
    const { means } = headExamples([{ own: [north], preTaught }], 2);
    const [shippedShare = 0, ownShare = 0] = means[0] ?? [];
    expect(ownShare).toBeGreaterThan(shippedShare);
    expect(ownShare + shippedShare).toBeCloseTo(1);
  });
});
