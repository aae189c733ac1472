import type { TrainingRuns } from './domain/training-runs.ts';
import type { Logger } from './logger.ts';

/** How often schedules are looked at, and by which clock; tests set both. */
export interface ScheduleOptions {
  readonly everyMs?: number;
  readonly now?: () => Date;
}

const EVERY_MS = 20_000;

/**
 * Asks for the runs of projects that are trained on a schedule. Every server does so; the domain
 * makes one run of what several ask for. Returns its undo, which waits for the look at hand.
 */
export function startTrainingSchedule({
  trainingRuns,
  logger,
  everyMs = EVERY_MS,
  now = () => new Date(),
}: ScheduleOptions & {
  readonly trainingRuns: Pick<TrainingRuns, 'dueOnSchedule' | 'requestOnSchedule'>;
  readonly logger: Logger;
}): () => Promise<void> {
  let isStopped = false;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const at = now();
    for (const projectId of await trainingRuns.dueOnSchedule(at)) {
      if (isStopped) return;
      try {
        const run = await trainingRuns.requestOnSchedule(projectId, at);
        if (run) logger.info({ projectId, trainingRunId: run.id }, 'schedule.run_requested');
      } catch (err) {
        logger.warn({ err, projectId }, 'schedule.run_not_requested');
      }
    }
  };
  // A look that takes longer than the pause is not overtaken by the next one.
  const lookAgain = (): NodeJS.Timeout =>
    setTimeout(() => {
      looking = look()
        .catch((err: unknown) => logger.warn({ err }, 'schedule.not_read'))
        .then(() => {
          if (!isStopped) timer = lookAgain();
        });
    }, everyMs);
  let timer = lookAgain();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await looking;
  };
}
