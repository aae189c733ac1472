import { describe, expect, test } from 'vitest';
import { decidePromotion, type PairedOutcome } from './promotion.ts';

/** So many sketches of a category, of which each version has so many right, the same ones. */
function sketches(
  categoryId: string,
  count: number,
  right: { readonly candidate: number; readonly current: number },
): PairedOutcome[] {
  return Array.from({ length: count }, (_, i) => ({
    categoryId,
    isCandidateRight: i < right.candidate,
    isCurrentRight: i < right.current,
  }));
}

describe('a newly trained version', () => {
  test('is promoted when it is the first', () => {
    expect(decidePromotion(null)).toEqual({ promote: true, reason: 'first_version' });
  });

  test('is promoted, however bad, when there are too few sketches to judge', () => {
    const outcomes = sketches('cat', 49, { candidate: 0, current: 49 });
    expect(decidePromotion(outcomes)).toEqual({ promote: true, reason: 'too_few_sketches' });
  });

  test('is promoted when it is as good as the served one', () => {
    const outcomes = sketches('cat', 50, { candidate: 40, current: 40 });
    expect(decidePromotion(outcomes)).toEqual({ promote: true, reason: 'not_worse' });
  });

  test('is held back when it is clearly worse over all categories', () => {
    const outcomes = ['a', 'b', 'c', 'd', 'e'].flatMap((id) =>
      sketches(id, 15, { candidate: 12, current: 14 }),
    );
    expect(decidePromotion(outcomes)).toEqual({ promote: false, reason: 'worse_overall' });
  });

  test('is promoted when it is worse by less than a point', () => {
    const outcomes = [
      ...sketches('a', 150, { candidate: 149, current: 150 }),
      ...sketches('b', 150, { candidate: 150, current: 150 }),
    ];
    expect(decidePromotion(outcomes).promote).toBe(true);
  });

  test('is promoted when the fall may be chance', () => {
    const outcomes = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => [
      ...sketches(id, 5, { candidate: 5, current: 0 }),
      ...sketches(id, 5, { candidate: 0, current: 5 }),
    ]);
    const oneMore = sketches('f', 10, { candidate: 9, current: 10 });
    expect(decidePromotion([...outcomes, ...oneMore]).promote).toBe(true);
  });

  test('is held back for what categories say, though most sketches are better judged', () => {
    const outcomes = [
      ...sketches('many', 300, { candidate: 300, current: 290 }),
      ...sketches('few', 15, { candidate: 5, current: 15 }),
    ];
    expect(decidePromotion(outcomes)).toEqual({ promote: false, reason: 'worse_overall' });
  });

  test('is promoted when it is much better', () => {
    const outcomes = sketches('cat', 60, { candidate: 55, current: 20 });
    expect(decidePromotion(outcomes)).toEqual({ promote: true, reason: 'not_worse' });
  });

  test('is promoted when a category falls by 5 points and not more', () => {
    const outcomes = [
      ...sketches('cat', 20, { candidate: 19, current: 20 }),
      ...sketches('dog', 60, { candidate: 60, current: 57 }),
    ];
    expect(decidePromotion(outcomes)).toEqual({ promote: true, reason: 'not_worse' });
  });

  test('is held back when one category has become much worse', () => {
    const outcomes = [
      ...sketches('cat', 20, { candidate: 18, current: 20 }),
      ...sketches('dog', 60, { candidate: 60, current: 40 }),
    ];
    expect(decidePromotion(outcomes)).toEqual({ promote: false, reason: 'worse_in_a_category' });
  });
});
