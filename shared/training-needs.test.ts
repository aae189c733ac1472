import { describe, expect, test } from 'vitest';
import { Layers } from './hyperparameters.ts';
import { describeMissing, missingExamples, trainingNeeds } from './training-needs.ts';

const least = { head: 1, backbone: 5 };
const cat = { name: 'cat', examples: 0, preTaught: true };
const anvil = { name: 'anvil', examples: 2, preTaught: false };
const kite = { name: 'kite', examples: 8, preTaught: false };
const empty = { name: 'robot', examples: 0, preTaught: false };

describe('a head', () => {
  test('leaves out what has no example where one is enough', () => {
    expect(missingExamples([cat, anvil, empty], 'head', least)).toEqual([]);
  });

  test('needs as many as the project says, but for what is pre-taught', () => {
    expect(missingExamples([cat, anvil, kite, empty], 'head', { ...least, head: 3 })).toEqual([
      { name: 'anvil', has: 2, needed: 3 },
      { name: 'robot', has: 0, needed: 3 },
    ]);
  });
});

describe('what changes the backbone', () => {
  test.each(Layers.options.filter((layers) => layers !== 'head'))(
    'needs examples of one’s own of every category: %s',
    (layers) => {
      expect(missingExamples([cat, anvil, kite], layers, least)).toEqual([
        { name: 'cat', has: 0, needed: 5 },
        { name: 'anvil', has: 2, needed: 5 },
      ]);
    },
  );
});

describe('the sentence for people', () => {
  test('tells of one category how many to draw', () => {
    const missing = missingExamples([anvil, kite], 'all', least);
    expect(describeMissing(missing, 'all')).toBe(
      'The category “anvil” has 2 examples and needs 5 to train more than the head. Draw 3 more.',
    );
  });

  test.each([
    [0, 'no examples'],
    [1, '1 example'],
  ])('counts %d as people do', (examples, words) => {
    const missing = missingExamples([{ ...anvil, examples }], 'head', { ...least, head: 4 });
    expect(describeMissing(missing, 'head')).toBe(
      `The category “anvil” has ${words} and needs 4 to train. Draw ${4 - examples} more.`,
    );
  });

  test('names several, and counts the rest where there are many', () => {
    const two = missingExamples([cat, anvil], 'last_block', least);
    expect(describeMissing(two, 'last_block')).toBe(
      '2 categories have too few examples: each needs 5 to train more than the head. Draw 5 more of “cat” and 3 more of “anvil”.',
    );
    const five = missingExamples([cat, anvil, cat, cat, cat], 'scratch', least);
    expect(describeMissing(five, 'scratch')).toMatch(/, 5 more of “cat” and some of 2 others\.$/);
  });
});

describe('a project', () => {
  test('with everything it needs can be trained', () => {
    expect(trainingNeeds([cat, anvil], 'head', least)).toEqual({
      layers: 'head',
      missing: [],
      reason: null,
    });
  });

  test.each([
    ['nothing', [], 'head'],
    ['one category', [kite], 'head'],
    ['one category and an empty one', [kite, empty], 'head'],
    ['one category', [kite], 'all'],
  ] as const)('with %s has nothing to tell apart: %j', (_, categories, layers) => {
    expect(trainingNeeds(categories, layers, least).reason).toMatch(/at least two categories/);
  });

  test('that lacks examples is told which', () => {
    const needs = trainingNeeds([kite, anvil], 'all', least);
    expect(needs.missing).toEqual([{ name: 'anvil', has: 2, needed: 5 }]);
    expect(needs.reason).toContain('“anvil”');
  });
});
