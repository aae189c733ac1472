import { describe, expect, test } from 'vitest';
import type { TrainingData } from '../../shared/training-strategy.ts';
import type { DatasetExample } from '../domain/ports.ts';
import { selectExamples } from './data-selection.ts';

const DAY = (day: number) => `2026-11-0${day}T00:00:00.000Z`;

function example(id: string, change: Partial<DatasetExample> = {}): DatasetExample {
  return {
    ...{ id, categoryId: 'cat', split: 'train', source: 'drawn', authorId: 'ann' },
    ...{ createdAt: DAY(1), contentHash: id, strokesKey: id, isDeleted: false },
    ...change,
  };
}

const EXAMPLES = [
  ...['c1', 'c2', 'c3'].map((id) => example(id)),
  ...['d1', 'd2', 'd3'].map((id) => example(id, { categoryId: 'dog', source: 'api' })),
  example('v', { split: 'validation', source: 'import', authorId: null }),
  example('t', { split: 'test', source: 'import', authorId: null }),
  example('new', { createdAt: DAY(3), source: 'feedback', authorId: 'bob' }),
];

function chosen(data: TrainingData, seenUntil: string | null = DAY(2), seed = 1): string[] {
  return selectExamples(EXAMPLES, { data, seenUntil, seed }).map(({ id }) => id);
}

describe('the choice of training examples', () => {
  test('is all of them by default', () => {
    expect(chosen({ kind: 'all' })).toHaveLength(EXAMPLES.length);
  });

  test('goes by source and by author, and leaves validation and test whole', () => {
    expect(chosen({ kind: 'sources', sources: ['feedback'] })).toEqual(['v', 't', 'new']);
    expect(chosen({ kind: 'authors', authorIds: ['bob'] })).toEqual(['v', 't', 'new']);
  });

  test('takes what is new and so many older ones of each category, the same for a seed', () => {
    const data = { kind: 'new_and_replay', replayPerCategory: 2 } as const;
    const ids = chosen(data);
    expect(ids.filter((id) => id.startsWith('c'))).toHaveLength(2);
    expect(ids.filter((id) => id.startsWith('d'))).toHaveLength(2);
    expect(ids.slice(-3)).toEqual(['v', 't', 'new']);
    expect(chosen(data)).toEqual(ids);
    const others = [2, 3, 4, 5, 6].map((seed) => chosen(data, DAY(2), seed).join());
    expect(new Set([ids.join(), ...others]).size).toBeGreaterThan(1);
  });

  test('finds everything new where nothing was trained before', () => {
    const data = { kind: 'new_and_replay', replayPerCategory: 0 } as const;
    expect(chosen(data, null)).toHaveLength(EXAMPLES.length);
    expect(chosen(data)).toEqual(['v', 't', 'new']);
  });
});
