import type { ModelMetrics } from '../../shared/model-version.ts';
import type { EmbeddedExample } from '../domain/ports.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { headExamples } from '../ml/head-examples.ts';
import { classMeansHead, logitsOf, type Head } from '../ml/head.ts';
import { teach, type HeadDataset } from './head-dataset.ts';

/** Below this the validation and test splits say too little, and we cross-validate instead. */
const ENOUGH_HELD_OUT = 50;
const FOLDS = 5;

interface Outcome {
  readonly categoryId: string;
  readonly isRight: boolean;
}

/** How good a head trained on the dataset is on sketches it has not been trained on. */
export function evaluateHead(dataset: HeadDataset, head: Head): ModelMetrics {
  const { categories, examples } = dataset;
  const held = heldOut(dataset);
  const isEnough = held.length >= ENOUGH_HELD_OUT;
  const outcomes = isEnough ? judgeAll(head, categories, held) : crossValidate(dataset);
  const method = isEnough ? 'held_out' : 'cross_validated';
  return {
    accuracy: outcomes.length > 0 ? countRight(outcomes) / outcomes.length : null,
    testExamples: outcomes.length,
    ...{ interval: null, macroAccuracy: null, top3: null, calibrationError: null },
    ...{ unknownShare: null, curve: [] },
    method: outcomes.length > 0 ? method : 'none',
    trainingExamples: examples.length - held.length,
    perCategory: categories.map(({ id, name }) => {
      const own = outcomes.filter(({ categoryId }) => categoryId === id);
      return {
        ...{ categoryId: id, name, correct: countRight(own), testExamples: own.length },
        ...{ precision: null, recall: null, f1: null },
      };
    }),
  };
}

/** The sketches of the validation and test splits. */
export function heldOut({ examples }: HeadDataset): EmbeddedExample[] {
  return examples.filter(({ split }) => split !== 'train');
}

/** Whether a head recognises an example, by the sketch itself and not by its variations. */
export function isRecognised(
  head: Head,
  categories: readonly { readonly id: string }[],
  { categoryId, embeddings }: EmbeddedExample,
): boolean {
  const size = head.weights.length / head.bias.length;
  const [best = -1] = topIndexes(logitsOf(head, embeddings.subarray(0, size)), 1);
  return categories[best]?.id === categoryId;
}

function judgeAll(
  head: Head,
  categories: readonly { readonly id: string }[],
  examples: readonly EmbeddedExample[],
): Outcome[] {
  return examples.map((example) => ({
    categoryId: example.categoryId,
    isRight: isRecognised(head, categories, example),
  }));
}

/**
 * Each fifth is judged by the class means of the other four. A category of which nothing is left
 * then cannot be recognised, so its sketch tells nothing.
 */
function crossValidate({ embeddingSize, categories, examples }: HeadDataset): Outcome[] {
  const counts = new Map<string, number>();
  const foldOf = new Map(
    examples.map((example) => {
      const place = counts.get(example.categoryId) ?? 0;
      counts.set(example.categoryId, place + 1);
      return [example, place % FOLDS];
    }),
  );
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const others = examples.filter((example) => foldOf.get(example) !== fold);
    const known = teach(categories, others, embeddingSize);
    const ids = new Set(known.map(({ id }) => id));
    const tested = examples.filter(
      (example) => foldOf.get(example) === fold && ids.has(example.categoryId),
    );
    const head = classMeansHead(headExamples(known, embeddingSize).means);
    return judgeAll(head, known, tested);
  });
}

function countRight(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ isRight }) => isRight).length;
}
