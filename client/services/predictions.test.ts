import { describe, expect, test } from 'vitest';
import { Predictions } from './predictions.ts';

function prediction(revision: number, label: string) {
  return {
    sketchId: 's',
    revision,
    label,
    final: false,
    modelVersion: null,
    scores: [],
    milliseconds: 1,
  };
}

describe('predictions', () => {
  test('leaves out one that is older than what is known', () => {
    const predictions = new Predictions();
    predictions.add([prediction(5, 'cat')]);
    predictions.add([prediction(4, 'dog')]);
    expect(predictions.of('s')?.label).toBe('cat');
  });

  test('takes another judgement of the same revision: a new model version', () => {
    const predictions = new Predictions();
    predictions.add([prediction(5, 'cat')]);
    predictions.add([prediction(5, 'dog')]);
    expect(predictions.of('s')?.label).toBe('dog');
  });

  test('begins anew on joining: a server that was started again counts from the beginning', () => {
    const predictions = new Predictions();
    predictions.add([prediction(50, 'cat')]);
    predictions.replace([prediction(1, 'dog')]);
    expect(predictions.of('s')?.label).toBe('dog');
  });
});
