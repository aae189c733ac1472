import { z } from 'zod';

/** How good a version was on sketches it had not been trained on, and on how many. */
export const ModelMetrics = z.object({
  /** Fraction right, 0 to 1; null where there was no sketch to test on. */
  accuracy: z.number().nullable(),
  testExamples: z.number().int(),
  /** `held_out`: validation and test split; `cross_validated`: too few of them yet. */
  method: z.enum(['held_out', 'cross_validated', 'none']),
  trainingExamples: z.number().int(),
  perCategory: z.array(
    z.object({
      categoryId: z.uuid(),
      name: z.string(),
      correct: z.number().int(),
      testExamples: z.number().int(),
    }),
  ),
});
export type ModelMetrics = z.infer<typeof ModelMetrics>;

/** Numbered weights with their evaluation. */
export const ModelVersion = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  number: z.number().int(),
  layers: z.string(),
  trainingRunId: z.uuid().nullable(),
  isPromoted: z.boolean(),
  categories: z.array(z.object({ id: z.uuid(), name: z.string() })),
  metrics: ModelMetrics,
  createdAt: z.iso.datetime(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;
