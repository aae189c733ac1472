import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import type { ModelVersion } from '../../shared/model-version.ts';
import type { FinishedRun } from '../domain/learning-ports.ts';
import { TELL_OF_END } from './database-news.ts';
import type { Database } from './database.ts';
import { promoteVersion, selectVersions, toVersion } from './model-version-rows.ts';

/**
 * Stores the version, promotes it if asked, and ends the run, in one transaction. Throws
 * `training_run.finished` when the run is not this trainer's any more or was cancelled meanwhile.
 */
export async function finishRun(database: Database, done: FinishedRun): Promise<ModelVersion> {
  return database.sequelize.transaction(async (transaction) => {
    await lockProjectOf(database, done.trainingRunId, transaction);
    await endSucceeded(database, done, transaction);
    const modelVersionId = await insertVersion(database, done, transaction);
    if (done.promote) await promoteVersion(database, modelVersionId, transaction);
    const [version] = await selectVersions(database, {
      where: 'version.id = $1',
      bind: [modelVersionId],
      transaction,
    });
    if (!version) throw new Error('The version that was just stored is not there.');
    return toVersion(version);
  });
}

/** So that two runs never get the same number, and before the run, as everybody else who locks. */
async function lockProjectOf(
  { sequelize }: Database,
  trainingRunId: string,
  transaction: Transaction,
): Promise<void> {
  await sequelize.query(
    `select 1 from projects where id = (select project_id from training_runs where id = $1)
     for no key update`,
    { bind: [trainingRunId], transaction },
  );
}

async function endSucceeded(
  { sequelize }: Database,
  done: FinishedRun,
  transaction: Transaction,
): Promise<void> {
  const ended = await sequelize.query(
    `with run as (
       update training_runs set state = 'succeeded', finished_at = now(), progress = $3,
         trainer_id = null, lease_until = null
       where id = $1 and trainer_id = $2 and state = 'running' and not is_cancel_requested
       returning id, project_id
     )
     select ${TELL_OF_END} from run`,
    {
      bind: [done.trainingRunId, done.trainerId, JSON.stringify(done.progress)],
      type: QueryTypes.SELECT,
      transaction,
    },
  );
  if (ended.length > 0) return;
  throw new AppError('training_run.finished', 'This training run was cancelled or has ended.');
}

async function insertVersion(
  { sequelize }: Database,
  { trainingRunId, version }: FinishedRun,
  transaction: Transaction,
): Promise<string> {
  const [row] = await sequelize.query<{ id: string }>(
    `insert into model_versions (project_id, number, layers, hyperparameters, data,
       training_run_id, backbone_id, backbone_key, head_key, snapshot_key, promotion_reason,
       categories, metrics, confusion)
     select run.project_id, coalesce((select max(number) from model_versions
         where project_id = run.project_id), 0) + 1, run.layers, run.hyperparameters, run.data,
       run.id, $2, $3, $4, $5, $6, $7, $8, $9
     from training_runs run where run.id = $1
     returning id`,
    {
      bind: [
        trainingRunId,
        version.backboneId,
        version.backboneKey,
        version.headKey,
        version.snapshotKey,
        version.promotionReason,
        JSON.stringify(version.categories),
        JSON.stringify(version.metrics),
        JSON.stringify(version.confusion),
      ],
      type: QueryTypes.SELECT,
      transaction,
    },
  );
  if (!row)
    throw new AppError('training_run.unknown', 'This training run does not exist any more.');
  return row.id;
}
