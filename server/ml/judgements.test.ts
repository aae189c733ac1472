import { describe, expect, test } from 'vitest';
import { categoryFigures, confusedCells, overallFigures, type Judgement } from './judgements.ts';
import { wilsonInterval } from './wilson.ts';

/** A sketch of a category that was taken for another one, with so much confidence. */
function judged(actual: number, predicted: number, confidence = 0.8): Judgement {
  const scores = new Float32Array(3).fill((1 - confidence) / 2);
  scores[predicted] = confidence;
  return { exampleId: `${actual}${predicted}`, actual, scores, isUnknown: confidence < 0.5 };
}

/** Of the first category 3 of 4 right, of the second 1 of 2, of the third nothing was judged. */
const SIX = [judged(0, 0), judged(0, 0), judged(0, 0), judged(0, 1), judged(1, 1), judged(1, 2)];

describe('the figures of a small confusion matrix', () => {
  test('are those worked out by hand, category by category', () => {
    const [first, second, third] = categoryFigures(SIX, 3);
    expect(first).toEqual({ correct: 3, sketches: 4, precision: 1, recall: 0.75, f1: 6 / 7 });
    expect(second).toEqual({ correct: 1, sketches: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(third).toEqual({ correct: 0, sketches: 0, precision: 0, recall: null, f1: null });
  });

  test('leave the category that was not judged out of macro accuracy', () => {
    expect(overallFigures(SIX, 3)).toMatchObject({
      accuracy: 4 / 6,
      macroAccuracy: 0.625,
      unknownShare: 0,
      interval: wilsonInterval(4, 6),
    });
  });

  test('name the sketches of each cell', () => {
    expect(confusedCells(SIX, 3)).toEqual([
      { actual: 0, predicted: 0, exampleIds: ['00', '00', '00'] },
      { actual: 0, predicted: 1, exampleIds: ['01'] },
      { actual: 1, predicted: 1, exampleIds: ['11'] },
      { actual: 1, predicted: 2, exampleIds: ['12'] },
    ]);
  });

  test('tell how often the category is among the three best', () => {
    const fourth = { ...judged(3, 0), scores: Float32Array.of(0.4, 0.3, 0.2, 0.1) };
    const third = { ...judged(2, 0), scores: Float32Array.of(0.4, 0.3, 0.2, 0.1) };
    expect(overallFigures([fourth, third], 4).top3).toBe(0.5);
  });

  test('tell how far confidence and accuracy differ, and how many are answered with "?"', () => {
    const figures = overallFigures([judged(0, 0, 0.75), judged(0, 1, 0.75), judged(1, 1, 0.45)], 3);
    // Two of 0.75 confidence of which one is right, and one of 0.45 that is right.
    expect(figures.calibrationError).toBeCloseTo((0.5 + 0.55) / 3, 5);
    expect(figures.unknownShare).toBeCloseTo(1 / 3);
  });

  test('are empty where nothing was judged', () => {
    expect(overallFigures([], 3)).toEqual({
      ...{ accuracy: null, interval: null, macroAccuracy: null, top3: null },
      ...{ calibrationError: null, unknownShare: null },
    });
  });
});

describe("Wilson's interval", () => {
  test.each([
    { right: 81, count: 263, low: 0.2553, high: 0.3662 },
    { right: 15, count: 148, low: 0.0624, high: 0.1605 },
    { right: 1, count: 29, low: 0.0061, high: 0.1718 },
  ])('of $right in $count is as published (Newcombe 1998)', ({ right, count, low, high }) => {
    const interval = wilsonInterval(right, count);
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  test('stays within 0 and 1, and is none for no sketch', () => {
    expect(wilsonInterval(0, 20)).toMatchObject({ low: 0, high: expect.closeTo(0.1611, 4) });
    expect(wilsonInterval(20, 20)).toMatchObject({ low: expect.closeTo(0.8389, 4), high: 1 });
    expect(wilsonInterval(0, 0)).toBeNull();
  });
});
