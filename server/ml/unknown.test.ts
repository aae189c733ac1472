import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom, type Random } from '../../shared/random.ts';
import { auroc } from './auroc.ts';
import { normalizeEmbeddings } from './embedding.ts';
import { fitUnknownRule, thresholdFor, type UnknownTrial } from './fit-unknown.ts';
import { classMeansHead, scoresOf, type Head } from './head.ts';
import { decideLabel, evidenceOf, NEVER_UNKNOWN, weigh, type Evidence } from './unknown.ts';

const SIZE = 16;

/** A sketch somewhere around the axis of its category. */
function sketch(axis: number, random: Random, spread = 0.25): Float32Array {
  const numbers = Float32Array.from(
    { length: SIZE },
    (_, d) => (d === axis ? 1 : 0) + spread * gaussian(random),
  );
  return normalizeEmbeddings(numbers, new Float32Array(SIZE));
}

function axisOf(d: number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) => (i === d ? 1 : 0));
}

/** A head of so many categories, and what it finds for sketches of them and of others. */
function trial(categories: number, random: Random): UnknownTrial & { readonly head: Head } {
  const head = classMeansHead(
    Array.from({ length: categories }, (_, c) => axisOf(c)),
    0.6,
  );
  const evidence = (axis: number): Evidence => {
    const embedding = sketch(axis, random);
    return evidenceOf(head, embedding, scoresOf(head, embedding));
  };
  const times = (axes: number[]): Evidence[] =>
    Array.from({ length: 40 }, () => axes.map(evidence)).flat();
  return {
    head,
    known: times([...Array(categories).keys()]),
    unknown: times([12, 13, 14, 15]),
  };
}

const random = seededRandom(5);
const RULE = fitUnknownRule([2, 2, 4, 4, 8, 8].map((categories) => trial(categories, random)));

function labelOf(head: Head, embedding: Float32Array): number | null {
  return decideLabel(head, embedding, scoresOf(head, embedding));
}

describe('the rule for "?"', () => {
  test.each([2, 3, 10])('keeps the known of %i categories and refuses the others', (categories) => {
    const { known, unknown } = trial(categories, random);
    const isKept = (evidence: Evidence): boolean => weigh(RULE, evidence) >= RULE.threshold;
    expect(known.filter(isKept).length / known.length).toBeGreaterThan(0.85);
    expect(unknown.filter(isKept).length / unknown.length).toBeLessThan(0.1);
  });

  test('refuses a sketch unlike both of two categories, of which the head is sure', () => {
    const head = classMeansHead([axisOf(0), axisOf(1)], 0.6, { unknown: RULE });
    const stranger = Float32Array.from({ length: SIZE }, (_, d) =>
      d === 0 ? 0.3 : d === 9 ? 1 : 0,
    );
    normalizeEmbeddings(stranger, new Float32Array(SIZE));
    expect(scoresOf(head, stranger)[0]).toBeGreaterThan(0.95);
    expect(labelOf(head, stranger)).toBeNull();
    expect(labelOf(head, sketch(1, random))).toBe(1);
  });

  test('asks less of a category that has few examples', () => {
    const asked = (support: number): number => {
      const head = classMeansHead([axisOf(0)], 1, { support: Float32Array.of(support) });
      return evidenceOf(head, axisOf(0), [1]).fewness;
    };
    expect(asked(1)).toBe(1);
    expect(asked(4)).toBe(0.5);
    expect(asked(0)).toBe(1);
  });

  test('names the best where there is no rule, and nothing where there is no category', () => {
    const head = classMeansHead([axisOf(0), axisOf(1)]);
    expect(head.unknown).toEqual(NEVER_UNKNOWN);
    expect(labelOf(head, axisOf(9))).toBe(0);
    expect(labelOf(classMeansHead([]), axisOf(0))).toBeNull();
  });

  test('answers "?" for an embedding that is not a number', () => {
    const head = classMeansHead([axisOf(0), axisOf(1)], 1, { unknown: RULE });
    expect(labelOf(head, new Float32Array(SIZE).fill(NaN))).toBeNull();
  });
});

describe('its threshold', () => {
  test('lies where 95 % are above', () => {
    const sums = Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(thresholdFor(sums)).toBe(5);
    expect(thresholdFor([])).toBe(0);
  });

  test('is finite when there was nothing unknown to learn from, or nothing at all', () => {
    const { known } = trial(3, random);
    for (const rule of [fitUnknownRule([{ known, unknown: [] }]), fitUnknownRule([])])
      expect(Object.values(rule).every(Number.isFinite)).toBe(true);
  });
});

describe('the area under the ROC curve', () => {
  test('is 1 for kinds that are apart, 0.5 for equal ones, and counts ties half', () => {
    expect(auroc([3, 4], [1, 2])).toBe(1);
    expect(auroc([1, 2], [3, 4])).toBe(0);
    expect(auroc([1, 1], [1, 1])).toBe(0.5);
    expect(auroc([1, 3], [2])).toBe(0.5);
  });
});
