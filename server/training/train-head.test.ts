import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../shared/random.ts';
import { meanEmbedding, normalizeEmbeddings } from '../ml/embedding.ts';
import { classMeansHead, logitsOf, type Head } from '../ml/head.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { trainHead, type HeadTraining } from './train-head.ts';

const SIZE = 8;

/** Two categories whose means mislead: the first is spread out, the second a tight group beside it. */
function twoCategories(perCategory: number): HeadTraining {
  const random = seededRandom(12);
  const rows: number[] = [];
  const categoryOf: number[] = [];
  for (let i = 0; i < perCategory * 2; i++) {
    const category = i % 2;
    const spread = category === 0 ? gaussian(random) * 2 : 1.5;
    rows.push(category === 0 ? 0.6 : -0.2, spread);
    for (let d = 2; d < SIZE; d++) rows.push(0.05 * gaussian(random));
    categoryOf.push(category);
  }
  const embeddings = normalizeEmbeddings(Float32Array.from(rows), new Float32Array(SIZE));
  const means = [0, 1].map((category) => {
    const own = categoryOf.flatMap((c, i) =>
      c === category ? Array.from(embeddings.subarray(i * SIZE, (i + 1) * SIZE)) : [],
    );
    return meanEmbedding(Float32Array.from(own), SIZE);
  });
  const weights = new Float32Array(categoryOf.length).fill(1);
  return { embeddings, categoryOf: Int32Array.from(categoryOf), weights, means };
}

function accuracyOn({ embeddings, categoryOf }: HeadTraining, head: Head): number {
  const right = Array.from(categoryOf).filter((category, i) => {
    const logits = logitsOf(head, embeddings.subarray(i * SIZE, (i + 1) * SIZE));
    return topIndexes(logits, 1)[0] === category;
  });
  return right.length / categoryOf.length;
}

describe('a trained head', () => {
  test('is better than the class means it starts from', async () => {
    const training = twoCategories(40);
    const atStart = accuracyOn(training, classMeansHead(training.means));
    const trained = accuracyOn(training, await trainHead(training));
    expect(atStart).toBeLessThan(0.95);
    expect(trained).toBeGreaterThan(atStart + 0.05);
  });

  test('is the same every time', async () => {
    const training = twoCategories(10);
    expect(await trainHead(training)).toEqual(await trainHead(training));
  });

  test('reports a loss that falls', async () => {
    const losses: number[] = [];
    await trainHead({ ...twoCategories(10), onStep: (_, loss) => losses.push(loss) });
    expect(losses).toHaveLength(60);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });

  test('ignores examples without weight', async () => {
    const training = twoCategories(10);
    const doubled = {
      ...training,
      embeddings: Float32Array.from([...training.embeddings, ...training.embeddings]),
      categoryOf: Int32Array.from([
        ...training.categoryOf,
        ...training.categoryOf.map((c) => 1 - c),
      ]),
      weights: Float32Array.from([...training.weights, ...training.weights.map(() => 0)]),
    };
    const [plain, padded] = [await trainHead(training), await trainHead(doubled)];
    plain.weights.forEach((weight, i) => expect(padded.weights[i]).toBeCloseTo(weight, 2));
  });

  test('of no examples is that of the class means', async () => {
    const { means } = twoCategories(3);
    const nothing = { embeddings: new Float32Array(), categoryOf: new Int32Array() };
    const head = await trainHead({
      ...nothing,
      weights: new Float32Array(),
      means,
      temperature: 2,
    });
    expect(head).toEqual(classMeansHead(means, 2));
  });
});
