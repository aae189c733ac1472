/**
 * A trainer takes one run after the other from the queue. While it works it renews its lease; when it dies the lease runs out, and another one
 * takes the run over. That may happen as well while it lives and cannot reach the queue, so it stops
 * by itself before.
 */
import { AppError } from '../../shared/errors.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type {
  DatabaseNews,
  RunsTaken,
  TrainingRunClaims,
  TrainingRunStore,
} from '../domain/learning-ports.ts';
import { schedulerClock, type SchedulerClock } from '../inference/scheduler-clock.ts';
import type { Logger } from '../logger.ts';
import { Doorbell } from './doorbell.ts';
import { checkpointKey } from './run-checkpoint.ts';
import { LEASE_MS, RunLease, type LeaseLoss } from './run-lease.ts';
import { discardVersion, type DiscardPorts } from './store-version.ts';
import type { RunControl, TrainedRun } from './train-project.ts';

/** The queue calls out when there is work; should that be missed, it is found so much later. */
const LOOK_EVERY_MS = 3_000;

export interface TrainerOptions extends DiscardPorts {
  /** Kept when the trainer is started anew, so that it gets its own run back at once. */
  readonly trainerId: string;
  readonly claims: TrainingRunClaims;
  /** Which runs it takes; all, unless told otherwise. */
  readonly taken?: RunsTaken;
  /** Where a run stands, whoever has ended it. */
  readonly runs: Pick<TrainingRunStore, 'find'>;
  readonly train: (run: TrainingRun, control: RunControl) => Promise<TrainedRun>;
  /** What the queue calls out. */
  readonly news: Pick<DatabaseNews, 'onTrainingRunQueued' | 'onTrainingRunProgressed'>;
  readonly logger: Logger;
  /** Once aborted, the run at hand is finished if that is soon, else given back, and no other one begun. */
  readonly stop: AbortSignal;
  /** How soon work is found that the queue did not call out, in ms. */
  readonly lookEveryMs?: number;
  /** That leases are measured by. */
  readonly clock?: SchedulerClock;
}

interface Claimed {
  readonly run: TrainingRun;
  /** When it was asked for, by the clock: its lease may have begun so early. */
  readonly at: number;
}

/** Works until told to stop. */
export async function runTrainer(options: TrainerOptions): Promise<void> {
  const { stop, news, lookEveryMs = LOOK_EVERY_MS } = options;
  const bell = new Doorbell();
  const stopListening = news.onTrainingRunQueued(() => bell.ring());
  stop.addEventListener('abort', () => bell.ring());
  while (!stop.aborted) {
    const claimed = await claim(options);
    if (claimed) await work(options, claimed);
    else await bell.sleep(lookEveryMs);
  }
  stopListening();
}

async function claim(options: TrainerOptions): Promise<Claimed | null> {
  const { claims, trainerId, taken, logger, clock = schedulerClock } = options;
  const at = clock.now();
  try {
    const run = await claims.claim(trainerId, LEASE_MS, taken);
    return run && { run, at };
  } catch (err) {
    // The database is away: it is asked again after the next sleep.
    logger.warn({ err }, 'trainer.claim_failed');
    return null;
  }
}

async function work(options: TrainerOptions, { run, at }: Claimed): Promise<void> {
  const { id: trainingRunId, projectId } = run;
  const { claims, trainerId, news, logger, clock, stop } = options;
  const claimed = { trainingRunId, trainerId, claimedAt: at };
  const lease = new RunLease({ ...claimed, claims, news, logger, clock, stop });
  logger.info({ trainingRunId, projectId }, 'training_run.started');
  let trained: TrainedRun | null = null;
  try {
    trained = await options.train(run, lease);
    await succeed(options, trainingRunId, trained);
  } catch (error) {
    const loss = lease.loss ?? lossBy(error, stop);
    const end = { trainingRunId, error, loss, hasAdvanced: lease.hasAdvanced };
    // A commit whose answer was lost may still be under way; it locks the run, so that the end of the
    // run waits for it. Only then is it certain what the version has come to.
    if ((await giveUp(options, end)) && trained) await discard(options, trained);
  } finally {
    lease.end();
    await endCheckpoint(options, trainingRunId);
  }
}

async function succeed(
  { claims, trainerId, logger }: TrainerOptions,
  trainingRunId: string,
  { progress, promote, version }: TrainedRun,
): Promise<void> {
  await claims.succeed({ trainingRunId, trainerId, progress, promote, version });
  const { milliseconds, examplesLeftOut } = progress;
  const verdict = { promote, reason: version.promotionReason };
  logger.info({ trainingRunId, milliseconds, examplesLeftOut, verdict }, 'training_run.succeeded');
}

/** A run that is over needs no checkpoint; one that another trainer has taken over does. */
async function endCheckpoint(
  { runs, blobs, logger }: TrainerOptions,
  trainingRunId: string,
): Promise<void> {
  try {
    const run = await runs.find(trainingRunId);
    if (!run || run.finishedAt !== null) await blobs.delete(checkpointKey(trainingRunId));
  } catch (err) {
    // The sweep finds it.
    logger.warn({ err, trainingRunId }, 'training_run.checkpoint_not_deleted');
  }
}

/** How the work on a run came to nothing. */
interface Ending {
  readonly trainingRunId: string;
  readonly error: unknown;
  readonly loss: LeaseLoss | null;
  readonly hasAdvanced: boolean;
}

/**
 * Ends a run without a version, unless it has ended already, or gives it back where it is to go on.
 * False when it has not ended. What cannot be stored is left to the lease, which runs out by itself.
 */
async function giveUp(
  { claims, trainerId, logger }: TrainerOptions,
  end: Ending,
): Promise<boolean> {
  const { trainingRunId, error, loss, hasAdvanced } = end;
  try {
    if (loss === 'unreachable') {
      logger.warn({ trainingRunId }, 'training_run.lease_given_up');
      return false;
    }
    if (loss === 'stopped') {
      logger.info({ trainingRunId }, 'training_run.given_back');
      await claims.giveBack({ trainingRunId, trainerId, hasAdvanced });
      return false;
    }
    if (loss === 'refused' || isFinished(error)) {
      logger.info({ trainingRunId }, 'training_run.cancelled');
      await claims.acknowledgeCancel(trainingRunId, trainerId);
    } else {
      logger.error({ err: error, trainingRunId }, 'training_run.failed');
      await claims.fail(trainingRunId, trainerId, reasonOf(error));
    }
    return true;
  } catch (err) {
    logger.warn({ err, trainingRunId }, 'training_run.end_not_stored');
    return false;
  }
}

/** What a training ends with that has made way for whoever goes on. */
function lossBy(error: unknown, stop: AbortSignal): LeaseLoss | null {
  return stop.aborted && error === stop.reason ? 'stopped' : null;
}

function isFinished(error: unknown): boolean {
  return error instanceof AppError && error.code === 'training_run.finished';
}

async function discard(
  { logger, ...ports }: TrainerOptions,
  { version, isOwnBackbone }: TrainedRun,
): Promise<void> {
  const { headKey, snapshotKey, backboneKey, backboneId } = version;
  const keys = [headKey, snapshotKey, isOwnBackbone ? backboneKey : null];
  try {
    await discardVersion(ports, { keys, ownBackboneId: isOwnBackbone ? backboneId : null });
  } catch (err) {
    logger.warn({ err }, 'training_run.version_not_discarded');
  }
}

/** For people. */
function reasonOf(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : 'The training failed unexpectedly. Start it again; the log says more.';
}
