import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { SketchAddress } from '../domain/feedback-ports.ts';
import type { NewExample } from '../domain/ports.ts';
import type { Stores } from './stores.ts';

let opened: TestStores;
let stores: Stores;
let projectId: string;
let categoryId: string;
let participantId: string;
let sketch: SketchAddress;

beforeAll(async () => {
  opened = await openTestStores();
  ({ stores } = opened);
});
afterAll(() => opened.close());

beforeEach(async () => {
  const canvas = { name: 'Canvas 1', mode: 'free' } as const;
  const project = { name: 'Pets', isPlayground: false, ownerId: null, ownerToken: randomUUID() };
  ({ id: projectId } = await stores.projects.create({ ...project, canvas }));
  const category = { projectId, name: 'cat', starterName: null };
  ({ id: categoryId } = await stores.categories.create(category));
  const participant = { nickname: 'Quiet Fox', color: '#0b7fab' };
  ({ id: participantId } = await stores.participants.create(participant));
  const { items } = await stores.canvases.list(projectId, { limit: 1 });
  sketch = { canvasId: items[0]?.id ?? '', sketchId: randomUUID() };
});

function example(change: Partial<NewExample> = {}): NewExample {
  const id = randomUUID();
  return {
    ...{ id, projectId, categoryId, authorId: null, source: 'feedback', ...sketch },
    ...{ predictedCategoryId: null, predictedConfidence: null, modelVersionId: null },
    ...{ contentHash: id, strokesKey: `${id}/strokes.json`, imageKey: `${id}/image.png` },
    ...{ raster: new Uint8Array(1024), backboneId: 'starter-1', embeddings: new Float32Array(4) },
    ...change,
  };
}

function say(change: Partial<SketchAddress> = {}) {
  return stores.feedback.add({
    ...{ ...sketch, participantId, verdict: 'right', categoryId, exampleId: null },
    ...{ trainingRunId: null, sketchRevision: 1, modelVersionId: null },
    ...change,
  });
}

describe('a sketch', () => {
  test('has its feedback listed, newest first', async () => {
    const first = await say();
    await opened.database.pool.query(
      "update feedback set created_at = created_at - interval '1 second' where id = $1",
      [first.id],
    );
    const second = await say();
    await say({ sketchId: randomUUID() });
    const verdicts = await stores.feedback.ofSketch(sketch);
    expect(verdicts.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(verdicts[0]).toEqual(second);
  });

  test('has what it is in the dataset by feedback listed, newest first', async () => {
    const [deleted, older, newer] = [example(), example(), example()];
    const others = [example({ sketchId: randomUUID() }), example({ source: 'drawn' })];
    await stores.examples.add([deleted, older, newer, ...others]);
    await stores.examples.update(deleted.id, { isDeleted: true });
    const live = [newer, older].map(({ id }) => ({ id, categoryId }));
    expect(await stores.feedback.liveExamplesOf(sketch)).toEqual(live);
  });
});
