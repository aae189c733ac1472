import { QueryTypes } from 'sequelize';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import type { RunRequest, TrainingRunStore } from '../domain/learning-ports.ts';
import type { PageOf, PageRequest } from '../domain/ports.ts';
import { CHANNELS } from './database-news.ts';
import type { Database } from './database.ts';
import { positionBefore, toPage } from './page.ts';
import type { TrainingRunRow } from './training-run-row.ts';
import { presentRun, RUN_COLUMNS } from './training-run-row.ts';
import { isUuid } from './uuid.ts';

/** The queue of training runs as the server sees it. */
export function createTrainingRunStore(database: Database): TrainingRunStore {
  return {
    request: (request) => requestRun(database, request),
    find: (trainingRunId) => findRun(database, trainingRunId),
    list: (projectId, page) => listRuns(database, projectId, page),
    cancel: (trainingRunId) => cancelRun(database, trainingRunId),
    lastRequestedAt: (projectId) => findLastRequest(database, projectId),
  };
}

/** The unique index on queued runs makes of a second request a change of the first. */
async function requestRun({ sequelize }: Database, request: RunRequest): Promise<TrainingRun> {
  const [row] = await sequelize.query<TrainingRunRow>(
    `with run as (
       insert into training_runs (project_id, layers, hyperparameters, progress, data,
         least_examples, rebuild_of)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (project_id) where state = 'queued' do update
         set layers = excluded.layers, hyperparameters = excluded.hyperparameters,
           data = excluded.data, least_examples = excluded.least_examples,
           rebuild_of = excluded.rebuild_of, requested_at = now()
       returning *
     )
     select ${RUN_COLUMNS}, pg_notify('${CHANNELS.trainingRunQueued}', run.project_id::text),
       pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text)
     from run`,
    {
      bind: [
        request.projectId,
        request.layers,
        JSON.stringify(request.hyperparameters),
        JSON.stringify(INITIAL_PROGRESS),
        JSON.stringify(request.data),
        JSON.stringify(request.leastExamples),
        request.rebuildOf,
      ],
      type: QueryTypes.SELECT,
    },
  );
  if (!row) throw new Error('A request has left no run.');
  return presentRun(row);
}

async function findRun(
  { sequelize }: Database,
  trainingRunId: string,
): Promise<TrainingRun | null> {
  if (!isUuid(trainingRunId)) return null;
  const [row] = await sequelize.query<TrainingRunRow>(
    `select ${RUN_COLUMNS} from training_runs run where id = $1`,
    { bind: [trainingRunId], type: QueryTypes.SELECT },
  );
  return row ? presentRun(row) : null;
}

async function listRuns(
  { sequelize }: Database,
  projectId: string,
  page: PageRequest,
): Promise<PageOf<TrainingRun>> {
  const rows = await sequelize.query<TrainingRunRow>(
    `select ${RUN_COLUMNS} from training_runs run
     where project_id = $1 and position < $2 order by position desc limit $3`,
    { bind: [projectId, positionBefore(page), page.limit + 1], type: QueryTypes.SELECT },
  );
  return toPage(rows, page.limit, presentRun);
}

async function cancelRun(
  { sequelize }: Database,
  trainingRunId: string,
): Promise<TrainingRun | null> {
  if (!isUuid(trainingRunId)) return null;
  const [row] = await sequelize.query<TrainingRunRow>(
    `with run as (
       update training_runs set is_cancel_requested = true,
         state = case state when 'queued' then 'cancelled' else state end,
         finished_at = case state when 'queued' then now() end
       where id = $1 and state in ('queued', 'running')
       returning *
     )
     select ${RUN_COLUMNS}, pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text) from run`,
    { bind: [trainingRunId], type: QueryTypes.SELECT },
  );
  return row ? presentRun(row) : null;
}

async function findLastRequest({ sequelize }: Database, projectId: string): Promise<string | null> {
  const [newest] = await sequelize.query<{ at: Date | null }>(
    `select max(requested_at) as at from training_runs where project_id = $1 and state <> 'cancelled'`,
    { bind: [projectId], type: QueryTypes.SELECT },
  );
  return newest?.at?.toISOString() ?? null;
}
