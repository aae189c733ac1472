/**
 * A trainer takes one run after the other from the queue. While it works it renews its lease, and
 * learns that way that the run was cancelled; when it dies the lease runs out, and another one
 * takes the run over.
 */
import { AppError } from '../../shared/errors.ts';
import {
  INITIAL_PROGRESS,
  type TrainingProgress,
  type TrainingRun,
} from '../../shared/training-run.ts';
import type { RunsTaken, TrainingRunClaims, TrainingRunStore } from '../domain/learning-ports.ts';
import type { Logger } from '../logger.ts';
import { Doorbell } from './doorbell.ts';
import { checkpointKey } from './run-checkpoint.ts';
import { discardVersion, type DiscardPorts } from './store-version.ts';
import type { RunControl, TrainedRun } from './train-project.ts';

const LEASE_MS = 15_000;
/** Also how often progress is told, and how soon a cancelled run stops. */
const RENEW_EVERY_MS = 1_000;
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
  /** Returns its undo. */
  readonly onQueued: (listener: () => void) => () => void;
  readonly logger: Logger;
  /** Once aborted, the run at hand is finished and no other one begun. */
  readonly stop: AbortSignal;
  /** How soon work is found that the queue did not call out, in ms. */
  readonly lookEveryMs?: number;
}

/** Works until told to stop. */
export async function runTrainer(options: TrainerOptions): Promise<void> {
  const { stop, onQueued, lookEveryMs = LOOK_EVERY_MS } = options;
  const bell = new Doorbell();
  const stopListening = onQueued(() => bell.ring());
  stop.addEventListener('abort', () => bell.ring());
  while (!stop.aborted) {
    const run = await claim(options);
    if (run) await work(options, run);
    else await bell.sleep(lookEveryMs);
  }
  stopListening();
}

async function claim({
  claims,
  trainerId,
  taken,
  logger,
}: TrainerOptions): Promise<TrainingRun | null> {
  try {
    return await claims.claim(trainerId, LEASE_MS, taken);
  } catch (err) {
    // The database is away: it is asked again after the next sleep.
    logger.warn({ err }, 'trainer.claim_failed');
    return null;
  }
}

async function work(options: TrainerOptions, run: TrainingRun): Promise<void> {
  const { id: trainingRunId, projectId } = run;
  const lease = holdLease(options, trainingRunId);
  options.logger.info({ trainingRunId, projectId }, 'training_run.started');
  let trained: TrainedRun | null = null;
  try {
    trained = await options.train(run, lease);
    await succeed(options, trainingRunId, trained);
  } catch (error) {
    const end = { trainingRunId, error, isLost: lease.signal.aborted };
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

/** The control of a run whose lease is renewed until its end. */
function holdLease(
  { claims, trainerId, logger }: TrainerOptions,
  trainingRunId: string,
): RunControl & { end(): void } {
  const lost = new AbortController();
  let progress: TrainingProgress = { ...INITIAL_PROGRESS, phase: 'loading' };
  const renew = async (): Promise<void> => {
    try {
      const isOurs = await claims.renew({ trainingRunId, trainerId, leaseMs: LEASE_MS, progress });
      if (!isOurs) lost.abort();
    } catch (err) {
      // The lease lasts for a while yet, and the next renewal may get through.
      logger.warn({ err, trainingRunId }, 'training_run.lease_not_renewed');
    }
  };
  const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
  return {
    signal: lost.signal,
    onProgress: (now) => {
      progress = now;
    },
    end: () => clearInterval(timer),
  };
}

/**
 * Ends a run without a version, unless it has ended already. False when that cannot be stored; then
 * the lease runs out by itself.
 */
async function giveUp(
  { claims, trainerId, logger }: TrainerOptions,
  end: { readonly trainingRunId: string; readonly error: unknown; readonly isLost: boolean },
): Promise<boolean> {
  const { trainingRunId, error, isLost } = end;
  const isCancelled =
    isLost || (error instanceof AppError && error.code === 'training_run.finished');
  try {
    if (isCancelled) {
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
