import { INITIAL_PROGRESS, type TrainingProgress } from '../../shared/training-run.ts';
import type { DatabaseNews, TrainingRunClaims } from '../domain/learning-ports.ts';
import { schedulerClock, type SchedulerClock } from '../inference/scheduler-clock.ts';
import type { Logger } from '../logger.ts';
import type { RunControl } from './train-project.ts';

export const LEASE_MS = 15_000;
/** Also how often progress is told, and how soon a cancellation is heard of that was not called out. */
const RENEW_EVERY_MS = 1_000;
/** Less than the lease, because work that is told to stop takes a moment to do so. */
const GIVE_UP_AFTER_MS = 12_000;

/** What is nearly done may be finished by a trainer that is stopped; what lasts is for the next one. */
const FINISH_WITHIN_MS = 2_500;

/**
 * Why a run is not its trainer's any more: the queue says that it was cancelled or taken over; the
 * queue could not be asked for so long that another trainer may be about to take it; or its trainer
 * is stopped.
 */
export type LeaseLoss = 'refused' | 'unreachable' | 'stopped';

export interface LeaseOptions {
  readonly trainingRunId: string;
  readonly trainerId: string;
  readonly claims: Pick<TrainingRunClaims, 'renew' | 'isWanted'>;
  readonly news: Pick<DatabaseNews, 'onTrainingRunProgressed'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** By the clock, when the run was asked for. */
  readonly claimedAt: number;
  /** Aborted when the trainer is to end. */
  readonly stop: AbortSignal;
  readonly clock?: SchedulerClock | undefined;
}

/** A trainer's hold on its run: renewed until `end`, unless it is lost before. */
export class RunLease implements RunControl {
  readonly #options: LeaseOptions;
  readonly #clock: SchedulerClock;
  readonly #lost = new AbortController();
  #loss: LeaseLoss | null = null;
  #isOver = false;
  #progress: TrainingProgress = { ...INITIAL_PROGRESS, phase: 'loading' };
  #renewedAt: number;
  #callOffRenewal: () => void;
  #callOffGivingUp: () => void;
  readonly #stopListening: () => void;
  #callOffStop: () => void = () => undefined;
  #hasAdvanced = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#clock = options.clock ?? schedulerClock;
    this.#renewedAt = options.claimedAt;
    this.#callOffRenewal = this.#renewLater();
    this.#callOffGivingUp = this.#giveUpLater();
    this.#followStop();
    this.#stopListening = options.news.onTrainingRunProgressed((trainingRunId) => {
      if (trainingRunId === options.trainingRunId) void this.#look();
    });
  }

  /** Aborted when the run is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get loss(): LeaseLoss | null {
    return this.#loss;
  }

  readonly onProgress = (progress: TrainingProgress): void => {
    this.#progress = progress;
  };

  readonly onCheckpoint = (): void => {
    this.#hasAdvanced = true;
  };

  /** Whether a checkpoint was written since the claim. */
  get hasAdvanced(): boolean {
    return this.#hasAdvanced;
  }

  get stop(): AbortSignal {
    return this.#options.stop;
  }

  end(): void {
    this.#isOver = true;
    this.#callOffStop();
    this.#stopListening();
    this.#callOffRenewal();
    this.#callOffGivingUp();
  }

  /** One that gets no answer does not hold up the next one, which has a connection of its own. */
  #renewLater(): () => void {
    return this.#clock.after(RENEW_EVERY_MS, () => {
      this.#callOffRenewal = this.#renewLater();
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const { claims, trainingRunId, trainerId, logger } = this.#options;
    const askedAt = this.#clock.now();
    const told = { progress: this.#progress, hasAdvanced: this.#hasAdvanced };
    const renewal = { trainingRunId, trainerId, leaseMs: LEASE_MS, ...told };
    try {
      if (await claims.renew(renewal)) this.#holdFrom(askedAt);
      else this.#lose('refused');
    } catch (err) {
      // The lease lasts for a while yet, and the next renewal may get through.
      logger.warn({ err, trainingRunId }, 'training_run.lease_not_renewed');
    }
  }

  /** Something has happened to the run, mostly that its lease was renewed. */
  async #look(): Promise<void> {
    const { claims, trainingRunId, trainerId, logger } = this.#options;
    try {
      if (!(await claims.isWanted(trainingRunId, trainerId))) this.#lose('refused');
    } catch (err) {
      // The next renewal tells.
      logger.warn({ err, trainingRunId }, 'training_run.not_looked_at');
    }
  }

  #holdFrom(renewedAt: number): void {
    if (this.#isOver) return;
    this.#renewedAt = Math.max(this.#renewedAt, renewedAt);
    this.#callOffGivingUp();
    this.#callOffGivingUp = this.#giveUpLater();
  }

  #giveUpLater(): () => void {
    const leftMs = this.#renewedAt + GIVE_UP_AFTER_MS - this.#clock.now();
    return this.#clock.after(Math.max(0, leftMs), () => this.#lose('unreachable'));
  }

  #followStop(): void {
    const { stop } = this.#options;
    const begin = (): void => {
      this.#callOffStop = this.#clock.after(FINISH_WITHIN_MS, () => this.#lose('stopped'));
    };
    this.#callOffStop = () => stop.removeEventListener('abort', begin);
    if (stop.aborted) begin();
    else stop.addEventListener('abort', begin);
  }

  #lose(loss: LeaseLoss): void {
    if (this.#isOver) return;
    this.#loss = loss;
    this.end();
    this.#lost.abort();
  }
}
