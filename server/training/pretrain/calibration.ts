import { shuffle, type Random } from '../../../shared/random.ts';
import { fitTemperature } from '../../ml/calibrate.ts';
import { classMeansHead, logitsOf, type Head } from '../../ml/head.ts';
import { headExamples, type PreTaughtCategory } from '../../ml/head-examples.ts';
import { trainHead } from '../train-head.ts';

/** A project as people make one: so many random categories. */
const PROJECT_CATEGORIES = 20;
const PROJECTS = 10;

export interface EmbeddedDrawings {
  readonly embeddings: Float32Array;
  readonly categoryOf: Int32Array;
}

/**
 * Temperatures for the class means and for trained heads, fitted on drawings that neither the
 * backbone nor the heads have seen, over random projects of 20 pre-taught categories.
 */
export async function fitTemperatures(
  categories: readonly PreTaughtCategory[],
  drawings: EmbeddedDrawings,
  random: Random,
): Promise<{ meansTemperature: number; trainedTemperature: number }> {
  const [means, trained] = [new LogitCollection(), new LogitCollection()];
  for (let i = 0; i < PROJECTS; i++) {
    const indexes = shuffle([...categories.keys()], random).slice(0, PROJECT_CATEGORIES);
    const chosen = indexes.flatMap((index) => categories[index] ?? []);
    means.add(classMeansHead(chosen.map(({ mean }) => mean)), indexes, drawings);
    trained.add(await priorHead(chosen), indexes, drawings);
  }
  return { meansTemperature: fitTemperature(means), trainedTemperature: fitTemperature(trained) };
}

/** The head of a project that has no examples of its own: trained on the shipped embeddings. */
export async function priorHead(categories: readonly PreTaughtCategory[]): Promise<Head> {
  const size = categories[0]?.mean.length ?? 1;
  const known = categories.map((preTaught) => ({ own: [], preTaught }));
  return trainHead(headExamples(known, size));
}

class LogitCollection {
  readonly logits: Float32Array[] = [];
  readonly categoryOf: number[] = [];

  /** Logits of all drawings whose category is among the head's (`indexes`, in its order). */
  add(head: Head, indexes: readonly number[], { embeddings, categoryOf }: EmbeddedDrawings): void {
    const size = embeddings.length / categoryOf.length;
    categoryOf.forEach((category, i) => {
      const own = indexes.indexOf(category);
      if (own < 0) return;
      this.logits.push(logitsOf(head, embeddings.subarray(i * size, (i + 1) * size)));
      this.categoryOf.push(own);
    });
  }
}
