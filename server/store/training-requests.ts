import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import type { RunRequest } from '../domain/learning-ports.ts';
import { CHANNELS } from './database-news.ts';
import type { Database } from './database.ts';
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
export async function requestRun(
  { sequelize }: Database,
  request: RunRequest,
  how: { readonly isAutomatic: boolean; readonly transaction?: Transaction },
): Promise<TrainingRun> {
  const { isAutomatic, transaction } = how;
  const [row] = await sequelize.query<TrainingRunRow>(
    `with run as (
       insert into training_runs as queued (project_id, progress, ${SETTINGS.join(', ')})
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (project_id, (rebuild_of is not null)) where state = 'queued' do update
         set ${NEWEST_SETTINGS}, requested_at = now()
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
      ...(transaction && { transaction }),
    },
  );
  if (!row) throw new Error('A request has left no run.');
  return presentRun(row);
}

/** Null where there has been a request since `notSince`, by whichever server. */
export async function requestByStrategy(
  database: Database,
  request: RunRequest,
  notSince?: Date,
): Promise<TrainingRun | null> {
  if (!notSince) return requestRun(database, request, { isAutomatic: true });
  const { sequelize } = database;
  return sequelize.transaction(async (transaction) => {
    // Servers whose schedules are due in the same moment follow each other here.
    await sequelize.query('select 1 from projects where id = $1 for no key update', {
      bind: [request.projectId],
      transaction,
    });
    const since = await sequelize.query(
      'select 1 from training_runs where project_id = $1 and requested_at > $2 limit 1',
      { bind: [request.projectId, notSince], type: QueryTypes.SELECT, transaction },
    );
    if (since.length > 0) return null;
    return requestRun(database, request, { isAutomatic: true, transaction });
  });
}
