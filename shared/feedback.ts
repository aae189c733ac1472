import { z } from 'zod';
import { Name } from './project.ts';
import { Uuid } from './uuid.ts';

/** A person's verdict on a prediction. */
export const FeedbackRequest = z
  .object({
    verdict: z.enum(['right', 'wrong']),
    /** `wrong`: an existing category or a new one; `right`: may name the category meant. */
    categoryId: Uuid.optional(),
    newCategory: z.object({ name: Name }).strict().optional(),
    addToDataset: z.boolean(),
    sketchRevision: z.number().int().min(0),
    modelVersion: Uuid.nullable(),
  })
  .strict()
  .refine((f) => !(f.categoryId && f.newCategory), {
    message: 'Name an existing category or a new one, not both.',
  })
  .refine((f) => f.verdict === 'right' || f.categoryId || f.newCategory, {
    message: 'Say what the sketch shows: choose a category or name a new one.',
  });
export type FeedbackRequest = z.infer<typeof FeedbackRequest>;

export const Feedback = z.object({
  id: z.uuid(),
  canvasId: z.uuid(),
  sketchId: z.uuid(),
  participantId: z.uuid(),
  verdict: z.enum(['right', 'wrong']),
  categoryId: z.uuid(),
  /** The example it became, where it joined the dataset. */
  exampleId: z.uuid().nullable(),
  /** The run it asked for, where the strategy says so. */
  trainingRunId: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});
export type Feedback = z.infer<typeof Feedback>;
