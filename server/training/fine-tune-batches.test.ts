import { describe, expect, test } from 'vitest';
import { resolveHyperparameters } from '../../shared/hyperparameters.ts';
import type { Network } from '../ml/network.ts';
import { batchAt, stepsPerEpoch, type BatchSource } from './fine-tune-batches.ts';
import { partForValidation } from './fine-tune-validation.ts';
import { learningRateShare } from './learning-rate.ts';

const NETWORK: Network = {
  ...{ pixels: 32, planes: 1, categories: 2 },
  blocks: [{ channels: 4, stride: 2 }],
};

/** A line of its own slope for each sketch; the second category has a quarter of the first's. */
function source(first: number, second: number, batchSize = 8): BatchSource {
  const sketches = Array.from({ length: first + second }, (_, i) => ({
    strokes: [
      [
        [0, 50],
        [0, i * 7],
      ],
    ] as [number[], number[]][],
    category: i < first ? 0 : 1,
  }));
  const settings = { batchSize, augmentation: 0, labelSmoothing: 0, dropout: 0.5 };
  return { network: NETWORK, sketches, settings: resolveHyperparameters('all', settings) };
}

function categoriesOf(targets: Float32Array): number[] {
  return Array.from({ length: targets.length / 2 }, (_, i) => (targets[i * 2] === 1 ? 0 : 1));
}

describe('batches of fine-tuning', () => {
  test('show every sketch once an epoch', () => {
    const all = source(16, 8);
    expect(stepsPerEpoch(all)).toBe(3);
    const seen = [3, 4, 5].flatMap((step) => {
      const { rasters } = batchAt(all, step);
      return Array.from({ length: 8 }, (_, i) => rasters.slice(i * 1024, (i + 1) * 1024).join());
    });
    expect(new Set(seen).size).toBe(24);
  });

  test('are the same at the same step, whatever came before, and differ from step to step', () => {
    const all = source(16, 8);
    const later = batchAt(all, 5);
    batchAt(all, 1);
    expect(batchAt(all, 5)).toEqual(later);
    expect(batchAt(all, 4).dropout).not.toEqual(later.dropout);
  });

  test('have as many of each category where there are fewer sketches than a batch', () => {
    const categories = categoriesOf(batchAt(source(4, 1), 0).targets);
    expect(categories.filter((category) => category === 1)).toHaveLength(4);
  });
});

describe('sketches to validate on', () => {
  const sketch = (category: number) => ({ category });
  const many = (count: number) => Array.from({ length: count }, (_, i) => sketch(i % 2));

  test('are the validation split where it has 20', () => {
    const parts = partForValidation(many(60), many(20));
    expect([parts.training.length, parts.validation.length]).toEqual([60, 20]);
  });

  test('are a tenth that is not trained on where it has fewer', () => {
    const parts = partForValidation(many(60), many(3));
    expect([parts.training.length, parts.validation.length]).toEqual([54, 6]);
  });

  test('are none while each sketch is needed for training', () => {
    const parts = partForValidation(many(49), []);
    expect([parts.training.length, parts.validation.length]).toEqual([49, 0]);
  });
});

describe('the learning rate', () => {
  test('rises to its full value, then falls to nothing', () => {
    const shares = Array.from({ length: 100 }, (_, step) => learningRateShare(step, 100));
    expect(shares[0]).toBeCloseTo(0.1);
    expect(Math.max(...shares)).toBe(1);
    expect(shares.indexOf(1)).toBe(9);
    expect(shares[99]).toBeLessThan(0.001);
  });

  test('is full at the only step there is', () => {
    expect(learningRateShare(0, 1)).toBe(1);
  });
});
