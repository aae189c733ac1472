import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../shared/random.ts';
import type { EmbeddedExample } from '../domain/ports.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import { classMeansHead } from '../ml/head.ts';
import { crossValidate } from './cross-validate.ts';
import { teach, type HeadDataset } from './head-dataset.ts';

const NAMES = ['cat', 'dog'];
const SIZE = 16;

/** Drawings that have nothing to do with what they are said to show, so many copies of each. */
function meaningless(drawings: number, copies: number): EmbeddedExample[] {
  const random = seededRandom(3);
  return Array.from({ length: drawings }, (_, drawing) => {
    const numbers = Float32Array.from({ length: SIZE }, () => gaussian(random));
    const embeddings = normalizeEmbeddings(numbers, new Float32Array(SIZE));
    const categoryId = NAMES[drawing % NAMES.length] ?? '';
    return Array.from({ length: copies }, (_, copy): EmbeddedExample => {
      const exampleId = `${drawing} ${copy}`;
      return { exampleId, categoryId, split: 'train', embeddings, contentHash: `${drawing}` };
    });
  }).flat();
}

async function judged(examples: readonly EmbeddedExample[]) {
  const teachable = NAMES.map((name) => ({ id: name, name, preTaught: null }));
  const categories = teach(teachable, examples, SIZE);
  const dataset: HeadDataset = { embeddingSize: SIZE, categories, examples, withoutEmbedding: 0 };
  const means = NAMES.map((_, place) => {
    const axis = new Float32Array(SIZE);
    axis[place] = 1;
    return axis;
  });
  return crossValidate(dataset, classMeansHead(means));
}

async function accuracyOf(examples: readonly EmbeddedExample[]): Promise<number> {
  const judgements = await judged(examples);
  const right = judgements.filter(({ actual, scores }) => {
    return scores.indexOf(Math.max(...scores)) === actual;
  });
  return right.length / judgements.length;
}

describe('cross-validation', () => {
  test('learns nothing from a copy of what it judges', async () => {
    expect(await accuracyOf(meaningless(40, 2))).toBeLessThan(0.6);
  });

  test('does not judge a category of which only copies are known', async () => {
    const [drawing, ...others] = meaningless(21, 2).filter(({ exampleId }) =>
      exampleId.endsWith('0'),
    );
    if (!drawing) throw new Error('There is no drawing.');
    const copies = ['a', 'b'].map((exampleId) => ({ ...drawing, exampleId }));
    const dogs = others.map((other) => ({ ...other, categoryId: 'dog' }));
    const judgements = await judged([...copies, ...dogs]);
    expect(judgements.map(({ exampleId }) => exampleId).sort()).toEqual(
      dogs.map(({ exampleId }) => exampleId).sort(),
    );
  });

  test('judges every sketch once, copies or not', async () => {
    const examples = [...meaningless(40, 1), ...meaningless(40, 3)].map((example, place) => ({
      ...example,
      exampleId: String(place),
    }));
    const judgements = await judged(examples);
    expect(new Set(judgements.map(({ exampleId }) => exampleId)).size).toBe(examples.length);
    expect(judgements).toHaveLength(examples.length);
  });
});
