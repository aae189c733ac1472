import { beforeEach, describe, expect, test } from 'vitest';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { PacedRuns } from './paced-runs.ts';

let clock: ManualClock;
let stored: TrainingRun | null;
let sent: TrainingRun[];
let errors: unknown[];
let reads: number;
let paced: PacedRuns;

beforeEach(() => {
  [clock, stored, sent, errors, reads] = [new ManualClock(), runAt(0), [], [], 0];
  paced = new PacedRuns({
    read: async () => {
      reads += 1;
      return Promise.resolve(stored);
    },
    send: (run) => void sent.push(run),
    onError: (error) => void errors.push(error),
    clock,
  });
});

function runAt(epoch: number, change: Partial<TrainingRun> = {}): TrainingRun {
  const { data, leastExamples } = DEFAULT_STRATEGY;
  return {
    ...{ id: 'run', projectId: 'project', state: 'running', layers: 'all', hyperparameters: {} },
    ...{ data, leastExamples, rebuildOf: null, modelVersionId: null, reason: null },
    ...{ progress: { ...INITIAL_PROGRESS, epoch }, createdAt: '', finishedAt: null },
    ...change,
  };
}

/** Stores it, tells of it, and waits until it was read. */
async function tell(run: TrainingRun | null): Promise<void> {
  stored = run;
  const before = reads;
  paced.tell('run');
  await eventually(() => expect(reads).toBeGreaterThan(before));
  await Promise.resolve();
}

const epochs = () => sent.map(({ progress }) => progress.epoch);

describe('a run', () => {
  test('that goes on is sent at most once a second, and the newest in the end', async () => {
    for (const epoch of [1, 2, 3, 4]) {
      await tell(runAt(epoch));
      clock.advance(200);
    }
    expect(epochs()).toEqual([1]);
    clock.advance(200);
    await eventually(() => expect(epochs()).toEqual([1, 4]));
    clock.advance(10_000);
    expect(epochs()).toEqual([1, 4]);
  });

  test('that goes on slowly is sent each time', async () => {
    for (const epoch of [1, 2, 3]) {
      await tell(runAt(epoch));
      clock.advance(1_000);
    }
    expect(epochs()).toEqual([1, 2, 3]);
  });

  test('with a new state is sent at once, and nothing old after it', async () => {
    await tell(runAt(0, { state: 'queued' }));
    await tell(runAt(0));
    await tell(runAt(1));
    await tell(runAt(2, { state: 'succeeded', finishedAt: '2026-11-24T12:00:00.000Z' }));
    expect(sent.map(({ state }) => state)).toEqual(['queued', 'running', 'succeeded']);
    clock.advance(5_000);
    await Promise.resolve();
    expect(sent).toHaveLength(3);
  });

  test('of which much is told at once is read few times', async () => {
    for (let i = 0; i < 100; i++) paced.tell('run');
    await eventually(() => expect(sent).toHaveLength(1));
    expect(reads).toBeLessThanOrEqual(2);
  });

  test('that is gone, or cannot be read just now, is passed over', async () => {
    await tell(null);
    expect(sent).toEqual([]);
    const failing = new PacedRuns({
      read: () => Promise.reject(new Error('The database is away.')),
      send: (run) => void sent.push(run),
      onError: (error) => void errors.push(error),
    });
    failing.tell('run');
    await eventually(() => expect(errors).toHaveLength(1));
    failing.tell('run');
    await eventually(() => expect(errors).toHaveLength(2));
    expect(sent).toEqual([]);
  });

  test('is not sent after the end, whether it was told, put off or being read', async () => {
    await tell(runAt(1));
    await tell(runAt(2));
    paced.tell('run');
    paced.close();
    paced.close();
    paced.tell('run');
    clock.advance(5_000);
    await Promise.resolve();
    expect(epochs()).toEqual([1]);
  });
});
