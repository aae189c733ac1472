/**
 * Projects for trial, made of pre-taught categories: what a person would have who starts with some
 * of them, or who draws a few examples of categories that are new to the project. Judged on
 * drawings that neither the backbone nor the heads have seen, of their categories and of others.
 */
import { shuffle, type Random } from '../../../shared/random.ts';
import { classMeansHead, type Head } from '../../ml/head.ts';
import {
  headExamples,
  type KnownCategory,
  type PreTaughtCategory,
} from '../../ml/head-examples.ts';
import { trainHead } from '../train-head.ts';

export interface EmbeddedDrawings {
  /** For each drawing its own embedding and those of its variations, normalized, row after row. */
  readonly embeddings: Float32Array;
  readonly categoryOf: Int32Array;
}

/** Where projects are taken from: `pool` holds indexes of categories. */
export interface TrialSource {
  readonly categories: readonly PreTaughtCategory[];
  readonly pool: readonly number[];
  readonly drawings: EmbeddedDrawings;
}

export interface TrialPlan {
  readonly categories: number;
  /** Examples of each category; 0: none, but what ships. */
  readonly shots: number;
}

export interface TrialProject {
  readonly plan: TrialPlan;
  /** Of the same categories: class means, and trained. Their temperature is 1. */
  readonly heads: { readonly means: Head; readonly trained: Head };
  readonly known: readonly {
    readonly embedding: Float32Array;
    /** Index among the project's categories. */
    readonly category: number;
  }[];
  readonly unknown: readonly Float32Array[];
}

/** Categories whose drawings a project is to answer with "?". */
const UNKNOWN_CATEGORIES = 40;

/** A project of random categories of the pool. */
export async function makeTrialProject(
  source: TrialSource,
  plan: TrialPlan,
  random: Random,
): Promise<TrialProject> {
  const pool = shuffle([...source.pool], random);
  const count = Math.min(plan.categories, Math.max(2, Math.floor((pool.length * 2) / 3)));
  const chosen = pool.slice(0, count).map((index) => takeCategory(source, plan, { index, random }));
  const size = source.categories[0]?.mean.length ?? 1;
  const examples = headExamples(
    chosen.map(({ known }) => known),
    size,
  );
  const { means, support } = examples;
  return {
    plan,
    heads: { means: classMeansHead(means, 1, { support }), trained: await trainHead(examples) },
    known: chosen.flatMap(({ tested }, category) =>
      tested.map((embedding) => ({ embedding, category })),
    ),
    unknown: pool
      .slice(count, count + UNKNOWN_CATEGORIES)
      .flatMap((index) => drawingsOf(source, index).map((rows) => rows.subarray(0, size))),
  };
}

interface TakenCategory {
  readonly known: KnownCategory;
  readonly tested: readonly Float32Array[];
}

/** What the project knows of a category, and what it is tested on. */
function takeCategory(
  source: TrialSource,
  { shots }: TrialPlan,
  { index, random }: { readonly index: number; readonly random: Random },
): TakenCategory {
  const drawings = shuffle(drawingsOf(source, index), random);
  const preTaught = source.categories[index] ?? null;
  const size = preTaught?.mean.length ?? 1;
  return {
    known:
      shots === 0 ? { own: [], preTaught } : { own: drawings.slice(0, shots), preTaught: null },
    tested: drawings.slice(shots).map((rows) => rows.subarray(0, size)),
  };
}

/** All views of each drawing of a category. */
function drawingsOf({ drawings }: TrialSource, category: number): Float32Array[] {
  const { embeddings, categoryOf } = drawings;
  const length = embeddings.length / categoryOf.length;
  return [...categoryOf.keys()]
    .filter((i) => categoryOf[i] === category)
    .map((i) => embeddings.subarray(i * length, (i + 1) * length));
}
