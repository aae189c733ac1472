import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Layers } from '../../shared/hyperparameters.ts';
import type { TrainingProgress, TrainingRun } from '../../shared/training-run.ts';
import { handDrawn, type HandDrawnCategory } from '../../test/support/hand-drawn.ts';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { promoteVersion, storeBackbone, tunedBackbone } from '../../test/support/tuned-version.ts';
import { AppError } from '../../shared/errors.ts';
import type { BlobStore } from '../domain/ports.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import { initialState } from '../ml/network.ts';
import { fineTuneStart } from './fine-tune-start.ts';
import { freshState } from './network-trainer.ts';
import { checkpointKey, encodeCheckpoint, findCheckpoint } from './run-checkpoint.ts';
import { trainProject, type TrainedRun, type TrainingPorts } from './train-project.ts';

const NAMES: readonly HandDrawnCategory[] = ['anchor', 'kite', 'robot'];
const TRAINER = 'trainer of the test';
/** Enough to learn three categories, quick enough for a test. */
const QUICK = { epochs: 4, batchSize: 16, seed: 5 } as const;

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());
/** What a test has claimed is nobody's any more. */
afterEach(async () => {
  await lab.database.pool.query(
    "update training_runs set state = 'failed', finished_at = now(), trainer_id = null, lease_until = null where finished_at is null",
  );
});

async function taughtProject(perCategory = 6): Promise<LabProject> {
  const project = await lab.createProject(NAMES);
  for (const name of NAMES) {
    const sketches = Array.from({ length: perCategory }, (_, n) => handDrawn(name, n));
    await lab.teach(project, name, sketches);
  }
  return project;
}

async function claimedRun(
  project: LabProject,
  request: Partial<TrainingRun> = {},
): Promise<TrainingRun> {
  const { id } = await lab.requestRun(project, request);
  const run = await lab.stores.claims.claim(TRAINER, 600_000);
  if (run?.id !== id) throw new Error('Another run was in the queue.');
  return run;
}

interface Attempt {
  readonly ports?: Partial<TrainingPorts>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

function attempt(
  run: TrainingRun,
  { ports, signal, onProgress }: Attempt = {},
): Promise<TrainedRun> {
  return trainProject({ ...lab.trainingPorts, ...ports }, run, {
    signal: signal ?? new AbortController().signal,
    onProgress: onProgress ?? (() => undefined),
  });
}

/** Trains and stores the version, as a trainer does. */
async function trained(
  project: LabProject,
  request: Partial<TrainingRun>,
): Promise<ModelVersionRecord> {
  const run = await claimedRun(project, request);
  const { progress, version, promote } = await attempt(run);
  const finished = { trainingRunId: run.id, trainerId: TRAINER, progress, promote, version };
  const { id } = await lab.stores.claims.succeed(finished);
  const record = await lab.stores.modelVersions.find(id);
  if (!record) throw new Error('The version is gone.');
  lab.predictor.forget(project.id);
  return record;
}

/** What the checkpoint of a run that was broken off in its third step holds: where it was before. */
async function brokenOff(run: TrainingRun): Promise<NonNullable<Checkpoint>> {
  const cut = new AbortController();
  const training = attempt(run, {
    ports: { checkpointEveryMs: 0 },
    signal: cut.signal,
    onProgress: ({ step }) => step === 3 && cut.abort(),
  });
  await expect(training).rejects.toThrow('aborted');
  const checkpoint = await findCheckpoint(lab.trainingPorts, run);
  if (!checkpoint) throw new Error('There is no checkpoint.');
  return checkpoint;
}

/** The steps that an attempt makes. */
async function stepsOf(run: TrainingRun): Promise<number[]> {
  const steps: number[] = [];
  await attempt(run, { onProgress: ({ step }) => steps.push(step) });
  return steps.filter((step) => step > 0);
}

type Checkpoint = Awaited<ReturnType<typeof findCheckpoint>>;

/** What a training fails with. */
async function failureOf(training: Promise<unknown>): Promise<unknown> {
  return training.then(
    () => null,
    (reason: unknown) => reason,
  );
}

/** Of sketches that were not taught, the share recognised. */
async function accuracyOf(project: LabProject): Promise<number> {
  const unseen = NAMES.flatMap((name) => [20, 21, 22, 23].map((n) => ({ name, n })));
  const sketches = unseen.map(({ name, n }) => handDrawn(name, n));
  const predictions = await lab.predictor.predict(project.id, sketches);
  const right = unseen.filter(({ name }, i) => predictions[i]?.scores[0]?.name === name);
  return right.length / unseen.length;
}

describe.each<Layers>(['head', 'last_block', 'all', 'scratch'])('training of %s', (layers) => {
  test('gives a version that serves, on a backbone of its own unless the head alone learnt', async () => {
    const project = await taughtProject();
    const hyperparameters = layers === 'scratch' ? { ...QUICK, epochs: 40 } : QUICK;
    const version = await trained(project, { layers, hyperparameters });
    expect(version).toMatchObject({ layers, isPromoted: true, promotionReason: 'first_version' });
    expect(version.backboneKey === null).toBe(layers === 'head');
    expect(version.backboneId === lab.starter.backboneId).toBe(layers === 'head');
    expect(await accuracyOf(project)).toBeGreaterThan(layers === 'scratch' ? 0.5 : 0.8);
    expect(await countEmbedded(project, version.backboneId)).toBe(18);
    const keys = [version.headKey, version.backboneKey, version.snapshotKey].filter(
      (key) => key !== null,
    );
    expect(await lab.stores.examples.unreferencedBlobKeys(keys)).toEqual([]);
  });
});

describe('a run that changes the backbone', () => {
  test('tells step, epoch, speed, device and time left', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, { layers: 'last_block', hyperparameters: QUICK });
    const told: TrainingProgress[] = [];
    await failureOf(attempt(run, { onProgress: (progress) => told.push(progress) }));
    expect(told.find(({ step }) => step === 3)).toMatchObject({
      ...{ phase: 'training', step: 3, steps: 8, epoch: 2, epochs: 4 },
      ...{ device: 'cpu', examples: 18, examplesLeftOut: 0 },
    });
    expect(told.find(({ step }) => step === 3)?.examplesPerSecond).toBeGreaterThan(0);
    expect(told.at(-1)).toMatchObject({ phase: 'done', millisecondsLeft: 0 });
    expect(told.at(-1)?.curve.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  });

  test('goes on from its checkpoint to the same weights as without a break', async () => {
    const project = await taughtProject();
    const request = { layers: 'all', hyperparameters: QUICK } as const;
    const whole = await trained(project, request);
    const run = await claimedRun(project, request);
    const cut = new AbortController();
    const breakOff = attempt(run, {
      ports: { checkpointEveryMs: 0 },
      signal: cut.signal,
      onProgress: ({ step }) => step === 6 && cut.abort(),
    });
    await expect(breakOff).rejects.toThrow('aborted');
    expect(await lab.blobs.get(checkpointKey(run.id))).not.toBeNull();
    const steps: number[] = [];
    const resumed = await attempt(run, { onProgress: ({ step }) => steps.push(step) });
    expect(steps.filter((step) => step > 0)[0]).toBe(6);
    expect(resumed.version.backboneId).toBe(whole.backboneId);
  });

  test('begins anew where the checkpoint is corrupt or of other settings', async () => {
    const project = await taughtProject();
    const request = { layers: 'last_block', hyperparameters: QUICK } as const;
    const whole = await trained(project, request);
    const run = await claimedRun(project, request);
    await lab.blobs.put(checkpointKey(run.id), Uint8Array.of(1, 2, 3), 'application/octet-stream');
    const first = await attempt(run);
    expect(first.version.backboneId).toBe(whole.backboneId);
    const other = { ...run, hyperparameters: { ...run.hyperparameters, seed: 77 } };
    await attempt(other, { ports: { checkpointEveryMs: 0 } });
    const steps: number[] = [];
    const second = await attempt(run, { onProgress: ({ step }) => steps.push(step) });
    expect(steps.filter((step) => step > 0)[0]).toBe(1);
    expect(second.version.backboneId).toBe(whole.backboneId);
  });

  test('begins anew where the checkpoint is of another network', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, { layers: 'last_block', hyperparameters: QUICK });
    const checkpoint = await brokenOff(run);
    expect((await stepsOf(run))[0]).toBe(3);
    const other = { ...checkpoint.network, blocks: checkpoint.network.blocks.slice(1) };
    const state = { ...freshState({ network: other }, initialState(other, 1)), step: 1 };
    const position = { ...checkpoint.position, best: null };
    const bytes = encodeCheckpoint(run, { ...checkpoint, network: other, state, position });
    await lab.blobs.put(checkpointKey(run.id), bytes, 'application/octet-stream');
    expect((await stepsOf(run))[0]).toBe(1);
  });

  test('begins anew where what its checkpoint started from is not installed any more', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, { layers: 'last_block', hyperparameters: QUICK });
    const checkpoint = await brokenOff(run);
    const start = { backboneId: 'of an earlier release', backboneKey: null };
    const snapshot = { ...checkpoint.snapshot, start };
    const bytes = encodeCheckpoint(run, { ...checkpoint, snapshot });
    await lab.blobs.put(checkpointKey(run.id), bytes, 'application/octet-stream');
    expect((await stepsOf(run))[0]).toBe(1);
  });

  test('draws a large dataset a few sketches at a time, and stops between them', async () => {
    const sketches = Array.from({ length: 300 }, (_, n) => ({
      strokes: handDrawn('robot', n),
      category: n % 2,
    }));
    const cancelled = new AbortController();
    setImmediate(() => cancelled.abort());
    const begin = { categories: 2, signal: cancelled.signal };
    expect(await failureOf(fineTuneStart(lab.starter, sketches, begin))).toMatchObject({
      name: 'AbortError',
    });
  });

  test('goes on when a checkpoint cannot be written', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, { layers: 'last_block', hyperparameters: QUICK });
    const ports = { blobs: fullFor('checkpoints/'), checkpointEveryMs: 0 };
    const { progress } = await attempt(run, { ports });
    expect(progress.phase).toBe('done');
  });

  test('fails with a clear reason and leaves nothing when the disk is full', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, {
      layers: 'last_block',
      hyperparameters: { ...QUICK, seed: 9 },
    });
    const before = await blobKeys();
    const error = await failureOf(attempt(run, { ports: { blobs: fullFor('backbones/') } }));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ message: expect.stringContaining('disk') as string });
    expect(await blobKeys()).toEqual(before);
    expect(await lab.stores.modelVersions.findPromoted(project.id)).toBeNull();
    const { rows } = await lab.database.pool.query(
      'select distinct v.backbone_id from embeddings v join examples e on e.id = v.example_id where e.project_id = $1',
      [project.id],
    );
    expect(rows).toEqual([{ backbone_id: lab.starter.backboneId }]);
  });

  test('fails with a clear reason when its loss is not a number any more', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, { layers: 'all', hyperparameters: QUICK });
    const diverging = {
      ...run,
      // Beyond what may be asked for: within the limits AdamW does not diverge so quickly.
      hyperparameters: { ...run.hyperparameters, weightDecay: 1, learningRate: 1, epochs: 400 },
    };
    const start = { ...lab.starter, state: withNaN(lab.starter.state) };
    const error = await failureOf(attempt(diverging, { ports: { starter: start } }));
    expect(error).toMatchObject({
      code: 'training_run.impossible',
      message: expect.stringContaining('learning rate') as string,
    });
    expect(await lab.stores.modelVersions.findPromoted(project.id)).toBeNull();
  });

  test('stops in the middle of an epoch when it is cancelled', async () => {
    const project = await taughtProject();
    const run = await claimedRun(project, {
      layers: 'all',
      hyperparameters: { ...QUICK, epochs: 1_000 },
    });
    const cancelled = new AbortController();
    let [abortedAt, lastStep] = [0, 0];
    const training = attempt(run, {
      signal: cancelled.signal,
      onProgress: ({ step }) => {
        lastStep = step;
        if (step !== 3) return;
        abortedAt = performance.now();
        cancelled.abort();
      },
    });
    expect(await failureOf(training)).toMatchObject({ name: 'AbortError' });
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    expect(lastStep).toBe(3);
  });

  test('ends early when it gets no better, with the best epoch it had', async () => {
    const project = await taughtProject(20);
    const run = await claimedRun(project, {
      layers: 'last_block',
      hyperparameters: { ...QUICK, epochs: 200, patience: 2, learningRate: 0.05 },
    });
    const { progress } = await attempt(run);
    const losses = progress.curve.map(({ validationLoss }) => validationLoss ?? NaN);
    expect(losses.length).toBeLessThan(200);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 3);
  });

  test('says which categories have too few examples', async () => {
    const project = await taughtProject(6);
    await lab.teach(project, 'robot', []);
    const few = await lab.createProject(['anchor', 'cat']);
    await lab.teach(few, 'anchor', [handDrawn('anchor', 1)]);
    const run = await claimedRun(few, { layers: 'all', hyperparameters: QUICK });
    const error = await failureOf(attempt(run));
    expect(error).toMatchObject({
      code: 'dataset.too_small',
      details: {
        missing: [
          { name: 'anchor', has: 1, needed: 5 },
          { name: 'cat', has: 0, needed: 5 },
        ],
      },
    });
  });
});

describe('examples that cannot be read', () => {
  test('are left out and counted, whatever is wrong with them', async () => {
    const project = await taughtProject(8);
    const [missing, corrupt, nonsense] = await lab.stores.examples.dataset(project.id);
    await lab.blobs.delete(missing?.strokesKey ?? '');
    await put(corrupt?.strokesKey, '{"strokes": [[[1, 2], [3]]]}');
    await put(nonsense?.strokesKey, 'not JSON');
    const run = await claimedRun(project, { layers: 'last_block', hyperparameters: QUICK });
    const { progress, version } = await attempt(run);
    expect(progress).toMatchObject({ examplesLeftOut: 3, examples: 24 });
    expect(version.metrics.trainingExamples).toBe(21);
  });

  test('matter to the head only where their embeddings are missing', async () => {
    const project = await taughtProject();
    const [first] = await lab.stores.examples.dataset(project.id);
    await lab.blobs.delete(first?.strokesKey ?? '');
    const kept = await trained(project, {});
    expect(kept.metrics.trainingExamples).toBe(18);
    await lab.database.pool.query('delete from embeddings');
    const run = await claimedRun(project);
    const { progress } = await attempt(run);
    expect(progress.examplesLeftOut).toBe(1);
    expect(await countEmbedded(project, lab.starter.backboneId)).toBe(17);
  });
});

describe('a served version that is not there any more', () => {
  const damaged = Uint8Array.of(1, 2, 3);
  const put = (key: string | null): Promise<unknown> =>
    lab.blobs.put(key ?? '', damaged, 'application/octet-stream');

  test.each<Layers>(['head', 'last_block'])(
    'does not keep the project from learning %s, where its head is damaged',
    async (layers) => {
      const project = await taughtProject();
      const served = await trained(project, {});
      await put(served.headKey);
      const next = await trained(project, { layers, hyperparameters: QUICK });
      expect(next).toMatchObject({ isPromoted: true, promotionReason: 'first_version' });
      expect(await accuracyOf(project)).toBeGreaterThan(0.8);
    },
  );

  test.each([
    ['damaged', put],
    ['gone', (key: string | null) => lab.blobs.delete(key ?? '')],
  ])('lets the head begin on the starter model, where its backbone is %s', async (_, spoil) => {
    const project = await taughtProject();
    const request = { layers: 'last_block', hyperparameters: QUICK } as const;
    const served = await trained(project, request);
    await spoil(served.backboneKey);
    const next = await trained(project, {});
    expect(next).toMatchObject({ isPromoted: true, backboneId: lab.starter.backboneId });
    expect(await accuracyOf(project)).toBeGreaterThan(0.8);
  });
});

describe('on a backbone of its own, a category of the starter model', () => {
  test('is not known until it has examples, and does not count for training', async () => {
    const project = await lab.createProject(['kite', 'cat']);
    const backbone = await tunedBackbone(lab.starter, 1);
    const { backboneKey } = await storeBackbone(lab, project, backbone);
    const known = (await lab.stores.categories.list(project.id)).map((each) => each.preTaught);
    expect(known).toEqual([false, true]);
    await promoteVersion(lab, project, { backbone, backboneKey });
    const now = (await lab.stores.categories.list(project.id)).map((each) => each.preTaught);
    expect(now).toEqual([false, false]);
    await lab.teach(project, 'kite', [handDrawn('kite', 1), handDrawn('kite', 2)]);
    const teachable = await lab.stores.trainingRuns.teachable(project.id, { kind: 'all' });
    expect(teachable.map(({ preTaught }) => preTaught)).toEqual([false, false]);
    const run = await claimedRun(project);
    expect(await failureOf(attempt(run))).toMatchObject({ code: 'dataset.too_small' });
  });
});

describe('a version that is made again', () => {
  test('does not replace what was learnt since, only the version that it is', async () => {
    const project = await taughtProject();
    const first = await trained(project, {});
    const same = await trained(project, { rebuildOf: first.id });
    expect(same).toMatchObject({ isPromoted: true });
    const again = await trained(project, { rebuildOf: first.id });
    expect(again).toMatchObject({ isPromoted: false, promotionReason: 'made_again' });
    const served = await lab.stores.modelVersions.findPromoted(project.id);
    expect(served?.id).toBe(same.id);
  });

  test('gets the same backbone from its snapshot, deleted examples and all', async () => {
    const project = await taughtProject();
    const request = { layers: 'last_block', hyperparameters: QUICK } as const;
    const version = await trained(project, request);
    const [first] = await lab.stores.examples.dataset(project.id);
    await lab.stores.examples.update(first?.id ?? '', { isDeleted: true });
    await lab.teach(project, 'kite', [handDrawn('kite', 27)]);
    const again = await trained(project, { ...request, rebuildOf: version.id });
    expect(again.backboneId).toBe(version.backboneId);
    expect(await lab.blobs.get(again.headKey)).toEqual(await lab.blobs.get(version.headKey));
    expect(again.metrics.accuracy).toBe(version.metrics.accuracy);
  });

  test('cannot be without the examples of a category, and nobody is told to draw more', async () => {
    const project = await taughtProject();
    const version = await trained(project, { layers: 'last_block', hyperparameters: QUICK });
    const kite = project.categories.get('kite')?.id;
    for (const { categoryId, strokesKey } of await lab.stores.examples.dataset(project.id))
      if (categoryId === kite) await lab.blobs.delete(strokesKey);
    const run = await claimedRun(project, { layers: 'last_block', rebuildOf: version.id });
    expect(await failureOf(attempt(run))).toMatchObject({
      code: 'model_version.not_rebuildable',
      message: expect.not.stringContaining('Draw') as string,
    });
  });

  test('cannot be without a snapshot', async () => {
    const project = await taughtProject();
    const version = await trained(project, {});
    await lab.blobs.delete(version.snapshotKey ?? '');
    const run = await claimedRun(project, { rebuildOf: version.id });
    expect(await failureOf(attempt(run))).toMatchObject({ code: 'model_version.not_rebuildable' });
  });
});

describe('the choice of data', () => {
  test('of new examples and a few old ones is learnt from, and no more', async () => {
    const project = await taughtProject();
    const first = await trained(project, {});
    expect(first.metrics.trainingExamples).toBe(18);
    await lab.teach(project, 'kite', [handDrawn('kite', 27), handDrawn('kite', 28)]);
    const second = await trained(project, {
      data: { kind: 'new_and_replay', replayPerCategory: 2 },
    });
    expect(second.metrics.trainingExamples).toBe(3 * 2 + 2);
  });
});

async function put(key: string | undefined, text: string): Promise<void> {
  await lab.blobs.put(key ?? '', new TextEncoder().encode(text), 'application/json');
}

async function blobKeys(): Promise<string[]> {
  return (await lab.blobs.list('')).map(({ key }) => key).sort();
}

/** A blob store whose disk is full for keys that begin so. */
function fullFor(prefix: string): BlobStore {
  return {
    ...lab.blobs,
    put: (key, bytes, contentType) => {
      if (!key.startsWith(prefix)) return lab.blobs.put(key, bytes, contentType);
      const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      return Promise.reject(new AppError('blobs.unavailable', 'Not now.', {}, { cause }));
    },
  };
}

function withNaN({ weights, statistics }: LearningLab['starter']['state']) {
  const spoilt = weights.slice();
  spoilt[0] = NaN;
  return { weights: spoilt, statistics };
}

async function countEmbedded({ id }: LabProject, backboneId: string): Promise<number> {
  const ids = (await lab.stores.examples.dataset(id)).map((example) => example.id);
  return (await lab.stores.examples.embeddingsOf(ids, backboneId)).length;
}
