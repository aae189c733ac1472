/**
 * How good a head is, on sketches that it was not trained on. What is judged on what:
 *
 * - The test split alone, once it has 50 sketches. Nothing was fitted on it: temperature and "?"
 *   are fitted on the validation split, which also tells a training when to stop.
 * - Else the validation and test splits together, once they have 50. Accuracy, confusion and the
 *   figures of categories do not depend on the temperature, so only calibration error and share of
 *   "?" are then partly judged on what they were fitted on.
 * - Else all sketches by cross-validation: several heads, each judged on the part it has not seen.
 *   Where the backbone itself has learnt from the training split, its embeddings of these sketches
 *   are no fair test any more; then the few that are held out have to do, and the interval tells how
 *   little they say.
 */
import {
  MAX_CELL_EXAMPLES,
  type ConfusionCell,
  type ModelMetrics,
} from '../../shared/model-version.ts';
import type { Head } from '../ml/head.ts';
import {
  categoryFigures,
  confusedCells,
  overallFigures,
  type Judgement,
} from '../ml/judgements.ts';
import { crossValidate, judgeAll, type FoldTraining } from './cross-validate.ts';
import type { HeadDataset } from './head-dataset.ts';
import { ENOUGH_HELD_OUT, heldOut, judgedSketches } from './held-out.ts';

export interface EvaluationOptions extends FoldTraining {
  /** Whether the backbone has learnt from the training split, so that it cannot be tested on it. */
  readonly isOwnBackbone?: boolean;
}

export interface Evaluation {
  readonly metrics: Omit<ModelMetrics, 'curve'>;
  readonly confusion: ConfusionCell[];
}

/** Judges a head whose columns are the dataset's categories. */
export async function evaluateHead(
  dataset: HeadDataset,
  head: Head,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const { judgements, method } = await judge(dataset, head, options);
  const { categories, examples } = dataset;
  const count = categories.length;
  const perCategory = categoryFigures(judgements, count);
  return {
    metrics: {
      ...overallFigures(judgements, count),
      testExamples: judgements.length,
      method: judgements.length > 0 ? method : 'none',
      trainingExamples: examples.length - heldOut(examples).length,
      perCategory: categories.map(({ id, name }, i) => {
        const { sketches = 0, correct = 0, ...shares } = perCategory[i] ?? {};
        const none = { precision: null, recall: null, f1: null };
        return { categoryId: id, name, correct, testExamples: sketches, ...none, ...shares };
      }),
    },
    confusion: cellsOf(judgements, categories),
  };
}

async function judge(
  dataset: HeadDataset,
  head: Head,
  { isOwnBackbone = false, ...training }: EvaluationOptions,
): Promise<{ readonly judgements: Judgement[]; readonly method: ModelMetrics['method'] }> {
  const held = judgedSketches(dataset.examples);
  if (held.length < ENOUGH_HELD_OUT && !isOwnBackbone)
    return {
      judgements: await crossValidate(dataset, head, training),
      method: 'cross_validated',
    };
  const ids = dataset.categories.map(({ id }) => id);
  return { judgements: judgeAll(head, { ids, dataset }, held), method: 'held_out' };
}

function cellsOf(
  judgements: readonly Judgement[],
  categories: readonly { readonly id: string }[],
): ConfusionCell[] {
  return confusedCells(judgements, categories.length).map(({ actual, predicted, exampleIds }) => ({
    actualId: categories[actual]?.id ?? '',
    predictedId: categories[predicted]?.id ?? '',
    count: exampleIds.length,
    exampleIds: exampleIds.slice(0, MAX_CELL_EXAMPLES),
  }));
}
