import { z } from 'zod';
import { Hyperparameters, Layers } from './hyperparameters.ts';
import { LeastExamples, TrainingData } from './training-strategy.ts';

export const TrainingRunState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type TrainingRunState = z.infer<typeof TrainingRunState>;

/** One point of the curves of a run. */
export const CurvePoint = z.object({
  epoch: z.number().int(),
  /** Mean loss of the epoch's steps. */
  loss: z.number(),
  /** On held out sketches; null where there are none. */
  validationLoss: z.number().nullable(),
  /** Fraction right of the held out sketches, 0 to 1. */
  accuracy: z.number().nullable(),
});
export type CurvePoint = z.infer<typeof CurvePoint>;

/** A curve is thinned out so that it has at most so many points. */
export const MAX_CURVE_POINTS = 60;

export const TrainingProgress = z.object({
  phase: z.enum(['waiting', 'loading', 'training', 'evaluating', 'done']),
  epoch: z.number().int(),
  epochs: z.number().int(),
  step: z.number().int(),
  steps: z.number().int(),
  loss: z.number().nullable(),
  /** Fraction right of the held out sketches at the last epoch, 0 to 1. */
  accuracy: z.number().nullable(),
  /** Of people's, in the dataset of the run. */
  examples: z.number().int(),
  /** That could not be read; they are left out. */
  examplesLeftOut: z.number().int(),
  examplesPerSecond: z.number().nullable(),
  /** What it runs on: `cpu`, `cuda` or `webgpu`. */
  device: z.string(),
  milliseconds: z.number(),
  millisecondsLeft: z.number().nullable(),
  curve: z.array(CurvePoint).max(MAX_CURVE_POINTS),
});
export type TrainingProgress = z.infer<typeof TrainingProgress>;

/** One attempt to train: queued, running, then succeeded, failed or cancelled. */
export const TrainingRun = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  state: TrainingRunState,
  layers: Layers,
  /** As they were when it was asked for, with every default filled in. */
  hyperparameters: Hyperparameters,
  data: TrainingData,
  leastExamples: LeastExamples,
  /** The version that is made again from its dataset snapshot, settings and seed, or null. */
  rebuildOf: z.uuid().nullable(),
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
  step: 0,
  steps: 0,
  loss: null,
  accuracy: null,
  examples: 0,
  examplesLeftOut: 0,
  examplesPerSecond: null,
  device: 'cpu',
  milliseconds: 0,
  millisecondsLeft: null,
  curve: [],
};
