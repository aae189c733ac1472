import { describe, expect, test } from 'vitest';
import type { ModelVersion } from '../../shared/model-version.ts';
import { aRun as run, aVersion, someMetrics } from '../test-support/learning.ts';
import { trainingWords } from './training-words.ts';

function version(accuracy: number | null, testExamples: number): ModelVersion {
  const method = testExamples > 0 ? 'held_out' : 'none';
  return aVersion({ metrics: someMetrics({ accuracy, testExamples, method }) });
}

describe('the words about learning', () => {
  test('say how long it has been learning', () => {
    expect(trainingWords(run({}), null)).toMatchObject({
      kind: 'learning',
      text: 'Learning … 0.3 s',
    });
  });

  test('say which version is live and how good it is, with its n', () => {
    expect(trainingWords(run({ state: 'succeeded' }), version(0.9, 20))).toEqual({
      kind: 'idle',
      text: 'Model 7 is live',
      detail: '18 of 20 test sketches right',
    });
  });

  test('judge nothing without test sketches, or by a few', () => {
    expect(trainingWords(null, version(0, 1)).detail).toMatch(/too few test sketches/);
    expect(trainingWords(null, version(null, 0)).detail).toMatch(/too few test sketches/);
  });

  test('tell a new project how to begin', () => {
    expect(trainingWords(null, null, true)).toMatchObject({ text: 'Nothing learnt yet' });
    expect(trainingWords(null, null)).toMatchObject({ text: 'The starter model is live' });
  });

  test('do not name the model before it has been read', () => {
    expect(trainingWords(null, undefined)).toMatchObject({ text: 'The model is live' });
  });

  test('say why learning failed', () => {
    const failed = run({ state: 'failed', reason: 'Add a second category.' });
    expect(trainingWords(failed, null)).toMatchObject({
      kind: 'failed',
      detail: 'Add a second category.',
    });
  });
});
