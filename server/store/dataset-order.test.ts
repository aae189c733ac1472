import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExampleSource } from '../../shared/example.ts';
import { INITIAL_PROGRESS, type TrainingRun } from '../../shared/training-run.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { eventually } from '../../test/support/eventually.ts';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { Database } from './database.ts';
import type { Stores } from './stores.ts';

const MINUTE_MS = 60_000;
const BATCH = 3;

let opened: TestStores;
let database: Database;
let stores: Stores;
let projectId: string;
let categoryId: string;

beforeAll(async () => {
  opened = await openTestStores();
  ({ database, stores } = opened);
});

afterAll(() => opened.close());

beforeEach(async () => {
  await database.pool.query('delete from projects');
  projectId = await opened.createProject();
  const category = { projectId, name: 'anvil', starterName: null };
  ({ id: categoryId } = await stores.categories.create(category));
});

async function addBatch(source: ExampleSource): Promise<void> {
  await stores.examples.add(
    Array.from({ length: BATCH }, () => {
      const id = randomUUID();
      return {
        ...{ id, projectId, categoryId, authorId: null, source, canvasId: null, sketchId: null },
        ...{ predictedCategoryId: null, predictedConfidence: null, modelVersionId: null },
        ...{ contentHash: 'ab', strokesKey: `examples/${id}/strokes.json` },
        ...{ imageKey: `examples/${id}/image.png`, raster: new Uint8Array(4), backboneId: 'b' },
        embeddings: new Float32Array(2),
      };
    }),
  );
}

const request = {
  byHand: (): Promise<TrainingRun | null> => stores.trainingRuns.request(requested()),
  byStrategy: () => stores.trainingRuns.requestByStrategy(requested()),
  bySchedule: () => stores.trainingRuns.requestByStrategy(requested(), new Date(0)),
};

function requested() {
  const { data, leastExamples } = DEFAULT_STRATEGY;
  return {
    ...{ projectId, layers: 'head' as const, hyperparameters: { epochs: 1 }, rebuildOf: null },
    ...{ data, leastExamples },
  };
}

/** How many examples a run that is claimed now will see. */
async function countSeen(): Promise<number> {
  await stores.claims.claim('a', MINUTE_MS);
  return (await stores.examples.dataset(projectId)).length;
}

async function countNew(): Promise<number> {
  const since = await stores.trainingRuns.lastRequestedAt(projectId);
  return stores.examples.countSince(projectId, since);
}

/** Locks a row for as long as the task takes. */
async function whileLocked(
  table: 'categories' | 'projects',
  id: string,
  task: () => Promise<unknown>,
): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(`select 1 from ${table} where id = $1 for update`, [id]);
    await task();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Until so many wait for a lock. */
const waiting = (count: number) =>
  eventually(async () => {
    const { rows } = await database.pool.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(count);
  });

const cases = (['drawn', 'feedback'] as const).flatMap((source) =>
  (['byHand', 'byStrategy', 'bySchedule'] as const).map((how) => ({ source, how })),
);

test.each(cases)(
  'what is being added ($source) when a run is asked for ($how) is seen by it or counted as new',
  async ({ source, how }) => {
    const work: Promise<unknown>[] = [];
    let seen = Promise.resolve(0);
    await whileLocked('categories', categoryId, async () => {
      work.push(addBatch(source));
      await waiting(1);
      seen = request[how]().then(countSeen);
      await Promise.race([seen, waiting(2)]);
    });
    await Promise.all(work);
    expect((await seen) + (await countNew())).toBe(BATCH);
  },
);

test.each(['drawn', 'feedback'] as const)(
  'what waits to be added (%s) while a run is asked for is new, and the next run sees it',
  async (source) => {
    const work: Promise<unknown>[] = [];
    await whileLocked('projects', projectId, async () => {
      work.push(request.byHand());
      await waiting(1);
      work.push(addBatch(source));
      await waiting(2);
    });
    await Promise.all(work);
    expect(await countNew()).toBe(BATCH);
    await request.byHand();
    expect(await countNew()).toBe(0);
  },
);

test('examples of a batch join at the same time', async () => {
  await addBatch('drawn');
  const dataset = await stores.examples.dataset(projectId);
  expect(new Set(dataset.map(({ createdAt }) => createdAt)).size).toBe(1);
});

test('a run that ends waits for its project before it locks anything else', async () => {
  const run = await request.byHand();
  await stores.claims.claim('a', MINUTE_MS);
  const work: Promise<unknown>[] = [];
  await whileLocked('projects', projectId, async () => {
    work.push(stores.claims.succeed(finished(run?.id ?? '')));
    await waiting(1);
    const free = await database.pool.query(
      'select 1 from training_runs where id = $1 for update skip locked',
      [run?.id],
    );
    expect(free.rows).toHaveLength(1);
  });
  await Promise.all(work);
});

function finished(trainingRunId: string): Parameters<Stores['claims']['succeed']>[0] {
  const metrics = {
    ...{ accuracy: null, interval: null, macroAccuracy: null, top3: null },
    ...{ calibrationError: null, unknownShare: null, testExamples: 0, method: 'none' as const },
    ...{ trainingExamples: BATCH, perCategory: [], curve: [] },
  };
  return {
    ...{ trainingRunId, trainerId: 'a', promote: true, progress: INITIAL_PROGRESS },
    version: {
      ...{ backboneId: 'b', backboneKey: null, headKey: 'heads/1', snapshotKey: 'snapshots/1' },
      ...{ promotionReason: 'first_version', confusion: [], categories: [], metrics },
    },
  };
}
