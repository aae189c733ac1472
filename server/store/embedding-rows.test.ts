import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { NewExample } from '../domain/ports.ts';
import type { Stores } from './stores.ts';

const STARTER = 'starter';

let opened: TestStores;
let stores: Stores;

beforeAll(async () => {
  opened = await openTestStores();
  ({ stores } = opened);
});

afterAll(() => opened.close());

/** A project with one category and so many examples, which the starter model has seen. */
async function dataset(count: number): Promise<{
  readonly projectId: string;
  readonly categoryId: string;
  readonly ids: string[];
}> {
  const { id: projectId } = await stores.projects.create({
    name: 'Animals',
    isPlayground: false,
    ownerId: null,
    ownerToken: randomUUID(),
    canvas: { name: 'Canvas', mode: 'free' },
  });
  const category = await stores.categories.create({ projectId, name: 'cat', starterName: null });
  const examples = Array.from({ length: count }, (_, n): NewExample => {
    const id = randomUUID();
    return {
      ...{ id, projectId, categoryId: category.id, authorId: null, source: 'api' },
      ...{ canvasId: null, sketchId: null, predictedCategoryId: null, predictedConfidence: null },
      ...{ modelVersionId: null, contentHash: id, raster: new Uint8Array(1024) },
      ...{ strokesKey: `examples/${id}/strokes.json`, imageKey: `examples/${id}/image.png` },
      ...{ backboneId: STARTER, embeddings: Float32Array.of(n, n + 1) },
    };
  });
  await stores.examples.add(examples);
  return { projectId, categoryId: category.id, ids: examples.map(({ id }) => id) };
}

describe('a dataset, as training reads it', () => {
  test('has all examples, oldest first, and tells which are deleted', async () => {
    const { projectId, ids } = await dataset(10);
    await stores.examples.update(ids[3] ?? '', { isDeleted: true });
    const read = await stores.examples.dataset(projectId);
    expect(read.map(({ id }) => id)).toEqual(ids);
    expect(read.filter(({ isDeleted }) => isDeleted).map(({ id }) => id)).toEqual([ids[3]]);
    expect(read[0]).toMatchObject({ source: 'api', split: 'train', authorId: null });
    expect(read[0]?.strokesKey).toBe(`examples/${ids[0]}/strokes.json`);
  });
});

describe('embeddings', () => {
  test('are kept for each backbone apart, of deleted examples, too', async () => {
    const { ids } = await dataset(3);
    await stores.examples.update(ids[0] ?? '', { isDeleted: true });
    const embedded = ids.map((exampleId, n) => ({ exampleId, embeddings: Float32Array.of(7, n) }));
    await stores.examples.addEmbeddings('own', embedded);
    const byId = (a: { exampleId: string }, b: { exampleId: string }) =>
      a.exampleId.localeCompare(b.exampleId);
    const read = await stores.examples.embeddingsOf(ids, 'own');
    expect(read.sort(byId)).toEqual([...embedded].sort(byId));
    const starters = await stores.examples.embeddingsOf(ids, STARTER);
    expect(starters.map(({ embeddings }) => embeddings[0]).sort()).toEqual([0, 1, 2]);
  });

  test('of the newest examples that train are read, so many of each category asked for', async () => {
    const [cats, dogs] = [await dataset(20), await dataset(2)];
    await dataset(1);
    await stores.examples.update(cats.ids[19] ?? '', { isDeleted: true });
    const categoryIds = [cats.categoryId, dogs.categoryId];
    const read = (backboneId: string, atMost: number) =>
      stores.examples.newestEmbeddings({ categoryIds, backboneId, atMost });
    const live = (await stores.examples.dataset(cats.projectId)).slice(0, -1);
    const train = live.filter(({ split }) => split === 'train').map(({ id }) => id);
    expect(train).toHaveLength(17);
    const newest = await read(STARTER, 12);
    expect(newest.map(({ exampleId }) => exampleId)).toEqual([...train.slice(-12), ...dogs.ids]);
    expect(newest.at(-1)).toEqual({
      ...{ exampleId: dogs.ids[1], categoryId: dogs.categoryId },
      embeddings: Float32Array.of(1, 2),
    });
    expect(await read('another', 12)).toEqual([]);
  });

  test('are counted for each category, held-out ones, too, up to a number', async () => {
    const [cats, dogs] = [await dataset(10), await dataset(2)];
    await stores.examples.update(dogs.ids[0] ?? '', { isDeleted: true });
    const categoryIds = [cats.categoryId, dogs.categoryId];
    const count = (backboneId: string, atMost: number) =>
      stores.examples.countEmbedded({ categoryIds, backboneId, atMost });
    const [cat, dog] = categoryIds;
    expect(await count(STARTER, 20)).toEqual(
      new Map([
        [cat, 10],
        [dog, 1],
      ]),
    );
    expect(await count(STARTER, 7)).toEqual(
      new Map([
        [cat, 7],
        [dog, 1],
      ]),
    );
    expect(await count('another', 7)).toEqual(
      new Map([
        [cat, 0],
        [dog, 0],
      ]),
    );
  });

  test('of a large dataset are written in statements of 1,000, and all are', async () => {
    const { ids } = await dataset(1);
    const [exampleId = ''] = ids;
    const gone = Array.from({ length: 2_500 }, () => ({
      ...{ exampleId: randomUUID(), embeddings: Float32Array.of(1) },
    }));
    const last = { exampleId, embeddings: Float32Array.of(9) };
    const query = vi.spyOn(opened.database.pool, 'query');
    await stores.examples.addEmbeddings('many', [...gone, last]);
    const sizes = query.mock.calls.map(
      ([, values]) => (values as unknown as string[][])[1]?.length,
    );
    query.mockRestore();
    expect(sizes).toEqual([1_000, 1_000, 501]);
    expect(await stores.examples.embeddingsOf(ids, 'many')).toEqual([last]);
  });

  test('may be written again, and are passed over where the example is gone', async () => {
    const { ids } = await dataset(1);
    const [exampleId = ''] = ids;
    const write = (value: number) =>
      stores.examples.addEmbeddings('again', [
        { exampleId, embeddings: Float32Array.of(value) },
        { exampleId: randomUUID(), embeddings: Float32Array.of(value) },
      ]);
    await write(1);
    await write(2);
    const [read] = await stores.examples.embeddingsOf(ids, 'again');
    expect(read?.embeddings).toEqual(Float32Array.of(2));
  });

  test('of a backbone that came to nothing are removed, those of the others stay', async () => {
    const { ids } = await dataset(2);
    const embedded = ids.map((exampleId) => ({ exampleId, embeddings: Float32Array.of(1) }));
    await stores.examples.addEmbeddings('discarded', embedded);
    await stores.examples.removeEmbeddings('discarded');
    expect(await stores.examples.embeddingsOf(ids, 'discarded')).toEqual([]);
    expect(await stores.examples.embeddingsOf(ids, STARTER)).toHaveLength(2);
  });
});
