import { describe, expect, test } from 'vitest';
import { largestDifference } from '../../test/support/run-graph.ts';
import { meanEmbedding, normalizeEmbeddings } from './embedding.ts';
import { classMeansHead, logitsOf, scoresOf } from './head.ts';

const east = Float32Array.of(1, 0);
const north = Float32Array.of(0, 1);

describe('a head of class means', () => {
  test('prefers the category whose mean is nearest', () => {
    const head = classMeansHead([east, north]);
    const [first = 0, second = 0] = scoresOf(head, Float32Array.of(0.8, 0.6));
    expect(first).toBeGreaterThan(second);
    expect(first + second).toBeCloseTo(1);
  });

  test('looks at the direction of a mean, not at its length', () => {
    const short = classMeansHead([Float32Array.of(0.1, 0), north]);
    expect(logitsOf(short, east)).toEqual(logitsOf(classMeansHead([east, north]), east));
  });

  test('is surer at a lower temperature, of the same category', () => {
    const sketch = Float32Array.of(0.8, 0.6);
    const [warm = 0] = scoresOf(classMeansHead([east, north], 2), sketch);
    const [cold = 0] = scoresOf(classMeansHead([east, north], 0.5), sketch);
    expect(warm).toBeGreaterThan(0.5);
    expect(cold).toBeGreaterThan(warm);
  });

  test('with one category is certain, without any gives no scores', () => {
    expect(scoresOf(classMeansHead([east]), north)).toEqual(Float32Array.of(1));
    expect(scoresOf(classMeansHead([]), north)).toEqual(new Float32Array());
  });
});

test.each([1, 2, 3, 4, 5, 8, 11])(
  'logits of %i categories are sums over the embedding',
  (count) => {
    const embedding = Float32Array.from({ length: 6 }, (_, d) => Math.sin(d + 1));
    const weights = Float32Array.from({ length: 6 * count }, (_, i) => Math.cos(i));
    const bias = Float32Array.from({ length: count }, (_, c) => c);
    const sums = Array.from(bias, (start, c) =>
      embedding.reduce((sum, value, d) => sum + value * (weights[d * count + c] ?? 0), start),
    );
    const logits = logitsOf({ weights, bias, temperature: 2 }, embedding);
    expect(logits).toHaveLength(count);
    expect(largestDifference(logits, sums)).toBeLessThan(1e-5);
  },
);

describe('embeddings', () => {
  test('are centred and scaled to length 1, row by row', () => {
    const rows = normalizeEmbeddings(Float32Array.of(5, 6, 1, 2), Float32Array.of(1, 3));
    expect(largestDifference(rows, [0.8, 0.6, 0, -1])).toBeLessThan(1e-6);
  });

  test('at the centre stay zero instead of becoming NaN', () => {
    expect(normalizeEmbeddings(east.slice(), east)).toEqual(Float32Array.of(0, 0));
  });

  test('have a mean, which is zero where there are none', () => {
    expect(meanEmbedding(Float32Array.of(1, 2, 3, 6), 2)).toEqual(Float32Array.of(2, 4));
    expect(meanEmbedding(new Float32Array(), 2)).toEqual(Float32Array.of(0, 0));
  });
});
