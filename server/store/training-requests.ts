import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import type { RunRequest } from '../domain/learning-ports.ts';
import { CHANNELS } from './database-news.ts';
import type { Database } from './database.ts';
import { ASKED_AT, lockProject } from './dataset-order.ts';
import type { TrainingRunRow } from './training-run-row.ts';
import { presentRun, RUN_COLUMNS } from './training-run-row.ts';

const SETTINGS = [
  ...['layers', 'hyperparameters', 'data', 'least_examples', 'rebuild_of', 'is_automatic'],
];
/** What somebody has asked for by hand is not changed by what the strategy asks for. */
const NEWEST_SETTINGS = SETTINGS.map(
  (column) =>
    `${column} = case when excluded.is_automatic and not queued.is_automatic
       then queued.${column} else excluded.${column} end`,
).join(', ');

/**
 * The unique index on queued runs makes of a second request a change of the first. A rebuild and a
 * run of what the dataset is now never become each other: both have to be done.
 */
async function putInQueue(
  { sequelize }: Database,
  request: RunRequest,
  how: { readonly isAutomatic: boolean; readonly transaction: Transaction },
): Promise<TrainingRun> {
  const { isAutomatic, transaction } = how;
  const [row] = await sequelize.query<TrainingRunRow>(
    `with asked as (select ${ASKED_AT} as at), run as (
       insert into training_runs as queued
         (project_id, progress, ${SETTINGS.join(', ')}, created_at, requested_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, (select at from asked), (select at from asked))
       on conflict (project_id, (rebuild_of is not null)) where state = 'queued' do update
         set ${NEWEST_SETTINGS}, requested_at = excluded.requested_at
       returning *
     )
     select ${RUN_COLUMNS}, pg_notify('${CHANNELS.trainingRunQueued}', run.project_id::text),
       pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text)
     from run`,
    {
      bind: [
        request.projectId,
        JSON.stringify(INITIAL_PROGRESS),
        request.layers,
        JSON.stringify(request.hyperparameters),
        JSON.stringify(request.data),
        JSON.stringify(request.leastExamples),
        request.rebuildOf,
        isAutomatic,
      ],
      type: QueryTypes.SELECT,
      transaction,
    },
  );
  if (!row) throw new Error('A request has left no run.');
  return presentRun(row);
}

/** Asked for by hand. */
export async function requestRun(database: Database, request: RunRequest): Promise<TrainingRun> {
  return database.sequelize.transaction(async (transaction) => {
    await lockProject(database, request.projectId, transaction);
    return putInQueue(database, request, { isAutomatic: false, transaction });
  });
}

/**
 * Null where there has been a request since `notSince`, by whichever server: servers whose schedules
 * are due in the same moment follow each other by the lock.
 */
export async function requestByStrategy(
  database: Database,
  request: RunRequest,
  notSince?: Date,
): Promise<TrainingRun | null> {
  const { projectId } = request;
  return database.sequelize.transaction(async (transaction) => {
    await lockProject(database, projectId, transaction);
    if (notSince && (await isRequestedSince(database, { projectId, notSince, transaction })))
      return null;
    return putInQueue(database, request, { isAutomatic: true, transaction });
  });
}

async function isRequestedSince(
  { sequelize }: Database,
  asked: {
    readonly projectId: string;
    readonly notSince: Date;
    readonly transaction: Transaction;
  },
): Promise<boolean> {
  const { projectId, notSince, transaction } = asked;
  const since = await sequelize.query(
    'select 1 from training_runs where project_id = $1 and requested_at > $2 limit 1',
    { bind: [projectId, notSince], type: QueryTypes.SELECT, transaction },
  );
  return since.length > 0;
}
