import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../domain/ports.ts';
import { eventually } from '../../test/support/eventually.ts';
import { handDrawn } from '../../test/support/hand-drawn.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { openPredictor } from '../../test/support/open-predictor.ts';
import { promoteVersion, storeBackbone, tunedBackbone } from '../../test/support/tuned-version.ts';
import type { BackboneModel } from './backbone-blob.ts';
import { ENOUGH_EXAMPLES } from './missing-embeddings.ts';
import type { LivePredictor, PredictorOptions } from './predictor.ts';

let lab: LearningLab;
let tuned: BackboneModel;
let errors: unknown[];
beforeAll(async () => {
  lab = await openLearningLab();
  tuned = await tunedBackbone(lab.starter, 1);
});
beforeEach(() => (errors = []));
afterAll(() => lab.close());

function openServer(options: Partial<PredictorOptions> = {}): Promise<LivePredictor> {
  return openPredictor(lab, { onError: (error) => errors.push(error), ...options });
}

interface Switched extends LabProject {
  readonly firstId: string;
}

/**
 * A project whose first version stands on the starter's backbone and whose second on its own. Neither
 * has learnt the category "squiggle", which got its examples while the second was served.
 */
async function taughtUnderTheSecond(examples: number): Promise<Switched> {
  const project = await lab.createProject(['kite', 'robot', 'squiggle']);
  const given = { backbone: lab.starter, backboneKey: null };
  const { id: firstId } = await promoteVersion(lab, project, given);
  const { backboneKey } = await storeBackbone(lab, project, tuned);
  await promoteVersion(lab, project, { backbone: tuned, backboneKey });
  const sketches = Array.from({ length: examples }, (_, n) => handDrawn('ghost', n));
  await lab.teach(project, 'squiggle', sketches);
  return { ...project, firstId };
}

/** The same after rolling back to the first. */
async function rolledBack(examples: number): Promise<LabProject> {
  const { firstId, ...project } = await taughtUnderTheSecond(examples);
  await lab.stores.modelVersions.promote(firstId);
  return project;
}

async function namesKnown(predictor: LivePredictor, { id }: LabProject): Promise<string[]> {
  const [prediction] = await predictor.predict(id, [handDrawn('ghost', 9)]);
  return prediction?.scores.map(({ name }) => name).sort() ?? [];
}

async function countEmbedded({ id }: LabProject, backboneId: string): Promise<number> {
  const ids = (await lab.stores.examples.dataset(id)).map((example) => example.id);
  return (await lab.stores.examples.embeddingsOf(ids, backboneId)).length;
}

/** Blobs of which those of examples are looked after; weights are read as always. */
function blobsWhere(getStrokes: BlobStore['get']): BlobStore {
  const get: BlobStore['get'] = (key) =>
    key.startsWith('examples/') ? getStrokes(key) : lab.blobs.get(key);
  return {
    get,
    put: (key, bytes, type) => lab.blobs.put(key, bytes, type),
    delete: (key) => lab.blobs.delete(key),
    list: (prefix) => lab.blobs.list(prefix),
    check: () => lab.blobs.check(),
  };
}

/** One gap is filled after the other: with a later one, those before it are done. */
async function afterAllThat(predictor: LivePredictor): Promise<void> {
  const another = await rolledBack(1);
  await eventually(async () => expect(await namesKnown(predictor, another)).toEqual(ALL));
}

const ALL = ['kite', 'robot', 'squiggle'];

describe('a category that was taught while a version on another backbone was served', () => {
  test('is known after rolling back, as well as before', async () => {
    const { firstId, ...project } = await taughtUnderTheSecond(4);
    expect(await namesKnown(lab.predictor, project)).toEqual(ALL);
    await lab.stores.modelVersions.promote(firstId);
    lab.predictor.forget(project.id);
    await eventually(async () => expect(await namesKnown(lab.predictor, project)).toEqual(ALL));
    const [prediction] = await lab.predictor.predict(project.id, [handDrawn('ghost', 9)]);
    expect(prediction?.modelVersion).toBe(firstId);
    expect(prediction?.scores[0]?.name).toBe('squiggle');
    expect(await countEmbedded(project, lab.starter.backboneId)).toBe(4);
  });

  test('is known when a version that was trained meanwhile promotes itself', async () => {
    const project = await lab.createProject(['kite', 'robot', 'squiggle']);
    await lab.teach(project, 'squiggle', [handDrawn('ghost', 0), handDrawn('ghost', 1)]);
    const { backboneKey } = await storeBackbone(lab, project, tuned);
    await promoteVersion(lab, project, { backbone: tuned, backboneKey });
    lab.predictor.forget(project.id);
    await eventually(async () => expect(await namesKnown(lab.predictor, project)).toEqual(ALL));
    expect(await countEmbedded(project, tuned.backboneId)).toBe(2);
  });

  test('is known at once by a server that starts later: its embeddings are stored', async () => {
    const project = await rolledBack(2);
    const first = await openServer();
    await eventually(async () => expect(await namesKnown(first, project)).toEqual(ALL));
    const second = await openServer({ blobs: blobsWhere(() => Promise.resolve(null)) });
    expect(await namesKnown(second, project)).toEqual(ALL);
  });

  test('is told of once it is known, so that open sketches are judged again', async () => {
    const project = await rolledBack(2);
    const predictor = await openServer();
    const told: string[] = [];
    predictor.onModelChanged((projectId) => told.push(projectId));
    await predictor.prepare(project.id);
    await eventually(() => expect(told).toEqual([project.id]));
    expect(await namesKnown(predictor, project)).toEqual(ALL);
  });

  test('holds up nobody who draws what is known already', async () => {
    const project = await rolledBack(1);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const blobs = blobsWhere(async (key) => {
      await released;
      return lab.blobs.get(key);
    });
    const predictor = await openServer({ blobs });
    expect(await namesKnown(predictor, project)).toEqual(['kite', 'robot']);
    release();
    await eventually(async () => expect(await namesKnown(predictor, project)).toEqual(ALL));
  });

  test('is made of no more examples than its mean needs', async () => {
    const project = await rolledBack(ENOUGH_EXAMPLES + 5);
    const asked: string[] = [];
    const blobs = blobsWhere((key) => {
      asked.push(key);
      return lab.blobs.get(key);
    });
    const predictor = await openServer({ blobs });
    await eventually(async () => {
      await predictor.prepare(project.id);
      const embedded = await countEmbedded(project, lab.starter.backboneId);
      expect(embedded).toBe(ENOUGH_EXAMPLES);
    });
    predictor.forget(project.id);
    expect(await namesKnown(predictor, project)).toEqual(ALL);
    await afterAllThat(predictor);
    expect(asked).toHaveLength(ENOUGH_EXAMPLES + 1);
  });
});

describe('examples that cannot be read', () => {
  test('are left out, and not asked for again and again', async () => {
    const project = await rolledBack(3);
    const told: string[] = [];
    const { items } = await lab.stores.examples.list(project.id, { limit: 3 });
    const [gone, damaged] = items.map(({ strokesKey }) => strokesKey);
    await lab.blobs.delete(gone ?? '');
    await lab.blobs.put(damaged ?? '', new TextEncoder().encode('ink'), 'application/json');
    const predictor = await openServer();
    predictor.onModelChanged((projectId) => told.push(projectId));
    await eventually(async () => expect(await namesKnown(predictor, project)).toEqual(ALL));
    await afterAllThat(predictor);
    expect(told.filter((projectId) => projectId === project.id)).toHaveLength(1);
    expect(await countEmbedded(project, lab.starter.backboneId)).toBe(1);
    expect(errors).toEqual([]);
  });

  test('because their store does not answer are told of, and tried again later', async () => {
    const project = await rolledBack(2);
    const clock = new ManualClock();
    let isDown = true;
    const blobs = blobsWhere((key) =>
      isDown ? Promise.reject(new Error('The store is down.')) : lab.blobs.get(key),
    );
    const predictor = await openServer({ blobs, clock });
    expect(await namesKnown(predictor, project)).toEqual(['kite', 'robot']);
    await eventually(() => expect(errors).toMatchObject([{ message: 'The store is down.' }]));
    isDown = false;
    clock.advance(10_000);
    await eventually(async () => expect(await namesKnown(predictor, project)).toEqual(ALL));
  });
});
