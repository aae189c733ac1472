import { QueryTypes, UniqueConstraintError } from 'sequelize';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { ClaimRenewal, RunsTaken, TrainingRunClaims } from '../domain/learning-ports.ts';
import { CHANNELS, TELL_OF_END } from './database-news.ts';
import type { Database } from './database.ts';
import { finishRun } from './finished-run.ts';
import type { TrainingRunRow } from './training-run-row.ts';
import { presentRun, RUN_COLUMNS } from './training-run-row.ts';

/**
 * The queue as a trainer sees it. A run is a trainer's while its lease lasts; a trainer that dies
 * lets it run out, one that is stopped gives it back, and another resumes the run. A run that was
 * given back is still running, so that what is queued behind it goes on waiting.
 *
 *   queued --claim--> running --succeed | fail | acknowledgeCancel--> finished
 *                     running --lease runs out | giveBack, claim--> running (another trainer)
 */
export function createTrainingRunClaims(database: Database): TrainingRunClaims {
  return {
    claim: async (trainerId, leaseMs, taken = 'any') => {
      await endAbandoned(database, trainerId);
      return claimRun(database, { trainerId, leaseMs, taken });
    },
    renew: (renewal) => renewLease(database, renewal),
    isWanted: (trainingRunId, trainerId) => isRunWanted(database, trainingRunId, trainerId),
    giveBack: (claim) => giveBackRun(database, claim),
    fail: (trainingRunId, trainerId, reason) =>
      endRun(database, { trainingRunId, trainerId, state: 'failed', reason }),
    acknowledgeCancel: (trainingRunId, trainerId) =>
      endRun(database, { trainingRunId, trainerId, state: 'cancelled', reason: null }),
    succeed: (done) => finishRun(database, done),
  };
}

/** A run that has brought down its trainer so often without getting any further is not tried again. */
const MAX_ATTEMPTS = 3;
const BROUGHT_DOWN = `The trainer stopped ${MAX_ATTEMPTS} times during this run, which got no further in between. Start it again; if it stops again, ask who runs the server to set TRAINING_DEVICE=cpu and to look into the log.`;
/** The trainer of a run that was given back. */
const NOBODY = '';

/**
 * A running run that nobody works on. Who asks for work has none in hand: what still carries a
 * trainer's own name is from before its crash, and need not wait for the lease to run out.
 */
const ABANDONED = `state = 'running' and (lease_until < now() or trainer_id = $1)`;

/** Of the runs that a trainer takes. */
const IS_TAKEN = `($3 = 'any' or (layers = 'head') = ($3 = 'head'))`;

/**
 * One statement: of the runs that nobody else is just taking, the oldest. A queued run waits while
 * another of its project is running, even one that was abandoned: that one is resumed first. It also
 * waits for the one queued before it, else who finds that one locked would come away with nothing,
 * since a project's runs go one after the other. The lock is not the strongest one: feedback that is
 * just pointing at a run must not hide it.
 */
async function claimRun(
  { sequelize }: Database,
  claim: { readonly trainerId: string; readonly leaseMs: number; readonly taken: RunsTaken },
): Promise<TrainingRun | null> {
  try {
    const [row] = await sequelize.query<TrainingRunRow>(
      `with oldest as (
         select id from training_runs candidate
         where ${IS_TAKEN} and ((${ABANDONED}) or (state = 'queued' and not exists (
           select 1 from training_runs other
           where other.project_id = candidate.project_id and (state = 'running' or
             (state = 'queued' and other.position < candidate.position and ${IS_TAKEN})))))
         order by position limit 1
         for no key update skip locked
       ), run as (
         update training_runs set state = 'running', trainer_id = $1, attempts = attempts + 1,
           lease_until = now() + $2 * interval '1 millisecond'
         from oldest where training_runs.id = oldest.id
         returning training_runs.*
       )
       select ${RUN_COLUMNS}, pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text) from run`,
      { bind: [claim.trainerId, claim.leaseMs, claim.taken], type: QueryTypes.SELECT },
    );
    return row ? presentRun(row) : null;
  } catch (error) {
    // Another trainer has taken a run of this project in the same instant: there is none for us.
    if (error instanceof UniqueConstraintError) return null;
    throw error;
  }
}

/** Ends the abandoned runs that nobody shall resume. */
async function endAbandoned({ sequelize }: Database, trainerId: string): Promise<void> {
  await sequelize.query(
    `with abandoned as (
       select id from training_runs
       where (${ABANDONED}) and (is_cancel_requested or attempts >= $2)
       for no key update skip locked
     ), run as (
       update training_runs set finished_at = now(), trainer_id = null, lease_until = null,
         state = case when is_cancel_requested then 'cancelled' else 'failed' end,
         reason = case when not is_cancel_requested then $3 end
       from abandoned where training_runs.id = abandoned.id
       returning training_runs.id, training_runs.project_id
     )
     select ${TELL_OF_END} from run`,
    {
      bind: [trainerId, MAX_ATTEMPTS, BROUGHT_DOWN],
    },
  );
}

async function renewLease({ sequelize }: Database, renewal: ClaimRenewal): Promise<boolean> {
  const { trainingRunId, trainerId, leaseMs, progress, hasAdvanced } = renewal;
  const renewed = await sequelize.query(
    `with run as (
       update training_runs set progress = $4, attempts = case when $5 then 0 else attempts end,
         lease_until = now() + $3 * interval '1 millisecond'
       where id = $1 and trainer_id = $2 and state = 'running' and not is_cancel_requested
       returning id
     )
     select pg_notify('${CHANNELS.trainingRunProgressed}', run.id::text) from run`,
    {
      bind: [trainingRunId, trainerId, leaseMs, JSON.stringify(progress), hasAdvanced],
      type: QueryTypes.SELECT,
    },
  );
  return renewed.length > 0;
}

async function isRunWanted(
  { sequelize }: Database,
  trainingRunId: string,
  trainerId: string,
): Promise<boolean> {
  const wanted = await sequelize.query(
    `select 1 from training_runs
     where id = $1 and trainer_id = $2 and state = 'running' and not is_cancel_requested`,
    { bind: [trainingRunId, trainerId], type: QueryTypes.SELECT },
  );
  return wanted.length > 0;
}

/** Nothing happens when the run is not this trainer's any more. */
async function giveBackRun(
  { sequelize }: Database,
  { trainingRunId, trainerId, hasAdvanced }: Parameters<TrainingRunClaims['giveBack']>[0],
): Promise<void> {
  await sequelize.query(
    `with run as (
       update training_runs set trainer_id = $3, lease_until = '-infinity',
         attempts = case when $4 then 0 else greatest(attempts - 1, 0) end
       where id = $1 and trainer_id = $2 and state = 'running'
       returning project_id
     )
     select pg_notify('${CHANNELS.trainingRunQueued}', run.project_id::text) from run`,
    { bind: [trainingRunId, trainerId, NOBODY, hasAdvanced] },
  );
}

/** Nothing happens when the run is not this trainer's any more. */
async function endRun(
  { sequelize }: Database,
  end: {
    readonly trainingRunId: string;
    readonly trainerId: string;
    readonly state: 'failed' | 'cancelled';
    readonly reason: string | null;
  },
): Promise<void> {
  await sequelize.query(
    `with run as (
       update training_runs set finished_at = now(), trainer_id = null, lease_until = null,
         state = case when is_cancel_requested then 'cancelled' else $3 end,
         reason = case when not is_cancel_requested then $4 end
       where id = $1 and trainer_id = $2 and state = 'running'
         and ($3 = 'failed' or is_cancel_requested)
       returning id, project_id
     )
     select ${TELL_OF_END} from run`,
    { bind: [end.trainingRunId, end.trainerId, end.state, end.reason] },
  );
}
