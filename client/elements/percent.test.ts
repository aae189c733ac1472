import { expect, test } from 'vitest';
import { percent } from './percent.ts';

test('a confidence is rounded to whole percents', () => {
  expect(percent(0.842)).toBe('84 %');
});

test('a guess is never quite certain', () => {
  expect(percent(0.999)).toBe('99 %');
});

test('nothing is quite impossible', () => {
  expect(percent(0.002)).toBe('< 1 %');
});
