import { z } from 'zod';
import { ExampleSource } from './example.ts';
import { Hyperparameters, Layers } from './hyperparameters.ts';
import { Uuid } from './uuid.ts';

/** When a project is trained again by itself. */
const When = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('by_hand') }).strict(),
  z.object({ kind: z.literal('after_correction') }).strict(),
  z
    .object({ kind: z.literal('after_examples'), examples: z.number().int().min(1).max(10_000) })
    .strict(),
  /** Where the dataset has changed since the last run. */
  z
    .object({ kind: z.literal('on_schedule'), everyMinutes: z.number().int().min(1).max(10_080) })
    .strict(),
]);

/** Which of the training examples a run learns from. */
export const TrainingData = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }).strict(),
  /** Those that came since the last version, and of each category so many older ones. */
  z
    .object({
      kind: z.literal('new_and_replay'),
      replayPerCategory: z.number().int().min(0).max(1_000),
    })
    .strict(),
  z.object({ kind: z.literal('sources'), sources: z.array(ExampleSource).min(1).max(4) }).strict(),
  z.object({ kind: z.literal('authors'), authorIds: z.array(Uuid).min(1).max(200) }).strict(),
]);
export type TrainingData = z.infer<typeof TrainingData>;

/**
 * Examples that every category needs before it is trained: of people's own for what changes the
 * backbone; for the head, pre-taught embeddings count, too.
 */
export const LeastExamples = z
  .object({
    head: z.number().int().min(1).max(1_000),
    backbone: z.number().int().min(1).max(1_000),
  })
  .strict();
export type LeastExamples = z.infer<typeof LeastExamples>;

/** How a project is trained: when, until when (hyperparameters), on which data, and how deep. */
export const TrainingStrategy = z
  .object({
    when: When,
    layers: Layers,
    data: TrainingData,
    leastExamples: LeastExamples,
    /** What is not set has a default that suits the layers. */
    hyperparameters: Hyperparameters,
  })
  .strict();
export type TrainingStrategy = z.infer<typeof TrainingStrategy>;

/** A change of some parts; each given part replaces what it was. */
export const TrainingStrategyChange = TrainingStrategy.partial();
export type TrainingStrategyChange = z.infer<typeof TrainingStrategyChange>;

/** Every new example, drawn, corrected or sent, trains the head again. */
export const DEFAULT_STRATEGY: TrainingStrategy = {
  when: { kind: 'after_examples', examples: 1 },
  layers: 'head',
  data: { kind: 'all' },
  leastExamples: { head: 1, backbone: 5 },
  hyperparameters: {},
};
