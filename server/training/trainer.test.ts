import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { rasterize } from '../../shared/rasterize.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { eventually } from '../../test/support/eventually.ts';
import { handDrawn, HAND_DRAWN_CATEGORIES } from '../../test/support/hand-drawn.ts';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { runGraph } from '../../test/support/run-graph.ts';
import { createLogger } from '../logger.ts';
import { checkpointKey } from './run-checkpoint.ts';
import { LEASE_MS } from './run-lease.ts';
import { trainProject, type RunControl, type TrainedRun } from './train-project.ts';
import { runTrainer, type TrainerOptions } from './trainer.ts';

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());

type Train = TrainerOptions['train'];

const trainForReal: Train = (run, control) => trainProject(lab.trainingPorts, run, control);

/** A trainer that works until it is stopped, at the latest when the test is over. */
function startTrainer(
  trainerId: string,
  train: Train = trainForReal,
  ports: Partial<TrainerOptions> = {},
): { stop(): Promise<void> } {
  const stop = new AbortController();
  const working = runTrainer({
    ...{ trainerId, train, blobs: lab.blobs, stop: stop.signal },
    ...{ claims: lab.stores.claims, examples: lab.stores.examples, runs: lab.stores.trainingRuns },
    news: lab.database.news,
    logger: createLogger('silent'),
    ...ports,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await working;
  };
  onTestFinished(end);
  return { stop: end };
}

/** Never ends by itself, as a long training. */
const trainForEver: Train = async (_run, { signal }: RunControl): Promise<TrainedRun> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('Stopped.')));
  });

/** Notes the runs that are taken, and trains for ever. */
function noting(taken: string[]): Train {
  return (run, control) => {
    taken.push(run.id);
    return trainForEver(run, control);
  };
}

/** Trains for real and notes the steps that are told. */
function watched(steps: number[]): Train {
  return (run, control) =>
    trainForReal(run, {
      ...{ signal: control.signal, stop: control.stop, onCheckpoint: control.onCheckpoint },
      onProgress: (progress) => {
        if (progress.step > 0) steps.push(progress.step);
        control.onProgress(progress);
      },
    });
}

async function handDrawnProject(perCategory: number): Promise<LabProject> {
  const project = await lab.createProject(HAND_DRAWN_CATEGORIES);
  for (const name of HAND_DRAWN_CATEGORIES) {
    const sketches = Array.from({ length: perCategory }, (_, n) => handDrawn(name, n));
    await lab.teach(project, name, sketches);
  }
  return project;
}

async function stateOf(trainingRunId: string): Promise<string | undefined> {
  return (await lab.stores.trainingRuns.find(trainingRunId))?.state;
}

async function finished({ id }: TrainingRun): Promise<TrainingRun> {
  return eventually(async () => {
    const run = await lab.stores.trainingRuns.find(id);
    expect(run?.finishedAt).toBeTypeOf('string');
    if (!run) throw new Error('The run is gone.');
    return run;
  });
}

describe('a requested run', () => {
  test('gives a promoted version that recognises what was taught', async () => {
    startTrainer('a');
    const project = await handDrawnProject(5);
    const run = await finished(await lab.requestRun(project));
    expect(run).toMatchObject({ state: 'succeeded', progress: { phase: 'done', examples: 30 } });
    const version = await lab.stores.modelVersions.findPromoted(project.id);
    expect(version).toMatchObject({ id: run.modelVersionId, number: 1, layers: 'head' });
    lab.predictor.forget(project.id);
    const unseen = HAND_DRAWN_CATEGORIES.flatMap((name) =>
      [20, 21, 22, 23, 24].map((n) => ({ name, strokes: handDrawn(name, n) })),
    );
    const predictions = await lab.predictor.predict(
      project.id,
      unseen.map(({ strokes }) => strokes),
    );
    const best = predictions.map(({ scores }) => scores[0]?.name);
    const right = unseen.filter(({ name }, i) => best[i] === name).length;
    expect(right / unseen.length).toBeGreaterThan(0.8);
    expect(predictions[0]?.modelVersion).toBe(run.modelVersionId);
  });

  test('can be taken along as ONNX that gives the same confidences', async () => {
    startTrainer('a');
    const project = await handDrawnProject(2);
    await finished(await lab.requestRun(project));
    const version = await lab.stores.modelVersions.findPromoted(project.id);
    if (!version) throw new Error('Nothing was promoted.');
    const sketch = handDrawn('rocket', 9);
    const { planes } = lab.starter.network;
    const { probabilities } = await runGraph(await lab.predictor.exportOnnx(version), {
      raster: [rasterize(sketch, { planes }), [1, planes, 32, 32]],
    });
    lab.predictor.forget(project.id);
    const [prediction] = await lab.predictor.predict(project.id, [sketch]);
    for (const { categoryId, confidence } of prediction?.scores ?? []) {
      const column = version.categories.findIndex(({ id }) => id === categoryId);
      expect(probabilities?.[column]).toBeCloseTo(confidence, 5);
    }
    expect(prediction?.scores).toHaveLength(5);
  });

  test('tells how good the version is, cross-validated while there are few sketches', async () => {
    startTrainer('a');
    const project = await handDrawnProject(4);
    await finished(await lab.requestRun(project));
    const version = await lab.stores.modelVersions.findPromoted(project.id);
    expect(version?.metrics).toMatchObject({
      method: 'cross_validated',
      testExamples: 24,
      trainingExamples: 24,
    });
    expect(version?.metrics.accuracy).toBeGreaterThan(0.7);
    expect(version?.metrics.perCategory).toHaveLength(HAND_DRAWN_CATEGORIES.length);
  });

  test('gives the same bytes for the same dataset and settings', async () => {
    startTrainer('a');
    const project = await handDrawnProject(2);
    const heads: (Uint8Array | null)[] = [];
    for (let i = 0; i < 2; i++) {
      await finished(await lab.requestRun(project, { hyperparameters: { epochs: 20, seed: 7 } }));
      const version = await lab.stores.modelVersions.findPromoted(project.id);
      heads.push(await lab.blobs.get(version?.headKey ?? ''));
    }
    expect(heads[0]?.length).toBeGreaterThan(1_000);
    expect(heads[0]).toEqual(heads[1]);
  });

  test('fails with a reason when there is only one category', async () => {
    startTrainer('a');
    const project = await lab.createProject(['cat']);
    const run = await finished(await lab.requestRun(project));
    expect(run).toMatchObject({ state: 'failed', modelVersionId: null });
    expect(run.reason).toContain('two categories');
    expect(await lab.stores.modelVersions.findPromoted(project.id)).toBeNull();
  });

  test('fails without its insides being told when the training breaks', async () => {
    startTrainer('a', () => Promise.reject(new Error('secret path')));
    const run = await finished(await lab.requestRun(await lab.createProject(['cat', 'dog'])));
    expect(run.state).toBe('failed');
    expect(run.reason).not.toContain('secret');
  });

  test('stops within a second of being cancelled, and promotes nothing', async () => {
    const taken: string[] = [];
    startTrainer('a', noting(taken));
    const project = await lab.createProject(['cat', 'dog']);
    const { id } = await lab.requestRun(project);
    await eventually(() => expect(taken).toEqual([id]));
    const cancelled = await lab.stores.trainingRuns.cancel(id);
    expect(cancelled?.id).toBe(id);
    await eventually(
      async () => expect((await lab.stores.trainingRuns.find(id))?.state).toBe('cancelled'),
      1_000,
    );
    expect(await lab.stores.modelVersions.findPromoted(project.id)).toBeNull();
  });

  test('is told at once of its cancellation, not by the next renewal', async () => {
    const taken: string[] = [];
    // Time that stands still lets no lease be renewed.
    startTrainer('a', noting(taken), { clock: new ManualClock() });
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(() => expect(taken).toEqual([id]));
    await lab.stores.trainingRuns.cancel(id);
    await eventually(async () => expect(await stateOf(id)).toBe('cancelled'));
  });

  test('hears of its cancellation by the next renewal where it was not called out', async () => {
    const news = { ...lab.database.news, onTrainingRunProgressed: () => () => undefined };
    startTrainer('a', trainForEver, { news });
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(async () => expect(await stateOf(id)).toBe('running'));
    await lab.stores.trainingRuns.cancel(id);
    await eventually(async () => expect(await stateOf(id)).toBe('cancelled'));
  });

  test('that was cancelled at the last moment leaves no blob', async () => {
    let headKey = '';
    const trainer = startTrainer('a', async (run, control) => {
      const trained = await trainForReal(run, control);
      ({ headKey } = trained.version);
      await lab.stores.trainingRuns.cancel(run.id);
      return trained;
    });
    const project = await lab.createProject(['cat', 'dog']);
    const run = await finished(await lab.requestRun(project));
    await trainer.stop();
    expect(run.state).toBe('cancelled');
    expect(headKey).not.toBe('');
    expect(await lab.blobs.get(headKey)).toBeNull();
  });
});

describe('a run whose version cannot be seen to be stored', () => {
  const lost = new Error('Connection terminated unexpectedly');

  test('serves all the same when only the answer to the commit was lost', async () => {
    const { claims, modelVersions } = lab.stores;
    const trainer = startTrainer('a', trainForReal, {
      claims: {
        ...claims,
        succeed: async (done) => {
          await claims.succeed(done);
          throw lost;
        },
      },
    });
    const project = await handDrawnProject(1);
    const run = await finished(await lab.requestRun(project));
    await trainer.stop();
    expect(run).toMatchObject({ state: 'succeeded', reason: null });
    const version = await modelVersions.findPromoted(project.id);
    if (!version) throw new Error('Nothing was promoted.');
    for (const key of [version.headKey, version.snapshotKey ?? ''])
      expect(await lab.blobs.get(key)).not.toBeNull();
    lab.predictor.forget(project.id);
    const [prediction] = await lab.predictor.predict(project.id, [handDrawn('kite', 9)]);
    expect(prediction?.modelVersion).toBe(version.id);
  });

  test('keeps its blobs for the sweep when the database does not say whether they are needed', async () => {
    let headKey = '';
    const trainer = startTrainer('a', trainForReal, {
      claims: {
        ...lab.stores.claims,
        succeed: ({ version }) => {
          ({ headKey } = version);
          return Promise.reject(lost);
        },
      },
      examples: { ...lab.stores.examples, unreferencedBlobKeys: () => Promise.reject(lost) },
    });
    const run = await finished(await lab.requestRun(await lab.createProject(['cat', 'dog'])));
    await trainer.stop();
    expect(run.state).toBe('failed');
    expect(await lab.blobs.get(headKey)).not.toBeNull();
    expect(await lab.stores.examples.unreferencedBlobKeys([headKey])).toEqual([headKey]);
  });
});

describe('a trainer that cannot renew its lease', () => {
  test('stops its work before another trainer may take the run, and does not end the run', async () => {
    const clock = new ManualClock();
    const works: AbortSignal[] = [];
    const trainer = startTrainer(
      'a',
      (run, control) => {
        works.push(control.signal);
        return trainForEver(run, control);
      },
      { clock, claims: { ...lab.stores.claims, renew: () => Promise.reject(new Error('away')) } },
    );
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(() => expect(works).toHaveLength(1));
    clock.advance(LEASE_MS - 1);
    expect(works[0]?.aborted).toBe(true);
    // The queue has not heard of it, so the run goes on as soon as somebody asks for work.
    await eventually(() => expect(works).toHaveLength(2));
    expect((await lab.stores.trainingRuns.find(id))?.state).toBe('running');
    await lab.stores.trainingRuns.cancel(id);
    const stopped = trainer.stop();
    clock.advance(LEASE_MS);
    await stopped;
  });
});

describe('a trainer that is stopped', () => {
  test('finishes what is nearly done', async () => {
    const taken: string[] = [];
    const trainer = startTrainer('a', async (run, control) => {
      taken.push(run.id);
      if (control.stop) await once(control.stop, 'abort');
      return trainForReal(run, control);
    });
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(() => expect(taken).toEqual([id]));
    await trainer.stop();
    expect((await lab.stores.trainingRuns.find(id))?.state).toBe('succeeded');
  });

  test('gives back what lasts, and another trainer goes on with it at once', async () => {
    const clock = new ManualClock();
    const taken: string[] = [];
    const note = (trainerId: string, train: Train): Train => {
      return (run, control) => {
        taken.push(`${trainerId} ${run.id}`);
        return train(run, control);
      };
    };
    const trainer = startTrainer('a', note('a', trainForEver), { clock });
    const { id } = await lab.requestRun(await lab.createProject(['cat', 'dog']));
    await eventually(() => expect(taken).toEqual([`a ${id}`]));
    const stopped = trainer.stop();
    clock.advance(LEASE_MS / 3);
    await stopped;
    expect((await lab.stores.trainingRuns.find(id))?.state).toBe('running');
    startTrainer('b', note('b', trainForReal));
    // Long before the lease of the first one would have run out.
    await eventually(() => expect(taken).toEqual([`a ${id}`, `b ${id}`]), LEASE_MS / 3);
  });

  test('writes a checkpoint of a fine-tuning, from which another trainer goes on', async () => {
    const project = await handDrawnProject(6);
    const steps: number[] = [];
    const hyperparameters = { epochs: 100, batchSize: 16 };
    const first = startTrainer('a', watched(steps));
    const { id } = await lab.requestRun(project, { layers: 'last_block', hyperparameters });
    await eventually(() => expect(steps.at(-1)).toBeGreaterThan(2));
    await first.stop();
    const before = steps.at(-1) ?? 0;
    expect(await lab.blobs.get(checkpointKey(id))).not.toBeNull();
    const resumed: number[] = [];
    const second = startTrainer('b', watched(resumed));
    await eventually(() => expect(resumed).not.toEqual([]));
    expect(resumed[0]).toBe(before + 1);
    await lab.stores.trainingRuns.cancel(id);
    await second.stop();
  });
});

describe('two trainers', () => {
  test('share the runs of several projects and never work on the same one', async () => {
    const taken: string[] = [];
    const count = (trainerId: string): Train => {
      return (run, control) => {
        taken.push(`${trainerId} ${run.id}`);
        return trainForReal(run, control);
      };
    };
    startTrainer('a', count('a'));
    startTrainer('b', count('b'));
    const projects = await Promise.all(
      Array.from({ length: 6 }, () => lab.createProject(['cat', 'dog', 'sun'])),
    );
    const requested = await Promise.all(projects.map((project) => lab.requestRun(project)));
    const runs = await Promise.all(requested.map(finished));
    expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(taken).toHaveLength(6);
    expect(new Set(taken.map((entry) => entry.split(' ')[1])).size).toBe(6);
  });
});
