import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../shared/random.ts';
import { calibrationError, fitTemperature } from './calibrate.ts';
import { accuracyOf, bestIndex, topIndexes } from './evaluate.ts';
import { softmax } from './head.ts';

describe('accuracy', () => {
  test('counts the best, and the three best', () => {
    const scores = Float32Array.of(0.5, 0.3, 0.1, 0.1, 0.1, 0.2, 0.3, 0.4);
    expect(accuracyOf(scores, [0, 1], 4)).toEqual({ top1: 0.5, top3: 1, sketches: 2 });
  });

  test('ranks scores, the earlier first where they are equal', () => {
    expect(topIndexes([0.1, 0.4, 0.1, 0.4], 3)).toEqual([1, 3, 0]);
    expect(bestIndex([0.1, 0.4, 0.1, 0.4])).toBe(1);
    expect(bestIndex([])).toBeNull();
  });
});

describe('calibration', () => {
  /** Logits whose softmax at temperature 1 is exactly how often each category is right. */
  function honestLogits(sketches: number): { logits: Float32Array[]; categoryOf: number[] } {
    const random = seededRandom(17);
    const logits = Array.from({ length: sketches }, () =>
      Float32Array.from({ length: 4 }, () => 2 * gaussian(random)),
    );
    const categoryOf = logits.map((row) => {
      let left = random();
      return softmax(row.slice()).findIndex((confidence) => (left -= confidence) < 0);
    });
    return { logits, categoryOf };
  }

  test('finds the temperature that logits were multiplied by', () => {
    const { logits, categoryOf } = honestLogits(3000);
    const boastful = logits.map((row) => row.map((logit) => 3 * logit));
    expect(fitTemperature({ logits: boastful, categoryOf })).toBeCloseTo(3, 0);
  });

  test('does not run away from the usual one when a few sketches are all right', () => {
    const logits = Array.from({ length: 50 }, () => Float32Array.of(3, 0, 0));
    const sketches = { logits, categoryOf: new Array<number>(50).fill(0) };
    expect(fitTemperature(sketches)).toBeLessThan(0.2);
    const usual = fitTemperature({ ...sketches, usual: 1 });
    expect(usual).toBeGreaterThan(0.3);
    expect(usual).toBeLessThan(1);
  });

  test('makes the calibration error small', () => {
    const { logits, categoryOf } = honestLogits(3000);
    const errorAt = (temperature: number): number =>
      calibrationError(
        logits.map((row) => softmax(row.slice(), temperature)),
        categoryOf,
      );
    expect(errorAt(1)).toBeLessThan(0.03);
    expect(errorAt(0.25)).toBeGreaterThan(0.1);
  });
});
