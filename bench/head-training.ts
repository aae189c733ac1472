import { headExamples, type PreTaughtCategory } from '../server/ml/head-examples.ts';
import { trainHead } from '../server/training/train-head.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { gaussian, seededRandom, type Random } from '../shared/random.ts';
import { summarise, type Summary } from './percentiles.ts';

const CATEGORIES = 20;
const EXAMPLES = 50;
/** The sketch and its variations, as examples are stored. */
const VIEWS = 4;
const ROUNDS = 12;

/** Milliseconds to train a head on 20 categories of 50 examples, 4 views each: 4,000 rows. */
export async function measureHeadTraining({ preTaught }: StarterModel): Promise<Summary> {
  const random = seededRandom(1);
  const categories = [...preTaught.values()].slice(0, CATEGORIES);
  const known = categories.map((category) => ({
    own: Array.from({ length: EXAMPLES }, () => scatter(category, random)),
    preTaught: null,
  }));
  const examples = headExamples(known, categories[0]?.mean.length ?? 1);
  const milliseconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await trainHead(examples);
    milliseconds.push(performance.now() - begin);
  }
  // The first warms the process up.
  return summarise(milliseconds.slice(1));
}

/** Views around a category's mean: the time does not depend on what they show. */
function scatter({ mean }: PreTaughtCategory, random: Random): Float32Array {
  const views = Float32Array.from({ length: VIEWS * mean.length }, (_, i) => {
    return (mean[i % mean.length] ?? 0) + 0.03 * gaussian(random);
  });
  return views;
}
