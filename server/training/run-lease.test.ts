import { setImmediate as answersHaveArrived } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { ClaimRenewal } from '../domain/learning-ports.ts';
import { createLogger } from '../logger.ts';
import { RunLease } from './run-lease.ts';

const SECOND_MS = 1_000;

/** A lease of a run that was asked for just now, on a queue that answers so. */
function openLease(renew: (renewal: ClaimRenewal) => Promise<boolean>): {
  readonly lease: RunLease;
  readonly stop: AbortController;
  pass(seconds: number): Promise<void>;
} {
  const clock = new ManualClock();
  const claims = { renew, isWanted: () => Promise.resolve(true) };
  const quiet = { onTrainingRunProgressed: () => () => undefined };
  const stop = new AbortController();
  const lease = new RunLease({
    ...{ trainingRunId: 'a run', trainerId: 'a', claims, clock },
    news: quiet,
    ...{ claimedAt: clock.now(), logger: createLogger('silent'), stop: stop.signal },
  });
  return {
    ...{ lease, stop },
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(SECOND_MS);
        await answersHaveArrived();
      }
    },
  };
}

describe('a lease', () => {
  test('is held for as long as it can be renewed', async () => {
    const { lease, pass } = openLease(() => Promise.resolve(true));
    await pass(60);
    expect(lease.signal.aborted).toBe(false);
  });

  test('is renewed every second with what was told last, until its end', async () => {
    const steps: number[] = [];
    const { lease, pass } = openLease(({ progress }) => {
      steps.push(progress.step);
      return Promise.resolve(true);
    });
    await pass(1);
    const { onProgress } = lease;
    onProgress({ ...INITIAL_PROGRESS, step: 7 });
    await pass(1);
    lease.end();
    await pass(20);
    expect(steps).toEqual([0, 7]);
    expect(lease.loss).toBeNull();
  });

  test('is lost when the queue refuses to renew it', async () => {
    const { lease, pass } = openLease(() => Promise.resolve(false));
    await pass(1);
    expect(lease.signal.aborted).toBe(true);
    expect(lease.loss).toBe('refused');
  });

  test.each([
    ['cannot be reached', () => Promise.reject(new Error('away'))],
    ['does not answer', () => new Promise<boolean>(() => undefined)],
  ])('is given up before it runs out when the queue %s', async (_, renew) => {
    const { lease, pass } = openLease(renew);
    await pass(11);
    expect(lease.signal.aborted).toBe(false);
    await pass(3);
    expect(lease.signal.aborted).toBe(true);
    expect(lease.loss).toBe('unreachable');
  });

  test('tells the queue once a checkpoint was written', async () => {
    const told: boolean[] = [];
    const { lease, pass } = openLease(({ hasAdvanced }) => {
      told.push(hasAdvanced);
      return Promise.resolve(true);
    });
    await pass(1);
    const { onCheckpoint } = lease;
    onCheckpoint();
    await pass(1);
    expect(told).toEqual([false, true]);
  });

  test('is kept for a moment longer when its trainer is stopped, so that it may finish', async () => {
    const { lease, stop, pass } = openLease(() => Promise.resolve(true));
    stop.abort();
    await pass(2);
    expect(lease.signal.aborted).toBe(false);
    await pass(1);
    expect(lease.loss).toBe('stopped');
  });

  test('that has ended is not lost when its trainer is stopped', async () => {
    const { lease, stop, pass } = openLease(() => Promise.resolve(true));
    lease.end();
    stop.abort();
    await pass(20);
    expect(lease.loss).toBeNull();
  });

  test('outlives a queue that is away for a while', async () => {
    let isAway = false;
    const { lease, pass } = openLease(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(true),
    );
    for (let time = 0; time < 3; time += 1) {
      isAway = true;
      await pass(10);
      isAway = false;
      await pass(1);
    }
    expect(lease.signal.aborted).toBe(false);
    isAway = true;
    await pass(14);
    expect(lease.loss).toBe('unreachable');
  });
});
