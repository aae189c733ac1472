import { z } from 'zod';
import { Hyperparameters } from './hyperparameters.ts';
import { CurvePoint } from './training-run.ts';
import { TrainingData } from './training-strategy.ts';

/** A fraction, 0 to 1, or null where there was nothing to count. */
const Fraction = z.number().nullable();

/** How well one category is told from the others. */
export const CategoryMetrics = z.object({
  categoryId: z.uuid(),
  name: z.string(),
  correct: z.number().int(),
  testExamples: z.number().int(),
  /** Of the sketches taken for it, the share that shows it. */
  precision: Fraction,
  /** Of the sketches that show it, the share taken for it. */
  recall: Fraction,
  f1: Fraction,
});
export type CategoryMetrics = z.infer<typeof CategoryMetrics>;

/** How good a version was on sketches it had not been trained on, and on how many. */
export const ModelMetrics = z.object({
  /** Fraction right, 0 to 1; null where there was no sketch to test on. */
  accuracy: Fraction,
  /** Wilson's interval of the accuracy, 95 %. */
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  /** Mean of the categories' recalls. */
  macroAccuracy: Fraction,
  /** Share of sketches whose category is among the three best. */
  top3: Fraction,
  /** Expected calibration error, in ten ranges of confidence. */
  calibrationError: Fraction,
  /** Share of sketches of known categories that are answered with "?". */
  unknownShare: Fraction,
  testExamples: z.number().int(),
  /** `held_out`: validation and test split; `cross_validated`: too few of them yet. */
  method: z.enum(['held_out', 'cross_validated', 'none']),
  trainingExamples: z.number().int(),
  perCategory: z.array(CategoryMetrics),
  curve: z.array(CurvePoint),
});
export type ModelMetrics = z.infer<typeof ModelMetrics>;

/** What the test sketches of one category were taken for. */
export const ConfusionCell = z.object({
  actualId: z.uuid(),
  predictedId: z.uuid(),
  count: z.number().int(),
  /** At most `MAX_CELL_EXAMPLES` of them. */
  exampleIds: z.array(z.uuid()),
});
export type ConfusionCell = z.infer<typeof ConfusionCell>;

export const MAX_CELL_EXAMPLES = 200;

/** The cells that are not empty. */
export const Confusion = z.object({
  categories: z.array(z.object({ id: z.uuid(), name: z.string() })),
  cells: z.array(ConfusionCell),
});
export type Confusion = z.infer<typeof Confusion>;

/** Whether the guard let a version serve, and why. */
export const PromotionReason = z.enum([
  'first_version',
  'too_few_sketches',
  'not_worse',
  'worse_overall',
  'worse_in_a_category',
  'made_again',
]);
export type PromotionReason = z.infer<typeof PromotionReason>;

/** Numbered weights with their evaluation. */
export const ModelVersion = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  number: z.number().int(),
  layers: z.string(),
  hyperparameters: Hyperparameters,
  data: TrainingData,
  trainingRunId: z.uuid().nullable(),
  isPromoted: z.boolean(),
  /** What the guard found when it was made. */
  promotionReason: PromotionReason,
  categories: z.array(z.object({ id: z.uuid(), name: z.string() })),
  metrics: ModelMetrics,
  createdAt: z.iso.datetime(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;
