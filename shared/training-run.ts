import { z } from 'zod';

/** What is trained: the head alone on embeddings. Further layers come with the learning engine. */
export const Layers = z.enum(['head', 'last_block', 'all', 'scratch']);
export type Layers = z.infer<typeof Layers>;

export const Hyperparameters = z
  .object({
    epochs: z.number().int().min(1).max(1_000).optional(),
    learningRate: z.number().positive().max(1).optional(),
    seed: z.number().int().min(0).max(4_294_967_295).optional(),
  })
  .strict();
export type Hyperparameters = z.infer<typeof Hyperparameters>;

export const TrainingRunState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type TrainingRunState = z.infer<typeof TrainingRunState>;

export const TrainingProgress = z.object({
  phase: z.enum(['waiting', 'loading', 'training', 'evaluating', 'done']),
  epoch: z.number().int(),
  epochs: z.number().int(),
  loss: z.number().nullable(),
  examples: z.number().int(),
  device: z.string(),
  milliseconds: z.number(),
});
export type TrainingProgress = z.infer<typeof TrainingProgress>;

/** One attempt to train: queued, running, then succeeded, failed or cancelled. */
export const TrainingRun = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  state: TrainingRunState,
  layers: Layers,
  hyperparameters: Hyperparameters,
  progress: TrainingProgress,
  /** Set once it has succeeded. */
  modelVersionId: z.uuid().nullable(),
  /** Why it failed, for people. */
  reason: z.string().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type TrainingRun = z.infer<typeof TrainingRun>;

export const INITIAL_PROGRESS: TrainingProgress = {
  phase: 'waiting',
  epoch: 0,
  epochs: 0,
  loss: null,
  examples: 0,
  device: 'cpu',
  milliseconds: 0,
};
