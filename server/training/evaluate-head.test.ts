import { describe, expect, test } from 'vitest';
import type { Split } from '../../shared/example.ts';
import type { EmbeddedExample } from '../domain/ports.ts';
import { classMeansHead } from '../ml/head.ts';
import { evaluateHead } from './evaluate-head.ts';
import { teach, type HeadDataset } from './head-dataset.ts';

const NAMES = ['right', 'up'];
const [RIGHT, UP] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
const HEAD = classMeansHead([RIGHT, UP]);

function examples(categoryId: string, count: number, looksLike = RIGHT): EmbeddedExample[] {
  return Array.from({ length: count }, (_, i) => ({
    exampleId: `${categoryId} ${i}`,
    categoryId,
    split: 'train',
    embeddings: looksLike,
  }));
}

function inSplit(split: Split, all: readonly EmbeddedExample[]): EmbeddedExample[] {
  return all.map((example) => ({ ...example, split }));
}

function datasetOf(all: readonly EmbeddedExample[]): HeadDataset {
  const teachable = NAMES.map((name) => ({ id: name, name, preTaught: null }));
  const training = all.filter(({ split }) => split === 'train');
  const categories = teach(teachable, training, 2);
  return { embeddingSize: 2, categories, examples: all, withoutEmbedding: 0 };
}

describe('the evaluation of a head', () => {
  test('uses the validation and test splits once they have 50 sketches', () => {
    const dataset = datasetOf([
      ...examples('right', 9),
      ...examples('up', 9, UP),
      ...inSplit('validation', examples('right', 30)),
      ...inSplit('test', [...examples('up', 15, UP), ...examples('up', 5, RIGHT)]),
    ]);
    expect(evaluateHead(dataset, HEAD)).toMatchObject({
      method: 'held_out',
      accuracy: 0.9,
      testExamples: 50,
      trainingExamples: 18,
      perCategory: [
        { name: 'right', correct: 30, testExamples: 30 },
        { name: 'up', correct: 15, testExamples: 20 },
      ],
    });
  });

  test('judges each sketch by the others while there are fewer', () => {
    const dataset = datasetOf([...examples('right', 8), ...examples('up', 8, UP)]);
    expect(evaluateHead(dataset, HEAD)).toMatchObject({
      method: 'cross_validated',
      accuracy: 1,
      testExamples: 16,
    });
  });

  test('does not count the only sketch of a category', () => {
    const dataset = datasetOf([...examples('right', 5), ...examples('up', 1, UP)]);
    const { perCategory, testExamples } = evaluateHead(dataset, HEAD);
    expect(testExamples).toBe(5);
    expect(perCategory[1]).toMatchObject({ name: 'up', correct: 0, testExamples: 0 });
  });

  test('says so when there is nothing to test on', () => {
    expect(evaluateHead(datasetOf([]), HEAD)).toMatchObject({ method: 'none', accuracy: null });
  });
});
