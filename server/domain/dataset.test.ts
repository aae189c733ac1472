import { beforeEach, describe, expect, test } from 'vitest';
import { lineSketch, buildDomain, unknownId } from '../../test/support/build-domain.ts';
import type { BuiltDomain } from '../../test/support/build-domain.ts';
import { memoryStores } from '../../test/support/memory-stores.ts';
import { AppError } from '../../shared/errors.ts';
import type { Split } from '../../shared/example.ts';
import { MAX_CATEGORIES_PER_PROJECT } from '../../shared/limits.ts';
import { sweepBlobs } from './example-blobs.ts';

let built: BuiltDomain;
let ann: string;
let bob: string;
let projectId: string;

beforeEach(async () => {
  built = buildDomain();
  [ann, bob] = [await built.guest(), await built.guest()];
  ({ id: projectId } = await built.domain.projects.create(ann, 'Shapes'));
});

const create = (name: string) => built.domain.categories.create(ann, projectId, name);

async function send(categoryId: string, count = 1) {
  const offered = Array.from({ length: count }, () => ({ categoryId, strokes: lineSketch() }));
  return built.domain.examples.send(ann, projectId, offered);
}

describe('a category', () => {
  test.each([
    ['Cat', true],
    ['kitty', true],
    ['anvil', false],
  ])('%s is pre-taught: %s', async (name, preTaught) => {
    expect(await create(name)).toMatchObject({ name, preTaught });
  });

  test('does not share what is pre-taught with another one', async () => {
    await create('cat');
    expect(await create('kitty')).toMatchObject({ preTaught: false });
  });

  test('keeps its name to itself', async () => {
    await create('cat');
    await expect(create('CAT')).rejects.toMatchObject({ code: 'category.name_taken' });
  });

  test('is one too many at the limit', async () => {
    for (let i = 0; i < MAX_CATEGORIES_PER_PROJECT; i++) await create(`c${i}`);
    await expect(create('one more')).rejects.toMatchObject({ code: 'category.too_many' });
  });

  test('is switched off, stays off when it is renamed, and on again', async () => {
    const { id } = await create('cat');
    const change = (to: { name?: string; preTaught?: boolean }) =>
      built.domain.categories.change(ann, id, to);
    expect(await change({ preTaught: false })).toMatchObject({ preTaught: false });
    expect(await change({ name: 'dog' })).toMatchObject({ name: 'dog', preTaught: false });
    expect(await change({ preTaught: true })).toMatchObject({ preTaught: true });
    expect(await change({ name: 'anvil' })).toMatchObject({ preTaught: false });
    await expect(change({ preTaught: true })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  test('is told of on every screen, and the served model is made anew', async () => {
    await create('cat');
    expect(built.announced).toEqual(['category:changed']);
    expect(built.forgotten).toEqual([projectId]);
  });

  test('is changed and deleted by the owner alone', async () => {
    const { id } = await create('cat');
    const { items } = await built.domain.canvases.list(ann, projectId, { limit: 1 });
    await built.domain.canvases.open(bob, items[0]?.id ?? '');
    await expect(built.domain.categories.remove(bob, id)).rejects.toMatchObject({
      code: 'access.denied',
    });
    await built.domain.categories.remove(ann, id);
    await expect(built.domain.categories.remove(ann, id)).rejects.toMatchObject({
      code: 'category.unknown',
    });
  });

  test('comes in pages, in the order of creation', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const list = (cursor?: string) =>
      built.domain.categories.list(ann, projectId, { limit: 2, cursor });
    const first = await list();
    const second = await list(first.nextCursor ?? '');
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(second.nextCursor).toBeNull();
    await expect(list('garbage')).rejects.toMatchObject({ code: 'request.invalid' });
  });
});

describe('an example', () => {
  test('has its strokes and picture in the blob store before its row', async () => {
    const { id } = await create('cat');
    const [example] = await send(id);
    expect(example).toMatchObject({ categoryId: id, source: 'api', authorId: ann });
    expect([...built.blobs.blobs.keys()].map((key) => key.split('/').at(-1))).toEqual([
      'strokes.json',
      'image.png',
    ]);
    const { strokes } = await built.domain.examples.strokes(ann, example?.id ?? '');
    expect(strokes).toEqual(lineSketch());
  });

  test('of somebody new lies with their others, apart from the hands that were trained on', async () => {
    const categories = [await create('cat'), await create('dog')];
    const { items } = await built.domain.canvases.list(ann, projectId, { limit: 1 });
    const draw = async (): Promise<Set<Split>> => {
      const guest = await built.guest();
      await built.domain.canvases.open(guest, items[0]?.id ?? '');
      const splits = new Set<Split>();
      for (const { id } of [...categories, ...categories]) {
        const offered = [{ categoryId: id, strokes: lineSketch() }];
        const [example] = await built.domain.examples.send(guest, projectId, offered);
        if (example) splits.add(example.split);
      }
      return splits;
    };
    const sides: Set<Split>[] = [];
    for (let guest = 0; guest < 8; guest++) sides.push(await draw());
    expect(sides.slice(0, 6)).toEqual(Array<Set<Split>>(6).fill(new Set(['train'])));
    expect(sides.slice(6)).toEqual([new Set(['validation']), new Set(['test'])]);
  });

  test('is refused when it is but a dot, and so is its whole batch', async () => {
    const { id } = await create('cat');
    const dot = { categoryId: id, strokes: [[[5], [5]]] as [number[], number[]][] };
    const batch = [{ categoryId: id, strokes: lineSketch() }, dot];
    await expect(built.domain.examples.send(ann, projectId, batch)).rejects.toMatchObject({
      code: 'sketch.empty',
      details: { index: 1 },
    });
    expect(built.tables.examples.size).toBe(0);
    expect(built.blobs.blobs.size).toBe(0);
  });

  test('of an unknown category, or one of another project, stores nothing', async () => {
    const other = await built.domain.projects.create(ann, 'Other');
    const foreign = await built.domain.categories.create(ann, other.id, 'cat');
    await expect(send(foreign.id)).rejects.toMatchObject({ code: 'category.unknown' });
    await expect(send(unknownId())).rejects.toMatchObject({ code: 'category.unknown' });
    expect(built.blobs.blobs.size).toBe(0);
  });

  test('leaves no blob behind when its row or one of its blobs cannot be written', async () => {
    const { id } = await create('cat');
    built.tables.refusesExamples = true;
    await expect(send(id, 40)).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(built.blobs.blobs.size).toBe(0);
    built.blobs.refusesEnding = 'image.png';
    await expect(send(id, 40)).rejects.toMatchObject({ code: 'blobs.unavailable' });
    expect(built.blobs.blobs.size).toBe(0);
    expect(built.tables.examples.size).toBe(0);
  });

  test('is stored once and for all, though nobody can be told of it', async () => {
    const { id } = await create('cat');
    built.announced.length = 0;
    built.tables.changedOrders.set = () => {
      throw new AppError('database.unavailable', 'The database cannot be reached.');
    };
    expect(await send(id, 2)).toHaveLength(2);
    expect(built.tables.examples.size).toBe(2);
    expect(built.announced).toEqual(['follow-up failed', 'example:added 2', 'example:added 2']);
  });

  test('that is deleted twice is told of once', async () => {
    const { id } = await create('cat');
    const [example] = await send(id);
    built.announced.length = 0;
    await built.domain.examples.remove(ann, example?.id ?? '');
    await built.domain.examples.remove(ann, example?.id ?? '');
    expect(built.announced).toEqual(['example:removed 0']);
  });

  test('is deleted, brought back and moved, with the counts told each time', async () => {
    const [cat, dog] = [await create('cat'), await create('dog')];
    const [example] = await send(cat.id);
    const exampleId = example?.id ?? '';
    built.announced.length = 0;
    await built.domain.examples.remove(ann, exampleId);
    await expect(
      built.domain.examples.change(ann, exampleId, { categoryId: dog.id }),
    ).rejects.toMatchObject({ code: 'example.unknown' });
    await built.domain.examples.change(ann, exampleId, { deleted: false });
    await built.domain.examples.change(ann, exampleId, { categoryId: dog.id });
    expect(built.announced).toEqual([
      'example:removed 0',
      'example:added 1',
      'example:removed 0',
      'example:added 1',
    ]);
  });

  test('of somebody else is not for contributors to delete', async () => {
    const { id } = await create('cat');
    const [example] = await send(id);
    const { items } = await built.domain.canvases.list(ann, projectId, { limit: 1 });
    await built.domain.canvases.open(bob, items[0]?.id ?? '');
    await expect(built.domain.examples.remove(bob, example?.id ?? '')).rejects.toMatchObject({
      code: 'access.denied',
    });
  });
});

describe('the sweep', () => {
  test('deletes old blobs that no example points at, and no others', async () => {
    const { id } = await create('cat');
    await send(id);
    await built.blobs.put('examples/lost/strokes.json', new Uint8Array());
    built.blobs.now = new Date(3_600_000);
    await built.blobs.put('examples/new/strokes.json', new Uint8Array());
    const ports = { blobs: built.blobs, examples: memoryStores(built.tables).examples };
    expect(await sweepBlobs(ports, new Date(3_600_001))).toBe(1);
    expect([...built.blobs.blobs.keys()]).not.toContain('examples/lost/strokes.json');
    expect(built.blobs.blobs.size).toBe(3);
  });
});
