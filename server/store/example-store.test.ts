import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { NewExample } from '../domain/ports.ts';
import { createExampleStore } from './example-store.ts';

const MAX = 5;

let opened: TestStores;
beforeAll(async () => {
  opened = await openTestStores();
});
afterAll(() => opened.close());

async function createProject(): Promise<(count: number) => NewExample[]> {
  const { id: projectId } = await opened.stores.projects.create({
    ...{ name: 'Shapes', isPlayground: false, ownerId: null, ownerToken: randomUUID() },
    canvas: { name: 'Canvas', mode: 'free' },
  });
  const category = { projectId, name: 'anvil', starterName: null };
  const { id: categoryId } = await opened.stores.categories.create(category);
  return (count) => Array.from({ length: count }, () => newExample(projectId, categoryId));
}

function newExample(projectId: string, categoryId: string): NewExample {
  const id = randomUUID();
  return {
    ...{ id, projectId, categoryId, authorId: null, source: 'api', canvasId: null, sketchId: null },
    ...{ predictedCategoryId: null, predictedConfidence: null, modelVersionId: null },
    ...{ contentHash: 'ab', strokesKey: `examples/${id}/strokes.json` },
    ...{ imageKey: `examples/${id}/image.png`, raster: new Uint8Array(4), backboneId: 'b' },
    embeddings: new Float32Array(2),
  };
}

test('a full project takes no more examples, until some are deleted', async () => {
  const store = createExampleStore(opened.database, MAX);
  const examples = await createProject();
  const [first] = await store.add(examples(MAX - 1));
  await expect(store.add(examples(2))).rejects.toMatchObject({
    code: 'dataset.too_large',
    message: expect.stringMatching(/at most 5 examples\. Delete some/),
    details: { limit: MAX, present: MAX - 1 },
  });
  await store.update(first?.id ?? '', { isDeleted: true });
  expect(await store.add(examples(2))).toHaveLength(2);
});

test('of what comes at once a project takes no more than there is room for', async () => {
  const store = createExampleStore(opened.database, MAX);
  const examples = await createProject();
  const added = await Promise.allSettled([1, 2, 3, 4].map(() => store.add(examples(2))));
  expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});
