import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../server/store/database.ts';
import { openStores } from '../server/store/stores.ts';
import type { Category } from '../shared/category.ts';
import type { Feedback } from '../shared/feedback.ts';
import { Layers } from '../shared/hyperparameters.ts';
import type { ModelVersion } from '../shared/model-version.ts';
import type { Prediction } from '../shared/prediction.ts';
import type { Canvas, Project } from '../shared/project.ts';
import type { TrainingRun } from '../shared/training-run.ts';
import type { TrainingStrategyChange } from '../shared/training-strategy.ts';
import { eventually } from './support/eventually.ts';
import type { HandDrawnCategory } from './support/hand-drawn.ts';
import { handDrawn } from './support/hand-drawn.ts';
import type { HttpSession } from './support/http-session.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { TestApp } from './support/start-app.ts';
import { startTestApp } from './support/start-app.ts';
import { startTrainerFor } from './support/start-trainer.ts';
import { addExamples } from './support/teaching.ts';

const MINUTE_MS = 60_000;
const NAMES: readonly HandDrawnCategory[] = ['anchor', 'ghost', 'rocket'];

let app: TestApp;
let trainer: Awaited<ReturnType<typeof startTrainerFor>>;
let ann: HttpSession;
/** How far the clock of the schedules is ahead. */
let aheadMs = 0;

beforeAll(async () => {
  const now = (): Date => new Date(Date.now() + aheadMs);
  app = await startTestApp({}, { schedule: { everyMs: 50, now } });
  trainer = await startTrainerFor(app);
  ann = app.guest();
});

afterAll(async () => {
  await trainer.stop();
  await app.stop();
});

interface Taught {
  readonly project: Project;
  readonly canvas: Canvas;
  readonly categories: readonly Category[];
}

/** A project of its own with so many drawings of each category, that nobody has trained yet. */
async function teach(perCategory: number, strategy: TrainingStrategyChange): Promise<Taught> {
  const project = await ann.post<Project>('/projects', { name: 'Strategy' });
  await follow(project, { when: { kind: 'by_hand' } });
  const { items } = await ann.get<{ items: Canvas[] }>(`/projects/${project.id}/canvases`);
  const [canvas] = items;
  if (!canvas) throw new Error('A new project has no canvas.');
  const categories: Category[] = [];
  for (const name of NAMES)
    categories.push(await ann.post<Category>(`/projects/${project.id}/categories`, { name }));
  const taught = { project, canvas, categories };
  await draw(taught, perCategory);
  expect(await runsOf(project)).toEqual([]);
  await follow(project, strategy);
  return taught;
}

/** So many more drawings of each category, in one request. */
async function draw({ project, categories }: Taught, perCategory: number): Promise<void> {
  const drawings = categories.flatMap(({ id: categoryId, name }) =>
    Array.from({ length: perCategory }, (_, n) => ({
      categoryId,
      strokes: handDrawn(name as HandDrawnCategory, n),
    })),
  );
  await addExamples(ann, project.id, drawings);
}

const follow = (project: Project, strategy: TrainingStrategyChange): Promise<Project> =>
  ann.patch<Project>(`/projects/${project.id}`, { strategy });

async function runsOf({ id }: Project): Promise<TrainingRun[]> {
  return (await ann.get<{ items: TrainingRun[] }>(`/projects/${id}/training-runs`)).items;
}

/** The only run of a project, once it has succeeded; its version serves. */
async function onlyRunServes({ project }: Taught): Promise<TrainingRun> {
  const run = await eventually(async () => {
    const runs = await runsOf(project);
    expect(runs).toMatchObject([{ state: 'succeeded' }]);
    const [only] = runs;
    if (!only) throw new Error('There is no run.');
    return only;
  }, 60_000);
  await eventually(async () => {
    const prediction = await judge(project, 'ghost');
    expect(prediction.modelVersion).toBe(run.modelVersionId);
    expect(prediction.scores[0]?.name).toBe('ghost');
  });
  return run;
}

/** What the project takes a drawing for that it was not taught. */
function judge(project: Project, name: HandDrawnCategory): Promise<Prediction> {
  const path = `/projects/${project.id}/predictions`;
  return ann.post<Prediction>(path, { strokes: handDrawn(name, 25) });
}

describe('a project that is trained', () => {
  test('by hand learns when somebody asks', async () => {
    const taught = await teach(2, { when: { kind: 'by_hand' } });
    await draw(taught, 1);
    expect(await runsOf(taught.project)).toEqual([]);
    await ann.post(`/projects/${taught.project.id}/training-runs`);
    expect(await onlyRunServes(taught)).toMatchObject({
      layers: 'head',
      progress: { examples: 9 },
    });
  });

  test('after corrections learns from one, not from other examples', async () => {
    const taught = await teach(2, { when: { kind: 'after_correction' } });
    await draw(taught, 1);
    expect(await runsOf(taught.project)).toEqual([]);
    const feedback = await correct(taught, 'rocket');
    expect(await onlyRunServes(taught)).toMatchObject({
      id: feedback.trainingRunId,
      progress: { examples: 10 },
    });
  });

  test('after n examples learns from the n-th', async () => {
    const taught = await teach(1, { when: { kind: 'after_examples', examples: 9 } });
    await draw(taught, 1);
    expect(await runsOf(taught.project)).toEqual([]);
    await draw(taught, 1);
    expect(await onlyRunServes(taught)).toMatchObject({ progress: { examples: 9 } });
  });

  test('on a schedule learns when it is time, and only if there is something new', async () => {
    const taught = await teach(2, { when: { kind: 'on_schedule', everyMinutes: 10 } });
    const first = await onlyRunServes(taught);
    aheadMs += 11 * MINUTE_MS;
    // A schedule that has been looked at, and asked for nothing, is seen by another that asks.
    const other = await teach(2, { when: { kind: 'on_schedule', everyMinutes: 10 } });
    await onlyRunServes(other);
    expect(await runsOf(taught.project)).toMatchObject([{ id: first.id }]);
    await draw(taught, 1);
    await eventually(async () => {
      expect(await runsOf(taught.project)).toMatchObject([{ state: 'succeeded' }, first]);
    }, 60_000);
  });

  test('by itself is not, while it lacks examples, and says what is missing', async () => {
    const when = { kind: 'after_examples', examples: 1 } as const;
    const taught = await teach(1, { when, leastExamples: { head: 3, backbone: 5 } });
    await draw(taught, 1);
    expect(await runsOf(taught.project)).toEqual([]);
    const needs = await ann.get(`/projects/${taught.project.id}/training-needs`);
    expect(needs).toMatchObject({ missing: NAMES.map((name) => ({ name, has: 2, needed: 3 })) });
    await draw(taught, 1);
    await onlyRunServes(taught);
  });
});

describe('a project of which is trained', () => {
  test.each(Layers.options)('%s learns so, and serves what it has learnt', async (layers) => {
    const hyperparameters = layers === 'head' ? {} : { epochs: 8, batchSize: 8, seed: 5 };
    const taught = await teach(6, { layers, hyperparameters });
    await ann.post(`/projects/${taught.project.id}/training-runs`);
    const run = await onlyRunServes(taught);
    expect(run).toMatchObject({ layers, hyperparameters, progress: { phase: 'done' } });
    const version = await ann.get<ModelVersion>(`/model-versions/${run.modelVersionId ?? ''}`);
    expect(version).toMatchObject({ layers, hyperparameters, promotionReason: 'first_version' });
  });
});

describe('a version that the guard holds back', () => {
  test('is there, says why, does not serve, and serves when the owner says so', async () => {
    const taught = await teach(2, {});
    const { project } = taught;
    await ann.post(`/projects/${project.id}/training-runs`);
    const { modelVersionId } = await onlyRunServes(taught);
    const heldBack = await makeHeldBack(project, modelVersionId ?? '');
    const version = await ann.get<ModelVersion>(`/model-versions/${heldBack}`);
    expect(version).toMatchObject({ isPromoted: false, promotionReason: 'worse_overall' });
    expect(await ann.get(`/projects/${project.id}`)).toMatchObject({ modelVersionId });
    expect((await judge(project, 'anchor')).modelVersion).toBe(modelVersionId);
    await ann.post(`/model-versions/${heldBack}/promote`);
    expect((await judge(project, 'anchor')).modelVersion).toBe(heldBack);
    await ann.post(`/model-versions/${modelVersionId ?? ''}/promote`);
    expect((await judge(project, 'anchor')).modelVersion).toBe(modelVersionId);
  });
});

/** Draws a sketch on the canvas and says what it shows. */
async function correct({ canvas, categories }: Taught, name: string): Promise<Feedback> {
  const bob = await ScriptedParticipant.join(app.guest(), canvas.id);
  onTestFinished(() => bob.close());
  const [drawn] = await bob.draw(handDrawn('rocket', 7), { pace: 0 });
  const category = categories.find((one) => one.name === name);
  return eventually(() =>
    bob.session.post<Feedback>(
      `/canvases/${canvas.id}/sketches/${drawn?.sketchId ?? ''}/feedback`,
      {
        ...{ verdict: 'wrong', categoryId: category?.id, addToDataset: true },
        ...{ sketchRevision: 0, modelVersion: null },
      },
    ),
  );
}

/** Ends a run of the project as a trainer does whose guard found the new version to be worse. */
async function makeHeldBack(project: Project, like: string): Promise<string> {
  const database = await openDatabase(app.databaseUrl);
  onTestFinished(() => database.close());
  const { claims, modelVersions } = openStores(database);
  const version = await modelVersions.find(like);
  if (!version) throw new Error('There is no such version.');
  await trainer.stop();
  const { id } = await ann.post<TrainingRun>(`/projects/${project.id}/training-runs`);
  const run = await claims.claim('test', MINUTE_MS);
  expect(run).toMatchObject({ id });
  const made = await claims.succeed({
    ...{ trainingRunId: id, trainerId: 'test', promote: false },
    progress: { ...(await ann.get<TrainingRun>(`/training-runs/${id}`)).progress, phase: 'done' },
    version: {
      ...version,
      ...{ snapshotKey: version.snapshotKey ?? '', promotionReason: 'worse_overall' },
      confusion: [],
    },
  });
  trainer = await startTrainerFor(app);
  return made.id;
}
