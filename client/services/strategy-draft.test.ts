import { describe, expect, test } from 'vitest';
import type { TrainingStrategy } from '../../shared/training-strategy.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import type { StrategyDraft } from './strategy-draft.ts';
import { draftOf, isSameDraft, readDraft } from './strategy-draft.ts';

const AUTHOR = '11111111-1111-4111-8111-111111111111';
const draft = draftOf(DEFAULT_STRATEGY);

function withHyperparameters(texts: Partial<StrategyDraft['hyperparameters']>): StrategyDraft {
  return { ...draft, hyperparameters: { ...draft.hyperparameters, ...texts } };
}

describe('a strategy', () => {
  const strategies: readonly TrainingStrategy[] = [
    DEFAULT_STRATEGY,
    { ...DEFAULT_STRATEGY, when: { kind: 'by_hand' }, data: { kind: 'sources', sources: ['api'] } },
    { ...DEFAULT_STRATEGY, when: { kind: 'after_correction' }, layers: 'scratch' },
    {
      ...DEFAULT_STRATEGY,
      when: { kind: 'on_schedule', everyMinutes: 15 },
      data: { kind: 'new_and_replay', replayPerCategory: 7 },
      leastExamples: { head: 2, backbone: 9 },
    },
    {
      ...DEFAULT_STRATEGY,
      data: { kind: 'authors', authorIds: [AUTHOR] },
      hyperparameters: { epochs: 12, learningRate: 0.003, seed: 0 },
    },
  ];

  test.each(strategies)('is the same after it was shown and read: %j', (strategy) => {
    expect(readDraft(draftOf(strategy))).toEqual({ ok: true, strategy });
  });
});

describe('what is typed', () => {
  test('stands for its default where it is empty', () => {
    expect(readDraft(withHyperparameters({ epochs: '  ' }))).toMatchObject({
      ok: true,
      strategy: { hyperparameters: {} },
    });
  });

  test('may have a decimal comma', () => {
    expect(readDraft(withHyperparameters({ dropout: '0,2' }))).toMatchObject({
      strategy: { hyperparameters: { dropout: 0.2 } },
    });
  });

  test.each([
    ['epochs', 'many', 'A number, please.'],
    ['epochs', '2.5', 'A whole number, please.'],
    ['batchSize', '4', 'At least 8, please.'],
    ['dropout', '2', 'At most 0.9, please.'],
    ['learningRate', '0', 'More than 0, please.'],
  ])('is refused beside its field: %s %s', (name, text, words) => {
    expect(readDraft(withHyperparameters({ [name]: text }))).toEqual({
      ok: false,
      troubles: { [name]: words },
    });
  });

  test('is judged in every field at once', () => {
    const wrong: StrategyDraft = {
      ...draft,
      afterExamples: '',
      leastHead: '0',
      leastBackbone: '1.5',
      data: 'sources',
      sources: [],
    };
    expect(readDraft(wrong)).toEqual({
      ok: false,
      troubles: {
        examples: 'A number, please.',
        leastHead: 'At least 1, please.',
        leastBackbone: 'A whole number, please.',
        sources: 'Choose at least one.',
      },
    });
  });

  test('counts only where it is chosen', () => {
    expect(readDraft({ ...draft, when: 'by_hand', afterExamples: 'x' })).toMatchObject({
      ok: true,
    });
  });

  test('is no change where it means the same', () => {
    expect(isSameDraft({ ...draft, afterExamples: ' 1 ' }, draft)).toBe(true);
    expect(isSameDraft({ ...draft, afterExamples: '2' }, draft)).toBe(false);
  });
});
