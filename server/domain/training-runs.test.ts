import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_HYPERPARAMETERS } from '../../shared/hyperparameters.ts';
import type { ExampleSource } from '../../shared/example.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { TrainingStrategyChange } from '../../shared/training-strategy.ts';
import type { BuiltDomain } from '../../test/support/build-domain.ts';
import { buildDomain, lineSketch, unknownId } from '../../test/support/build-domain.ts';
import type { ModelVersionRecord } from './learning-ports.ts';

let built: BuiltDomain;
let ann: string;
let bob: string;
let projectId: string;

beforeEach(async () => {
  built = buildDomain();
  [ann, bob] = [await built.guest(), await built.guest()];
  ({ id: projectId } = await built.domain.projects.create(ann, 'Shapes'));
});

const create = async (name: string): Promise<string> =>
  (await built.domain.categories.create(ann, projectId, name)).id;
const runs = () => [...built.tables.trainingRuns.values()];
const queued = () => runs().filter(({ state }) => state === 'queued');
const follow = (strategy: TrainingStrategyChange) =>
  built.domain.projects.change(ann, projectId, { strategy });
const request = (settings = {}) => built.domain.trainingRuns.request(ann, projectId, settings);

async function send(categoryId: string, count = 1, source: ExampleSource = 'api') {
  const offered = Array.from({ length: count }, () => ({ categoryId, strokes: lineSketch() }));
  const nowhere = { canvasId: null, sketchId: null, modelVersionId: null };
  return built.domain.examples.add(offered, {
    ...{ projectId, authorId: ann, source, ...nowhere },
    ...{ predictedCategoryId: null, predictedConfidence: null },
  });
}

/** Two categories with so many examples, and no run left over from making them. */
async function taught(perCategory: number, strategy: TrainingStrategyChange): Promise<string> {
  await follow({ when: { kind: 'by_hand' } });
  const [anvil, kite] = [await create('anvil'), await create('kite')];
  await send(anvil, perCategory);
  await send(kite, perCategory);
  await follow(strategy);
  return anvil;
}

function take(run: TrainingRun | null): void {
  const row = built.tables.trainingRuns.get(run?.id ?? '');
  if (!row) throw new Error('There is no such run.');
  built.tables.trainingRuns.set(row.id, { ...row, state: 'running' });
}

describe('a run that is asked for by hand', () => {
  test('takes what it does not say from the strategy, and the rest from the defaults', async () => {
    await taught(5, {
      when: { kind: 'by_hand' },
      layers: 'last_block',
      data: { kind: 'sources', sources: ['api'] },
      leastExamples: { head: 1, backbone: 4 },
      hyperparameters: { epochs: 12, seed: 7 },
    });
    expect(await request({ hyperparameters: { seed: 9, batchSize: undefined } })).toMatchObject({
      layers: 'last_block',
      data: { kind: 'sources', sources: ['api'] },
      leastExamples: { head: 1, backbone: 4 },
      hyperparameters: { ...DEFAULT_HYPERPARAMETERS.last_block, epochs: 12, seed: 9 },
      rebuildOf: null,
    });
  });

  test.each(['head', 'last_block', 'all', 'scratch'] as const)('trains %s', async (layers) => {
    await taught(5, {});
    expect(await request({ layers })).toMatchObject({
      layers,
      hyperparameters: DEFAULT_HYPERPARAMETERS[layers],
    });
  });

  test('of other layers than the strategy’s takes only its seed and minutes', async () => {
    const quick = { learningRate: 0.1, epochs: 60, augmentation: 0, maxMinutes: 3, seed: 7 };
    await taught(5, { layers: 'head', hyperparameters: quick });
    expect(await request({ layers: 'all' })).toMatchObject({
      hyperparameters: { ...DEFAULT_HYPERPARAMETERS.all, maxMinutes: 3, seed: 7 },
    });
    expect(await request({ layers: 'head' })).toMatchObject({ hyperparameters: quick });
    const own = { learningRate: 0.001 };
    expect(await request({ layers: 'all', hyperparameters: own })).toMatchObject({
      hyperparameters: { ...DEFAULT_HYPERPARAMETERS.all, ...own, maxMinutes: 3, seed: 7 },
    });
  });

  test('twice is one queued run with the newest settings', async () => {
    await taught(5, {});
    const first = await request({ layers: 'all' });
    const second = await request({ hyperparameters: { epochs: 3 } });
    expect(second).toMatchObject({ id: first.id, layers: 'head', hyperparameters: { epochs: 3 } });
  });

  test('is refused while there is nothing to tell apart', async () => {
    const anvil = await create('anvil');
    await send(anvil);
    expect(runs()).toEqual([]);
    await expect(request()).rejects.toMatchObject({
      code: 'dataset.too_small',
      message: expect.stringContaining('two categories'),
      details: { known: 1, needed: 2 },
    });
  });

  test('of more than the head needs examples of every category, and says which lack', async () => {
    const anvil = await taught(5, {});
    await create('cat');
    await built.domain.examples.remove(ann, firstExampleOf(anvil));
    await expect(request({ layers: 'all' })).rejects.toMatchObject({
      code: 'dataset.too_small',
      message: expect.stringContaining('Draw 1 more of “anvil” and 5 more of “cat”.'),
      details: {
        layers: 'all',
        missing: [
          { name: 'anvil', has: 4, needed: 5 },
          { name: 'cat', has: 0, needed: 5 },
        ],
      },
    });
    expect(await request({ layers: 'head' })).toMatchObject({ state: 'queued' });
  });

  test('counts only the examples that the strategy chooses', async () => {
    await taught(5, { data: { kind: 'sources', sources: ['feedback'] } });
    await expect(request({ layers: 'scratch' })).rejects.toMatchObject({
      message: expect.stringMatching(/strategy chooses count\.$/),
      details: { missing: [{ has: 0 }, { has: 0 }] },
    });
  });

  test('is not for viewers and strangers', async () => {
    await taught(1, {});
    await expect(built.domain.trainingRuns.request(bob, projectId, {})).rejects.toMatchObject({
      code: 'access.denied',
    });
  });

  test('is cancelled once', async () => {
    await taught(1, {});
    const run = await request();
    expect(await built.domain.trainingRuns.cancel(ann, run.id)).toMatchObject({
      state: 'cancelled',
    });
    await expect(built.domain.trainingRuns.cancel(ann, run.id)).rejects.toMatchObject({
      code: 'training_run.finished',
    });
  });
});

describe('the needs of a project', () => {
  test('are told for the layers of the strategy, or those asked about', async () => {
    await taught(2, { layers: 'all' });
    const needs = (layers?: 'head') => built.domain.trainingRuns.needs(ann, projectId, layers);
    expect(await needs()).toMatchObject({ layers: 'all', missing: [{ has: 2, needed: 5 }, {}] });
    expect(await needs('head')).toEqual({ layers: 'head', missing: [], reason: null });
    await expect(built.domain.trainingRuns.needs(bob, projectId)).rejects.toMatchObject({
      code: 'access.denied',
    });
  });
});

describe('a strategy', () => {
  test('by default trains the head after each example, once queued however many come', async () => {
    await create('anvil');
    const cat = await create('cat');
    await send(cat);
    await send(await create('kite'), 3);
    expect(runs()).toMatchObject([{ state: 'queued', layers: 'head' }]);
  });

  test('that waits for examples waits for so many', async () => {
    const anvil = await taught(1, {});
    take(await request());
    await follow({ when: { kind: 'after_examples', examples: 3 } });
    await send(anvil, 2);
    expect(queued()).toHaveLength(0);
    await send(anvil);
    expect(queued()).toHaveLength(1);
  });

  test('that waits for corrections does not follow other examples', async () => {
    const anvil = await taught(1, { when: { kind: 'after_correction' } });
    expect((await send(anvil)).trainingRun).toBeNull();
    expect((await send(anvil, 1, 'feedback')).trainingRun).toMatchObject({ state: 'queued' });
  });

  test('by hand is by hand only', async () => {
    const anvil = await taught(1, { when: { kind: 'by_hand' } });
    await send(anvil, 3, 'feedback');
    await create('cat');
    expect(runs()).toEqual([]);
  });

  test.each(['last_block', 'all', 'scratch'] as const)('trains %s by itself', async (layers) => {
    const anvil = await taught(5, { when: { kind: 'after_correction' }, layers });
    expect((await send(anvil, 1, 'feedback')).trainingRun).toMatchObject({ layers });
  });

  test('asks for no run that could only fail', async () => {
    const anvil = await taught(3, { when: { kind: 'after_correction' }, layers: 'all' });
    expect((await send(anvil, 1, 'feedback')).trainingRun).toBeNull();
    await follow({ leastExamples: { head: 1, backbone: 3 } });
    expect((await send(anvil, 1, 'feedback')).trainingRun).toMatchObject({ layers: 'all' });
  });

  test('makes the head anew at once when categories change, but nothing that takes minutes', async () => {
    const anvil = await taught(5, { when: { kind: 'after_correction' } });
    await built.domain.categories.change(ann, anvil, { name: 'hammer' });
    expect(queued()).toHaveLength(1);
    take(queued()[0] ?? null);
    await follow({ layers: 'all', when: { kind: 'after_correction' } });
    await built.domain.categories.change(ann, anvil, { name: 'anvil' });
    expect(queued()).toHaveLength(0);
  });

  test('that was changed counts for the run that waits', async () => {
    const anvil = await taught(5, { when: { kind: 'after_correction' } });
    await send(anvil, 1, 'feedback');
    await follow({ layers: 'last_block', hyperparameters: { epochs: 4 } });
    await send(anvil, 1, 'feedback');
    expect(queued()).toMatchObject([{ layers: 'last_block', hyperparameters: { epochs: 4 } }]);
  });

  test('does not take away what somebody has asked for by hand', async () => {
    const anvil = await taught(5, { when: { kind: 'after_examples', examples: 1 } });
    const byHand = await request({ layers: 'all', hyperparameters: { epochs: 9 } });
    const { trainingRun } = await send(anvil);
    expect(trainingRun).toMatchObject({ id: byHand.id });
    expect(queued()).toMatchObject([{ layers: 'all', hyperparameters: { epochs: 9 } }]);
  });
});

describe('a schedule', () => {
  const MINUTE_MS = 60_000;
  const after = (minutes: number): Date => new Date(minutes * MINUTE_MS);
  const due = (minutes: number) => built.domain.trainingRuns.dueOnSchedule(after(minutes));
  const ask = (minutes: number) =>
    built.domain.trainingRuns.requestOnSchedule(projectId, after(minutes));
  const hourly = { when: { kind: 'on_schedule', everyMinutes: 60 } } as const;

  test('is due when the dataset has changed, and not before its time', async () => {
    const anvil = await taught(1, hourly);
    expect(await due(0)).toEqual([projectId]);
    built.tables.now = after(0);
    take(await ask(0));
    expect(await due(60)).toEqual([]);
    expect((await send(anvil)).trainingRun).toBeNull();
    expect(await due(59)).toEqual([]);
    expect(await due(60)).toEqual([projectId]);
  });

  test('asks once, though two servers look at the same time', async () => {
    await taught(1, hourly);
    built.tables.now = after(90);
    const first = await ask(90);
    take(first);
    expect(first).toMatchObject({ layers: 'head' });
    expect(await ask(90)).toBeNull();
    expect(runs()).toHaveLength(1);
  });

  test('asks for nothing that cannot be trained, nor once it has been given up', async () => {
    await taught(1, { ...hourly, layers: 'all' });
    expect(await ask(0)).toBeNull();
    await follow({ layers: 'head', when: { kind: 'by_hand' } });
    expect(await ask(0)).toBeNull();
    await built.domain.projects.remove(ann, projectId);
    expect(await ask(0)).toBeNull();
    expect(runs()).toEqual([]);
  });
});

describe('a version that is made again', () => {
  const rebuild = (id: string, who = ann) => built.domain.trainingRuns.rebuild(who, id);

  function storeVersion(change: Partial<ModelVersionRecord> = {}): string {
    const id = unknownId();
    const metrics = {
      ...{ accuracy: null, interval: null, macroAccuracy: null, top3: null },
      ...{ calibrationError: null, unknownShare: null, testExamples: 0, method: 'none' as const },
      ...{ trainingExamples: 4, perCategory: [], curve: [] },
    };
    built.tables.modelVersions.set(id, {
      ...{ id, projectId, number: 1, layers: 'all', hyperparameters: { epochs: 6, seed: 3 } },
      ...{ data: { kind: 'authors' as const, authorIds: [ann] }, trainingRunId: null },
      ...{ isPromoted: true, promotionReason: 'first_version' as const, categories: [], metrics },
      ...{ createdAt: new Date(0).toISOString(), backboneId: 'b', backboneKey: null },
      ...{ headKey: 'heads/1', snapshotKey: 'snapshots/1', ...change },
    });
    return id;
  }

  test('takes its own settings, whatever the strategy is by now', async () => {
    await follow({ layers: 'head', hyperparameters: { epochs: 99, learningRate: 0.5 } });
    const id = storeVersion();
    expect(await rebuild(id)).toMatchObject({
      layers: 'all',
      rebuildOf: id,
      data: { kind: 'authors', authorIds: [ann] },
      hyperparameters: { ...DEFAULT_HYPERPARAMETERS.all, epochs: 6, seed: 3 },
    });
    expect((await rebuild(id)).id).toBe(queued()[0]?.id);
  });

  test('does not take the place of the run of a correction, nor that of it', async () => {
    const anvil = await taught(5, { when: { kind: 'after_correction' } });
    const { trainingRun: before } = await send(anvil, 1, 'feedback');
    await rebuild(storeVersion());
    const { trainingRun: after } = await send(anvil, 1, 'feedback');
    expect(before?.rebuildOf).toBeNull();
    expect(after?.id).toBe(before?.id);
    expect(queued()).toHaveLength(2);
  });

  test('is refused in words when no dataset was kept with it', async () => {
    await expect(rebuild(storeVersion({ snapshotKey: null }))).rejects.toMatchObject({
      code: 'model_version.not_rebuildable',
      message: expect.stringMatching(/Promote it to go back to it/),
    });
    await expect(rebuild(unknownId())).rejects.toMatchObject({ code: 'model_version.unknown' });
  });

  test('is refused in words when a category it learnt was deleted with its examples', async () => {
    const anvil = await taught(5, { when: { kind: 'by_hand' } });
    const categories = [{ id: anvil, name: 'anvil' }];
    const [whole, head] = [
      storeVersion({ categories }),
      storeVersion({ layers: 'head', categories }),
    ];
    expect(await rebuild(whole)).toMatchObject({ rebuildOf: whole });
    await built.domain.categories.remove(ann, anvil);
    await expect(rebuild(whole)).rejects.toMatchObject({
      code: 'model_version.not_rebuildable',
      message: expect.stringMatching(/were deleted since.*“anvil”.*cannot be made again exactly/),
    });
    expect(await rebuild(head)).toMatchObject({ rebuildOf: head });
  });

  test('is for the owner alone', async () => {
    const { items } = await built.domain.canvases.list(ann, projectId, { limit: 1 });
    await built.domain.canvases.open(bob, items[0]?.id ?? '');
    await expect(rebuild(storeVersion(), bob)).rejects.toMatchObject({ code: 'access.denied' });
  });

  test('does not count as learning what came since', async () => {
    const anvil = await taught(1, { when: { kind: 'after_examples', examples: 2 } });
    take(await request());
    await send(anvil);
    take(await rebuild(storeVersion()));
    await send(anvil);
    expect(queued()).toHaveLength(1);
  });
});

function firstExampleOf(categoryId: string): string {
  const found = [...built.tables.examples.values()].find((row) => row.categoryId === categoryId);
  return found?.id ?? '';
}
