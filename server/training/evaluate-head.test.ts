import { describe, expect, test } from 'vitest';
import type { Split } from '../../shared/example.ts';
import { MAX_CELL_EXAMPLES } from '../../shared/model-version.ts';
import { gaussian, seededRandom } from '../../shared/random.ts';
import type { EmbeddedExample } from '../domain/ports.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
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
  test('by cross-validation stops when nobody needs it any more', async () => {
    const dataset = datasetOf([...examples('right', 9), ...examples('up', 9, UP)]);
    const cancelled = new AbortController();
    const evaluation = evaluateHead(dataset, HEAD, { signal: cancelled.signal });
    const reason = new Error('cancelled');
    setImmediate(() => cancelled.abort(reason));
    await expect(evaluation).rejects.toBe(reason);
  });

  test('uses the validation and test splits once they have 50 sketches', async () => {
    const dataset = datasetOf([
      ...examples('right', 9),
      ...examples('up', 9, UP),
      ...inSplit('validation', examples('right', 30)),
      ...inSplit('test', [...examples('up', 15, UP), ...examples('up', 5, RIGHT)]),
    ]);
    const { metrics, confusion } = await evaluateHead(dataset, HEAD);
    expect(metrics).toMatchObject({
      method: 'held_out',
      accuracy: 0.9,
      macroAccuracy: 0.875,
      testExamples: 50,
      trainingExamples: 18,
      perCategory: [
        { name: 'right', correct: 30, testExamples: 30, precision: 30 / 35, recall: 1 },
        { name: 'up', correct: 15, testExamples: 20, precision: 1, recall: 0.75 },
      ],
    });
    expect(
      confusion.map(({ actualId, predictedId, count }) => [actualId, predictedId, count]),
    ).toEqual([
      ['right', 'right', 30],
      ['up', 'right', 5],
      ['up', 'up', 15],
    ]);
    expect(confusion[1]?.exampleIds).toEqual(['up 0', 'up 1', 'up 2', 'up 3', 'up 4']);
  });

  test('uses the test split alone once it has 50 sketches', async () => {
    const dataset = datasetOf([
      ...[...examples('right', 1), ...examples('up', 1, UP)],
      ...inSplit('validation', examples('right', 60, UP)),
      ...inSplit('test', [...examples('right', 25), ...examples('up', 25, UP)]),
    ]);
    const { metrics } = await evaluateHead(dataset, HEAD);
    expect(metrics).toMatchObject({ method: 'held_out', accuracy: 1, testExamples: 50 });
  });

  test('names at most so many sketches of a cell, and counts them all', async () => {
    const dataset = datasetOf([
      ...[...examples('right', 1), ...examples('up', 1, UP)],
      ...inSplit('test', examples('right', MAX_CELL_EXAMPLES + 7)),
    ]);
    const { confusion } = await evaluateHead(dataset, HEAD);
    expect(confusion[0]?.count).toBe(MAX_CELL_EXAMPLES + 7);
    expect(confusion[0]?.exampleIds).toHaveLength(MAX_CELL_EXAMPLES);
  });

  test('judges each sketch by a head of the others while there are fewer', async () => {
    const dataset = datasetOf([...examples('right', 8), ...examples('up', 8, UP)]);
    const { metrics } = await evaluateHead(dataset, HEAD);
    expect(metrics).toMatchObject({ method: 'cross_validated', accuracy: 1, testExamples: 16 });
  });

  test('trains the heads of the folds: they are better than class means, as the judged one is', async () => {
    const scattered = scatteredDataset();
    const trained = await evaluateHead(scattered, HEAD);
    const means = await evaluateHead(scattered, HEAD, { steps: 0 });
    expect(trained.metrics.accuracy).toBeGreaterThan((means.metrics.accuracy ?? 1) + 0.05);
  });

  test('does not test a backbone on what it has learnt from', async () => {
    const dataset = datasetOf([
      ...examples('right', 8, UP),
      ...inSplit('test', [...examples('right', 2), ...examples('up', 1, UP)]),
    ]);
    const { metrics } = await evaluateHead(dataset, HEAD, { isOwnBackbone: true });
    expect(metrics).toMatchObject({ method: 'held_out', accuracy: 1, testExamples: 2 });
    const untested = datasetOf(examples('right', 8));
    expect((await evaluateHead(untested, HEAD, { isOwnBackbone: true })).metrics).toMatchObject({
      method: 'none',
      accuracy: null,
      interval: null,
    });
  });

  test('does not count the only sketch of a category', async () => {
    const dataset = datasetOf([...examples('right', 5), ...examples('up', 1, UP)]);
    const { perCategory, testExamples } = (await evaluateHead(dataset, HEAD)).metrics;
    expect(testExamples).toBe(5);
    expect(perCategory[1]).toMatchObject({ name: 'up', correct: 0, testExamples: 0, f1: null });
  });

  test('says so when there is nothing to test on', async () => {
    const { metrics, confusion } = await evaluateHead(datasetOf([]), HEAD);
    expect(metrics).toMatchObject({ method: 'none', accuracy: null });
    expect(confusion).toEqual([]);
  });
});

/** Two categories whose means mislead: the first is spread out, the second a tight group beside it. */
function scatteredDataset(): HeadDataset {
  const random = seededRandom(12);
  const all = Array.from({ length: 80 }, (_, i): EmbeddedExample => {
    const isSpread = i % 2 === 0;
    const numbers = Float32Array.of(isSpread ? 0.6 : -0.2, isSpread ? gaussian(random) * 2 : 1.5);
    return {
      ...{ exampleId: String(i), categoryId: isSpread ? 'right' : 'up', split: 'train' },
      embeddings: normalizeEmbeddings(numbers, new Float32Array(2)),
    };
  });
  return datasetOf(all);
}
