import type { TrainingRun } from '../../shared/training-run.ts';
import type { TrainingRunModel } from './models/training-run-model.ts';

/** A row of `training_runs` with the version that it made. */
export type TrainingRunRow = Pick<
  TrainingRunModel,
  | 'id'
  | 'position'
  | 'projectId'
  | 'state'
  | 'layers'
  | 'hyperparameters'
  | 'data'
  | 'leastExamples'
  | 'rebuildOf'
  | 'progress'
  | 'reason'
  | 'createdAt'
  | 'finishedAt'
> & { readonly modelVersionId: string | null };

/** The columns of a run under the alias `run`. */
export const RUN_COLUMNS = `run.id, run.position, run.project_id as "projectId", run.state,
  run.layers, run.hyperparameters, run.data, run.least_examples as "leastExamples",
  run.rebuild_of as "rebuildOf", run.progress, run.reason, run.created_at as "createdAt",
  run.finished_at as "finishedAt",
  (select id from model_versions where training_run_id = run.id) as "modelVersionId"`;

/** The run as everybody but its trainer sees it. */
export function presentRun(row: TrainingRunRow): TrainingRun {
  return {
    id: row.id,
    projectId: row.projectId,
    state: row.state,
    layers: row.layers,
    hyperparameters: row.hyperparameters,
    data: row.data,
    leastExamples: row.leastExamples,
    rebuildOf: row.rebuildOf,
    progress: row.progress,
    modelVersionId: row.modelVersionId,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
