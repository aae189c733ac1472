import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExampleSource } from '../../shared/example.ts';
import type { TrainingData, TrainingStrategyChange } from '../../shared/training-strategy.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { RunRequest } from '../domain/learning-ports.ts';
import type { Database } from './database.ts';
import type { Stores } from './stores.ts';

const MINUTE_MS = 60_000;

let opened: TestStores;
let database: Database;
let stores: Stores;
let projectId: string;

beforeAll(async () => {
  opened = await openTestStores();
  ({ database, stores } = opened);
});

afterAll(() => opened.close());

beforeEach(async () => {
  await database.pool.query('delete from projects');
  projectId = await opened.createProject();
});

function requestOf(change: Partial<RunRequest> = {}): RunRequest {
  return {
    ...{ projectId, layers: 'head', hyperparameters: { epochs: 1 }, rebuildOf: null },
    ...{ data: DEFAULT_STRATEGY.data, leastExamples: DEFAULT_STRATEGY.leastExamples },
    ...change,
  };
}

const byHand = (change?: Partial<RunRequest>) => stores.trainingRuns.request(requestOf(change));
const byStrategy = (change?: Partial<RunRequest>, notSince?: Date) =>
  stores.trainingRuns.requestByStrategy(requestOf(change), notSince);

const follow = (strategy: TrainingStrategyChange) =>
  stores.projects.update(projectId, { strategy });

async function addCategory(name: string, starterName: string | null = null): Promise<string> {
  return (await stores.categories.create({ projectId, name, starterName })).id;
}

async function addExamples(
  categoryId: string,
  count: number,
  from: { readonly source?: ExampleSource; readonly authorId?: string } = {},
): Promise<string[]> {
  const added = await stores.examples.add(
    Array.from({ length: count }, () => {
      const id = randomUUID();
      return {
        ...{ id, projectId, categoryId, authorId: null, source: 'api' as const, canvasId: null },
        ...{ sketchId: null, predictedCategoryId: null, predictedConfidence: null },
        ...{ modelVersionId: null, contentHash: 'ab', strokesKey: `examples/${id}/strokes.json` },
        ...{ imageKey: `examples/${id}/image.png`, raster: new Uint8Array(4), backboneId: 'b' },
        ...{ embeddings: new Float32Array(2), ...from },
      };
    }),
  );
  return added.map(({ id }) => id);
}

describe('a request of the strategy', () => {
  test('gives the settings of today to one that it made before', async () => {
    const first = await byStrategy();
    expect(await byStrategy({ layers: 'all', hyperparameters: { epochs: 2 } })).toMatchObject({
      ...{ id: first?.id, layers: 'all', hyperparameters: { epochs: 2 } },
    });
  });

  test('leaves one that was asked for by hand as it is, rebuilds too', async () => {
    const asked = await byHand({ layers: 'scratch', hyperparameters: { epochs: 9 } });
    expect(await byStrategy()).toEqual(asked);
    expect(await stores.trainingRuns.find(asked.id)).toEqual(asked);
  });

  test('gives way to one by hand, which then stays', async () => {
    const first = await byStrategy();
    const asked = await byHand({ layers: 'all' });
    expect(asked.id).toBe(first?.id);
    expect(await byStrategy()).toMatchObject({ layers: 'all' });
  });

  test('of twenty at once, by hand and not, makes one run as it was asked for by hand', async () => {
    const asked = await Promise.all([
      ...Array.from({ length: 10 }, () => byStrategy()),
      byHand({ layers: 'all' }),
      ...Array.from({ length: 9 }, () => byStrategy()),
    ]);
    expect(new Set(asked.map((run) => run?.id)).size).toBe(1);
    expect(await stores.trainingRuns.find(asked[0]?.id ?? '')).toMatchObject({ layers: 'all' });
  });

  test('for an unknown project is refused', async () => {
    const unknown = { projectId: randomUUID() };
    for (const request of [byStrategy(unknown), byStrategy(unknown, new Date(0))])
      await expect(request).rejects.toMatchObject({ code: 'project.unknown' });
  });
});

describe('a version that is made again', () => {
  async function addVersion(number: number): Promise<string> {
    const { rows } = await database.pool.query<{ id: string }>(
      `insert into model_versions
         (project_id, number, layers, backbone_id, head_key, categories, metrics)
       values ($1, $2, 'head', 'b', 'heads/of-a-test', '[]', '{}') returning id`,
      [projectId, number],
    );
    return rows[0]?.id ?? '';
  }

  const waiting = async () =>
    (await stores.trainingRuns.list(projectId, { limit: 10 })).items.filter(
      ({ state }) => state === 'queued',
    );

  test('waits beside the run of a correction, whichever was asked for first', async () => {
    const [first, second] = [await addVersion(1), await addVersion(2)];
    const correction = await byStrategy();
    const rebuild = await byHand({ rebuildOf: first });
    expect(await waiting()).toEqual([rebuild, correction]);
    await stores.claims.claim('a', MINUTE_MS);
    expect(await byStrategy()).toMatchObject({ rebuildOf: null, state: 'queued' });
    expect(await byHand({ rebuildOf: second })).toMatchObject({
      ...{ id: rebuild.id, rebuildOf: second },
    });
    expect(await waiting()).toMatchObject([{ rebuildOf: null }, { rebuildOf: second }]);
  });

  test('and a run of the dataset are trained one after the other, as they were asked for', async () => {
    const rebuild = await byHand({ rebuildOf: await addVersion(1) });
    const correction = await byStrategy();
    expect(await stores.claims.claim('a', MINUTE_MS)).toMatchObject({ id: rebuild.id });
    expect(await stores.claims.claim('b', MINUTE_MS)).toBeNull();
    await stores.claims.fail(rebuild.id, 'a', 'It was a test.');
    expect(await stores.claims.claim('b', MINUTE_MS)).toMatchObject({ id: correction?.id });
  });

  test('is cancelled without the run that waits beside it', async () => {
    const rebuild = await byHand({ rebuildOf: await addVersion(1) });
    const correction = await byStrategy();
    await stores.trainingRuns.cancel(rebuild.id);
    expect(await waiting()).toEqual([correction]);
    expect(await stores.claims.claim('a', MINUTE_MS)).toMatchObject({ id: correction?.id });
  });

  test('is not waited for once it is gone', async () => {
    const version = await addVersion(1);
    await byHand({ rebuildOf: version });
    const correction = await byStrategy();
    await database.pool.query('delete from model_versions where id = $1', [version]);
    expect(await waiting()).toEqual([correction]);
    await byHand({ rebuildOf: await addVersion(2) });
    await stores.projects.remove(projectId);
    expect(await waiting()).toEqual([]);
  });

  test('that another trainer is just taking keeps nobody from the next project', async () => {
    const rebuild = await byHand({ rebuildOf: await addVersion(1) });
    await byStrategy();
    const other = await opened.createProject('Animals');
    const next = await byHand({ projectId: other });
    const taking = await database.pool.connect();
    try {
      await taking.query('begin');
      await taking.query('select 1 from training_runs where id = $1 for update', [rebuild.id]);
      expect(await stores.claims.claim('a', MINUTE_MS)).toMatchObject({ id: next.id });
    } finally {
      await taking.query('rollback');
      taking.release();
    }
  });
});

describe('a request of a schedule', () => {
  test('by several servers at once makes one run, though trainers take it at once', async () => {
    const hourAgo = new Date(Date.now() - 60 * MINUTE_MS);
    const server = async (name: string) => {
      const run = await byStrategy({}, hourAgo);
      await stores.claims.claim(name, MINUTE_MS);
      return run;
    };
    const runs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(server));
    expect(runs.filter((run) => run !== null)).toHaveLength(1);
    const { items } = await stores.trainingRuns.list(projectId, { limit: 10 });
    expect(items).toMatchObject([{ state: 'running' }]);
  });
});

describe('a schedule', () => {
  const due = (minutes: number) =>
    stores.trainingRuns.dueOnSchedule(new Date(Date.now() + minutes * MINUTE_MS));

  async function run(): Promise<string> {
    const asked = await byStrategy();
    await stores.claims.claim('a', MINUTE_MS);
    await stores.claims.fail(asked?.id ?? '', 'a', 'It was a test.');
    return asked?.id ?? '';
  }

  beforeEach(() => follow({ when: { kind: 'on_schedule', everyMinutes: 10 } }));

  test('is due at once where nothing was ever trained', async () => {
    expect(await due(0)).toEqual([projectId]);
  });

  test('is due for new examples, after its time', async () => {
    await run();
    expect(await due(11)).toEqual([]);
    await addExamples(await addCategory('cat'), 1);
    expect(await due(9)).toEqual([]);
    expect(await due(11)).toEqual([projectId]);
  });

  test('is due for a change that no example tells of', async () => {
    await run();
    await stores.trainingRuns.datasetChanged(projectId);
    expect(await due(11)).toEqual([projectId]);
    await run();
    expect(await due(11)).toEqual([]);
    await stores.trainingRuns.datasetChanged(randomUUID());
  });

  test('is put off by a run that was cancelled, and then due again', async () => {
    await addExamples(await addCategory('cat'), 1);
    const asked = await byStrategy();
    await stores.trainingRuns.cancel(asked?.id ?? '');
    expect(await due(9)).toEqual([]);
    expect(await due(11)).toEqual([projectId]);
  });

  test('that was given up is never due', async () => {
    await follow({ when: { kind: 'by_hand' } });
    expect(await due(100_000)).toEqual([]);
  });
});

describe('what can be taught', () => {
  const counts = async (data: TrainingData): Promise<number[]> =>
    (await stores.trainingRuns.teachable(projectId, data)).map(({ examples }) => examples);

  test('counts the examples that train, in the order of the categories', async () => {
    const anvil = await addCategory('anvil');
    await addCategory('cat', 'cat');
    const [first = ''] = await addExamples(anvil, 20);
    await stores.examples.update(first, { isDeleted: true });
    expect(await stores.trainingRuns.teachable(projectId, { kind: 'all' })).toEqual([
      // Of 20, the first 8, 8 of the next ten and the last two train; one was deleted.
      { name: 'anvil', preTaught: false, examples: 17 },
      { name: 'cat', preTaught: true, examples: 0 },
    ]);
    expect(await stores.trainingRuns.teachable(randomUUID(), { kind: 'all' })).toEqual([]);
    expect(await stores.trainingRuns.teachable('x', { kind: 'all' })).toEqual([]);
  });

  test('counts what the strategy chooses', async () => {
    const anvil = await addCategory('anvil');
    const { id: authorId } = await stores.participants.create({
      ...{ nickname: 'Quiet Fox', color: '#0b7fab' },
    });
    await addExamples(anvil, 3, { source: 'feedback', authorId });
    await addExamples(anvil, 2);
    expect(await counts({ kind: 'sources', sources: ['feedback', 'drawn'] })).toEqual([3]);
    expect(await counts({ kind: 'authors', authorIds: [authorId] })).toEqual([3]);
    expect(await counts({ kind: 'authors', authorIds: [randomUUID()] })).toEqual([0]);
    expect(await counts({ kind: 'new_and_replay', replayPerCategory: 0 })).toEqual([5]);
  });

  test('counts what is new since the served version, and what is replayed', async () => {
    const anvil = await addCategory('anvil');
    await addExamples(anvil, 4);
    const versions = await database.pool.query<{ id: string }>(
      `insert into model_versions
         (project_id, number, layers, backbone_id, head_key, categories, metrics)
       values ($1, 1, 'head', 'b', 'heads/1', '[]', '{}') returning id`,
      [projectId],
    );
    await stores.modelVersions.promote(versions.rows[0]?.id ?? '');
    await addExamples(anvil, 2);
    expect(await counts({ kind: 'new_and_replay', replayPerCategory: 3 })).toEqual([5]);
    expect(await counts({ kind: 'new_and_replay', replayPerCategory: 0 })).toEqual([2]);
    expect(await counts({ kind: 'all' })).toEqual([6]);
  });
});

describe('a strategy', () => {
  test('keeps both of two changes that are made at the same time', async () => {
    const changed = await Promise.all([
      follow({ layers: 'all' }),
      follow({ leastExamples: { head: 2, backbone: 9 } }),
      follow({ hyperparameters: { epochs: 7 } }),
      stores.projects.update(projectId, { name: 'Forms' }),
    ]);
    expect(changed).toHaveLength(4);
    expect(await stores.projects.find(projectId)).toMatchObject({
      name: 'Forms',
      strategy: {
        ...DEFAULT_STRATEGY,
        ...{
          layers: 'all',
          leastExamples: { head: 2, backbone: 9 },
          hyperparameters: { epochs: 7 },
        },
      },
    });
  });
});
