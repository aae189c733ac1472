import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Layers } from '../../shared/hyperparameters.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { FinishedRun } from '../domain/learning-ports.ts';
import type { Database } from './database.ts';
import type { Stores } from './stores.ts';

const LEASE_MS = 60_000;
/** A lease that has run out when it is given. */
const NO_LEASE_MS = -1;

let opened: TestStores;
let database: Database;
let stores: Stores;
let projectId: string;

beforeAll(async () => {
  opened = await openTestStores();
  ({ database, stores } = opened);
});

afterAll(() => opened.close());

// The queue is one for all projects, so each test begins with an empty one.
beforeEach(async () => {
  await database.pool.query('delete from projects');
  projectId = await opened.createProject();
});

function request(of = projectId, epochs = 100, layers: Layers = 'head') {
  return stores.trainingRuns.request({
    projectId: of,
    layers,
    hyperparameters: { epochs },
    data: { kind: 'all' },
    leastExamples: { head: 1, backbone: 5 },
    rebuildOf: null,
  });
}

const progress = {
  ...INITIAL_PROGRESS,
  phase: 'training',
  epoch: 3,
  epochs: 9,
  loss: 0.5,
} as const;

function finished(trainingRunId: string, change: Partial<FinishedRun> = {}): FinishedRun {
  return {
    trainingRunId,
    trainerId: 'a',
    progress: { ...progress, phase: 'done' },
    promote: true,
    version: {
      backboneId: 'starter-1',
      backboneKey: null,
      headKey: `heads/${trainingRunId}.bin`,
      snapshotKey: `snapshots/${trainingRunId}.json`,
      promotionReason: 'first_version',
      confusion: [],
      categories: [{ id: randomUUID(), name: 'cat' }],
      metrics: {
        accuracy: null,
        testExamples: 0,
        method: 'none',
        trainingExamples: 5,
        ...{ interval: null, macroAccuracy: null, top3: null, calibrationError: null },
        ...{ unknownShare: null, curve: [] },
        perCategory: [],
      },
    },
    ...change,
  };
}

async function giveBack(trainingRunId: string, hasAdvanced = false): Promise<void> {
  await stores.claims.giveBack({ trainingRunId, trainerId: 'a', hasAdvanced });
}

describe('a request for a training run', () => {
  test('waits in the queue', async () => {
    const run = await request();
    expect(run).toMatchObject({ projectId, state: 'queued', layers: 'head', reason: null });
    expect(await stores.trainingRuns.find(run.id)).toEqual(run);
    expect(await stores.trainingRuns.find('nothing')).toBeNull();
  });

  test('gives the queued run the newest settings', async () => {
    const first = await request(projectId, 10);
    const second = await request(projectId, 20);
    expect(second).toMatchObject({ id: first.id, hyperparameters: { epochs: 20 } });
  });

  test('of ten at once makes one run', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, (_, n) => request(projectId, n + 1)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
  });

  test('while a run is going on is queued behind it', async () => {
    const first = await request();
    await stores.claims.claim('a', LEASE_MS);
    const second = await request();
    expect(second.id).not.toBe(first.id);
    const { items } = await stores.trainingRuns.list(projectId, { limit: 10 });
    expect(items.map(({ state }) => state)).toEqual(['queued', 'running']);
  });

  test('for an unknown project is refused', async () => {
    await expect(request(randomUUID())).rejects.toMatchObject({ code: 'project.unknown' });
  });

  test('counts as the last one unless it was cancelled', async () => {
    expect(await stores.trainingRuns.lastRequestedAt(projectId)).toBeNull();
    const run = await request();
    expect(await stores.trainingRuns.lastRequestedAt(projectId)).toBe(run.createdAt);
    await stores.trainingRuns.cancel(run.id);
    expect(await stores.trainingRuns.lastRequestedAt(projectId)).toBeNull();
  });
});

describe('a claim', () => {
  test('takes the oldest run', async () => {
    const run = await request();
    await request(await opened.createProject());
    expect(await stores.claims.claim('a', LEASE_MS)).toMatchObject({
      id: run.id,
      state: 'running',
    });
  });

  test('gives a run to one of many trainers that ask at once', async () => {
    const other = await opened.createProject();
    await Promise.all([request(), request(other)]);
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, n) => stores.claims.claim(`trainer ${n}`, LEASE_MS)),
    );
    const taken = claims.filter((run) => run !== null).map((run) => run.projectId);
    expect(taken.sort()).toEqual([projectId, other].sort());
  });

  test('is claimed while feedback that points at it is just being stored', async () => {
    const { id } = await request();
    const client = await database.pool.connect();
    try {
      // What a foreign key of another row does to it.
      await client.query('begin');
      await client.query('select 1 from training_runs where id = $1 for key share', [id]);
      expect(await stores.claims.claim('a', LEASE_MS)).toMatchObject({ id });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('refuses a project that another trainer works on', async () => {
    await request();
    await stores.claims.claim('a', LEASE_MS);
    await request();
    expect(await stores.claims.claim('b', LEASE_MS)).toBeNull();
  });

  test('for heads leaves backbones to others, queued or abandoned', async () => {
    const run = await request(projectId, 10, 'all');
    expect(await stores.claims.claim('a', LEASE_MS, 'head')).toBeNull();
    expect(await stores.claims.claim('b', NO_LEASE_MS, 'backbone')).toMatchObject({ id: run.id });
    expect(await stores.claims.claim('a', LEASE_MS, 'head')).toBeNull();
    expect(await stores.claims.claim('c', LEASE_MS, 'backbone')).toMatchObject({ id: run.id });
  });

  test('for backbones leaves heads to others', async () => {
    const run = await request();
    expect(await stores.claims.claim('a', LEASE_MS, 'backbone')).toBeNull();
    expect(await stores.claims.claim('a', LEASE_MS, 'head')).toMatchObject({ id: run.id });
  });

  test('resumes a run whose lease has run out before the one queued behind it', async () => {
    const first = await request();
    await stores.claims.claim('a', NO_LEASE_MS);
    const second = await request();
    const claims = await Promise.all(
      ['b', 'c', 'd'].map((trainer) => stores.claims.claim(trainer, LEASE_MS)),
    );
    expect(claims.filter((run) => run !== null).map(({ id }) => id)).toEqual([first.id]);
    expect(await stores.trainingRuns.find(second.id)).toMatchObject({ state: 'queued' });
  });

  test('gives a restarted trainer back its own run at once', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    expect(await stores.claims.claim('a', LEASE_MS)).toMatchObject({ id: run.id });
  });

  test('gives up a run that has stopped its trainer three times, and says what to do', async () => {
    const run = await request();
    for (let attempt = 0; attempt < 3; attempt += 1) await stores.claims.claim('a', NO_LEASE_MS);
    expect(await stores.claims.claim('a', LEASE_MS)).toBeNull();
    const ended = await stores.trainingRuns.find(run.id);
    expect(ended).toMatchObject({ state: 'failed', reason: expect.stringContaining('3 times') });
    expect(ended?.reason).toContain('Start it again');
    expect(ended?.reason).toContain('TRAINING_DEVICE=cpu');
    expect(ended?.finishedAt).not.toBeNull();
  });

  test('does not give up a run that advances between the crashes', async () => {
    const run = await request();
    const renewal = { trainingRunId: run.id, trainerId: 'a', leaseMs: NO_LEASE_MS, progress };
    for (let crash = 0; crash < 10; crash += 1) {
      expect(await stores.claims.claim('a', NO_LEASE_MS)).toMatchObject({ id: run.id });
      await stores.claims.renew({ ...renewal, hasAdvanced: crash % 3 === 0 });
    }
    for (let crash = 0; crash < 3; crash += 1) await stores.claims.claim('a', NO_LEASE_MS);
    expect(await stores.claims.claim('a', NO_LEASE_MS)).toBeNull();
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'failed' });
  });
});

describe('a run that is given back', () => {
  test('is claimed at once, before the one queued behind it', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    const next = await request();
    await giveBack(run.id);
    const claims = await Promise.all(
      ['b', 'c', 'd'].map((trainer) => stores.claims.claim(trainer, LEASE_MS)),
    );
    expect(claims.filter((claimed) => claimed !== null).map(({ id }) => id)).toEqual([run.id]);
    expect(await stores.trainingRuns.find(next.id)).toMatchObject({ state: 'queued' });
  });

  test('wakes whoever waits for work', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    const heard: string[] = [];
    const undo = database.news.onTrainingRunQueued((id) => heard.push(id));
    await giveBack(run.id);
    await eventually(() => expect(heard).toContain(projectId));
    undo();
  });

  test('is not one time nearer to being given up', async () => {
    const run = await request();
    for (let restart = 0; restart < 6; restart += 1) {
      expect(await stores.claims.claim('a', LEASE_MS)).toMatchObject({ id: run.id });
      await giveBack(run.id);
    }
  });

  test('with a checkpoint of its last attempt begins to count its crashes anew', async () => {
    const run = await request();
    for (let crash = 0; crash < 3; crash += 1) await stores.claims.claim('a', NO_LEASE_MS);
    await giveBack(run.id, true);
    for (let crash = 0; crash < 3; crash += 1)
      expect(await stores.claims.claim('a', NO_LEASE_MS)).toMatchObject({ id: run.id });
    expect(await stores.claims.claim('a', LEASE_MS)).toBeNull();
  });

  test('is not renewed by who gave it back', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    await giveBack(run.id);
    const renewal = { trainingRunId: run.id, trainerId: 'a', leaseMs: LEASE_MS, progress };
    expect(await stores.claims.renew({ ...renewal, hasAdvanced: true })).toBe(false);
  });

  test('is not given back by who has lost it', async () => {
    const run = await request();
    await stores.claims.claim('a', NO_LEASE_MS);
    await stores.claims.claim('b', LEASE_MS);
    await giveBack(run.id);
    expect(await stores.claims.claim('c', LEASE_MS)).toBeNull();
  });

  test('is not begun again when it was cancelled', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    await stores.trainingRuns.cancel(run.id);
    await giveBack(run.id);
    expect(await stores.claims.claim('b', LEASE_MS)).toBeNull();
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a running run', () => {
  test('is not cancelled where nobody has asked for that', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    await stores.claims.acknowledgeCancel(run.id, 'a');
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'running' });
  });

  test('shows its progress while its trainer renews the lease', async () => {
    const run = await request();
    await stores.claims.claim('a', NO_LEASE_MS);
    const renewal = {
      trainingRunId: run.id,
      trainerId: 'a',
      leaseMs: LEASE_MS,
      progress,
      hasAdvanced: false,
    };
    expect(await stores.claims.renew(renewal)).toBe(true);
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ progress });
    expect(await stores.claims.claim('b', LEASE_MS)).toBeNull();
  });

  test('is lost to its trainer once another has taken it over', async () => {
    const run = await request();
    await stores.claims.claim('a', NO_LEASE_MS);
    await stores.claims.claim('b', LEASE_MS);
    const renewal = {
      trainingRunId: run.id,
      trainerId: 'a',
      leaseMs: LEASE_MS,
      progress,
      hasAdvanced: false,
    };
    expect(await stores.claims.renew(renewal)).toBe(false);
    expect(await stores.claims.isWanted(run.id, 'a')).toBe(false);
    await stores.claims.fail(run.id, 'a', 'too late');
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'running' });
    await expect(stores.claims.succeed(finished(run.id))).rejects.toMatchObject({
      code: 'training_run.finished',
    });
    expect((await stores.modelVersions.list(projectId, { limit: 5 })).items).toEqual([]);
  });

  test('fails with a reason for people', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    await stores.claims.fail(run.id, 'a', 'The examples could not be read.');
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({
      state: 'failed',
      reason: 'The examples could not be read.',
    });
  });

  test('that is cancelled stops at the next renewal and promotes nothing', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    expect(await stores.claims.isWanted(run.id, 'a')).toBe(true);
    expect(await stores.trainingRuns.cancel(run.id)).toMatchObject({ state: 'running' });
    expect(await stores.claims.isWanted(run.id, 'a')).toBe(false);
    const renewal = {
      trainingRunId: run.id,
      trainerId: 'a',
      leaseMs: LEASE_MS,
      progress,
      hasAdvanced: false,
    };
    expect(await stores.claims.renew(renewal)).toBe(false);
    await expect(stores.claims.succeed(finished(run.id))).rejects.toMatchObject({
      code: 'training_run.finished',
    });
    await stores.claims.acknowledgeCancel(run.id, 'a');
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'cancelled' });
    expect(await stores.trainingRuns.cancel(run.id)).toBeNull();
  });

  test('that is cancelled ends though its trainer has died', async () => {
    const run = await request();
    await stores.claims.claim('a', NO_LEASE_MS);
    await stores.trainingRuns.cancel(run.id);
    expect(await stores.claims.claim('b', LEASE_MS)).toBeNull();
    expect(await stores.trainingRuns.find(run.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a queued run', () => {
  test('that is cancelled is never claimed', async () => {
    const run = await request();
    expect(await stores.trainingRuns.cancel(run.id)).toMatchObject({ state: 'cancelled' });
    expect(await stores.claims.claim('a', LEASE_MS)).toBeNull();
    expect(await stores.trainingRuns.cancel(randomUUID())).toBeNull();
  });
});

describe('a run that succeeds', () => {
  test('makes numbered versions, of which the last promoted one is served', async () => {
    for (const promote of [true, true, false]) {
      const run = await request();
      await stores.claims.claim('a', LEASE_MS);
      const version = await stores.claims.succeed(finished(run.id, { promote }));
      expect(version).toMatchObject({ isPromoted: promote, trainingRunId: run.id, layers: 'head' });
      expect(await stores.trainingRuns.find(run.id)).toMatchObject({
        state: 'succeeded',
        modelVersionId: version.id,
        progress: { phase: 'done' },
      });
    }
    const { items } = await stores.modelVersions.list(projectId, { limit: 5 });
    expect(items.map(({ number, isPromoted }) => [number, isPromoted])).toEqual([
      [3, false],
      [2, true],
      [1, false],
    ]);
    const served = await stores.modelVersions.findPromoted(projectId);
    expect(served).toMatchObject({ number: 2, backboneId: 'starter-1' });
    expect((await stores.projects.find(projectId))?.modelVersionId).toBe(served?.id);
  });

  test('can be rolled back', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    const first = await stores.claims.succeed(finished(run.id));
    const next = await request();
    await stores.claims.claim('a', LEASE_MS);
    await stores.claims.succeed(finished(next.id));
    expect(await stores.modelVersions.promote(first.id)).toMatchObject({
      id: first.id,
      isPromoted: true,
    });
    expect((await stores.modelVersions.findPromoted(projectId))?.id).toBe(first.id);
    await expect(stores.modelVersions.promote(randomUUID())).rejects.toMatchObject({
      code: 'model_version.unknown',
    });
  });
});

describe('the news', () => {
  test('tell of requests, progress and promotions, and stop when asked', async () => {
    const heard: string[] = [];
    const { news } = database;
    const undo = [
      news.onTrainingRunQueued((id) => heard.push(`queued ${id}`)),
      news.onTrainingRunProgressed((id) => heard.push(`progressed ${id}`)),
      news.onModelVersionPromoted((id, version) => heard.push(`promoted ${id} ${version}`)),
    ];
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    const version = await stores.claims.succeed(finished(run.id));
    await eventually(() => {
      expect(heard).toEqual([
        `queued ${projectId}`,
        `progressed ${run.id}`,
        `progressed ${run.id}`,
        `progressed ${run.id}`,
        // Another run of the project may be taken now.
        `queued ${projectId}`,
        `promoted ${projectId} ${version.id}`,
      ]);
    });
    for (const stop of undo) stop();
    const again = await request();
    const proof = new Promise<string>((resolve) => news.onTrainingRunProgressed(resolve));
    await stores.trainingRuns.cancel(again.id);
    expect(await proof).toBe(again.id);
    expect(heard).toHaveLength(6);
  });

  test('tell after a lost connection what was promoted meanwhile', async () => {
    const run = await request();
    await stores.claims.claim('a', LEASE_MS);
    const promoted: string[] = [];
    const undo = database.news.onModelVersionPromoted((_, id) => promoted.push(id));
    const dropped = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like 'listen %'`,
    );
    expect(dropped.rowCount).toBe(1);
    const version = await stores.claims.succeed(finished(run.id));
    await eventually(() => expect(promoted).toContain(version.id));
    undo();
  });
});
