import type { ModelMetrics, ModelVersion } from '../../shared/model-version.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';

const LONG_AGO = '2026-01-01T00:00:00.000Z';

/** A run of the head that is going on, changed as a test needs it. */
export function aRun(change: Partial<TrainingRun> = {}): TrainingRun {
  return {
    id: 'r',
    projectId: 'p',
    state: 'running',
    layers: 'head',
    hyperparameters: {},
    data: { kind: 'all' },
    leastExamples: { head: 1, backbone: 5 },
    rebuildOf: null,
    progress: { ...INITIAL_PROGRESS, milliseconds: 312 },
    modelVersionId: null,
    reason: null,
    createdAt: LONG_AGO,
    finishedAt: null,
    ...change,
  };
}

/** Figures of 41 right among 50 held out sketches. */
export function someMetrics(change: Partial<ModelMetrics> = {}): ModelMetrics {
  return {
    accuracy: 0.82,
    interval: { low: 0.69, high: 0.9 },
    macroAccuracy: 0.8,
    top3: 0.94,
    calibrationError: 0.04,
    unknownShare: 0.06,
    testExamples: 50,
    method: 'held_out',
    trainingExamples: 30,
    perCategory: [],
    curve: [],
    ...change,
  };
}

/** A version that serves, changed as a test needs it. */
export function aVersion(change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id: 'v',
    projectId: 'p',
    number: 7,
    layers: 'head',
    hyperparameters: {},
    data: { kind: 'all' },
    trainingRunId: null,
    isPromoted: true,
    promotionReason: 'not_worse',
    categories: [],
    metrics: someMetrics(),
    createdAt: LONG_AGO,
    ...change,
  };
}
