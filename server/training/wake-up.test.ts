import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { TrainingRun } from '../../shared/training-run.ts';
import { eventually } from '../../test/support/eventually.ts';
import { openLearningLab, type LearningLab } from '../../test/support/learning-lab.ts';
import { createLogger } from '../logger.ts';
import { runTrainer } from './trainer.ts';

const NEVER_MS = 3_600_000;

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());

test('a trainer that sleeps is woken by a request, not by looking now and then', async () => {
  const stop = new AbortController();
  const { claims, trainingRuns, examples } = lab.stores;
  const taken: string[] = [];
  let looks = 0;
  const working = runTrainer({
    ...{ trainerId: 'a', blobs: lab.blobs, runs: trainingRuns, examples, stop: stop.signal },
    claims: {
      ...claims,
      claim: async (...asked) => {
        const run = await claims.claim(...asked);
        looks += 1;
        return run;
      },
    },
    train: (run: TrainingRun) => {
      taken.push(run.id);
      return Promise.reject(new Error('It was only to be taken.'));
    },
    news: lab.database.news,
    logger: createLogger('silent'),
    lookEveryMs: NEVER_MS,
  });
  onTestFinished(async () => {
    stop.abort();
    await working;
  });
  await eventually(() => expect(looks).toBe(1));
  for (const count of [1, 2]) {
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(() => expect(taken).toHaveLength(count));
    expect(taken.at(-1)).toBe(id);
  }
});
