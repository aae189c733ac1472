import { describe, expect, onTestFinished, test } from 'vitest';
import type { TrainingRun } from '../shared/training-run.ts';
import { eventually } from '../test/support/eventually.ts';
import { createLogger } from './logger.ts';
import { startTrainingSchedule } from './training-schedule.ts';

type Runs = Parameters<typeof startTrainingSchedule>[0]['trainingRuns'];
const NOW = new Date('2026-11-24T12:00:00.000Z');
const NO_RUN: TrainingRun | null = null;

function start(trainingRuns: Runs): () => Promise<void> {
  const logger = createLogger('silent');
  const stop = startTrainingSchedule({ trainingRuns, logger, everyMs: 1, now: () => NOW });
  onTestFinished(stop);
  return stop;
}

describe('the schedule', () => {
  test('asks for the runs of all projects that are due, whatever one of them throws', async () => {
    const asked: string[] = [];
    start({
      dueOnSchedule: async () => ['broken', 'fine'],
      requestOnSchedule: async (projectId, now) => {
        asked.push(`${projectId} ${now.toISOString()}`);
        if (projectId === 'broken') throw new Error('It is gone.');
        return NO_RUN;
      },
    });
    await eventually(() => expect(asked.length).toBeGreaterThanOrEqual(4));
    expect(new Set(asked)).toEqual(
      new Set([`broken ${NOW.toISOString()}`, `fine ${NOW.toISOString()}`]),
    );
  });

  test('goes on after the database was away', async () => {
    let looks = 0;
    start({
      dueOnSchedule: async () => {
        looks += 1;
        throw new Error('The database is away.');
      },
      requestOnSchedule: async () => NO_RUN,
    });
    await eventually(() => expect(looks).toBeGreaterThanOrEqual(3));
  });

  test('never looks twice at the same time', async () => {
    let [now, most, looks] = [0, 0, 0];
    start({
      dueOnSchedule: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        [now, looks] = [now - 1, looks + 1];
        return [];
      },
      requestOnSchedule: async () => NO_RUN,
    });
    await eventually(() => expect(looks).toBeGreaterThanOrEqual(3));
    expect(most).toBe(1);
  });

  test('that is stopped finishes the request at hand and begins no other', async () => {
    const asked: string[] = [];
    let release = (): void => undefined;
    const stop = start({
      dueOnSchedule: async () => ['first', 'second'],
      requestOnSchedule: async (projectId) => {
        asked.push(projectId);
        await new Promise<void>((resolve) => (release = resolve));
        return NO_RUN;
      },
    });
    await eventually(() => expect(asked).toEqual(['first']));
    let isStopped = false;
    const stopping = stop().then(() => (isStopped = true));
    await Promise.resolve();
    expect(isStopped).toBe(false);
    release();
    await stopping;
    await stop();
    expect(asked).toEqual(['first']);
  });
});
