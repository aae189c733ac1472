import { QueryTypes } from 'sequelize';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { TrainingRunStore } from '../domain/learning-ports.ts';
import type { PageOf, PageRequest } from '../domain/ports.ts';
import { CHANNELS } from './database-news.ts';
import type { Database } from './database.ts';
import { positionBefore, toPage } from './page.ts';
import { countTeachable } from './teachable-categories.ts';
import { requestByStrategy, requestRun } from './training-requests.ts';
import type { TrainingRunRow } from './training-run-row.ts';
import { presentRun, RUN_COLUMNS } from './training-run-row.ts';
import { findDue, markChanged } from './training-schedules.ts';
import { isUuid } from './uuid.ts';

/** The queue of training runs as the server sees it. */
export function createTrainingRunStore(database: Database): TrainingRunStore {
  return {
    request: (request) => requestRun(database, request),
    requestByStrategy: (request, notSince) => requestByStrategy(database, request, notSince),
    find: (trainingRunId) => findRun(database, trainingRunId),
    list: (projectId, page) => listRuns(database, projectId, page),
    cancel: (trainingRunId) => cancelRun(database, trainingRunId),
    lastRequestedAt: (projectId) => findLastRequest(database, projectId),
    teachable: (projectId, data) => countTeachable(database, projectId, data),
    datasetChanged: (projectId) => markChanged(database, projectId),
    dueOnSchedule: (now) => findDue(database, now),
  };
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

/** Of the runs of a project, the later one was also requested later. */
async function findLastRequest({ sequelize }: Database, projectId: string): Promise<string | null> {
  const [newest] = await sequelize.query<{ at: Date }>(
    `select requested_at as at from training_runs
     where project_id = $1 and state <> 'cancelled' and rebuild_of is null
     order by position desc limit 1`,
    { bind: [projectId], type: QueryTypes.SELECT },
  );
  return newest?.at.toISOString() ?? null;
}
