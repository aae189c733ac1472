import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { NewExample, NewProject, ProjectRecord } from '../domain/ports.ts';
import type { Stores } from './stores.ts';

let opened: TestStores;
let stores: Stores;

beforeAll(async () => {
  opened = await openTestStores();
  ({ stores } = opened);
});

afterAll(() => opened.close());

const nobody = randomUUID();

function newProject(change: Partial<NewProject> = {}): NewProject {
  return {
    name: 'Animals',
    isPlayground: false,
    ownerId: null,
    ownerToken: randomUUID(),
    canvas: { name: 'Canvas 1', mode: 'free' },
    ...change,
  };
}

async function join(nickname = 'Quiet Fox'): Promise<string> {
  const { id } = await stores.participants.create({ nickname, color: '#0b7fab' });
  return id;
}

function newExample(
  change: Partial<NewExample> & Pick<NewExample, 'projectId' | 'categoryId'>,
): NewExample {
  const id = randomUUID();
  return {
    id,
    authorId: null,
    source: 'api',
    canvasId: null,
    sketchId: null,
    predictedCategoryId: null,
    predictedConfidence: null,
    modelVersionId: null,
    contentHash: 'c0ffee',
    strokesKey: `examples/${id}/strokes.json`,
    imageKey: `examples/${id}/image.png`,
    raster: new Uint8Array(1024).fill(7),
    backboneId: 'starter-1',
    embeddings: Float32Array.from([1, 2.5, -3, 4]),
    ...change,
  };
}

async function withCategory(name = 'cat'): Promise<{ project: ProjectRecord; categoryId: string }> {
  const project = await stores.projects.create(newProject());
  const category = await stores.categories.create({
    projectId: project.id,
    name,
    starterName: null,
  });
  return { project, categoryId: category.id };
}

describe('participants', () => {
  test('change nickname and colour apart', async () => {
    const id = await join('Calm Otter');
    await stores.participants.update(id, { color: '#c2410c' });
    expect(await stores.participants.find(id)).toEqual({
      id,
      nickname: 'Calm Otter',
      color: '#c2410c',
    });
  });

  test('that are unknown are not found', async () => {
    expect(await stores.participants.find(nobody)).toBeNull();
    expect(await stores.participants.find('not an id')).toBeNull();
    await expect(stores.participants.update(nobody, { nickname: 'x' })).rejects.toMatchObject({
      code: 'session.missing',
    });
  });

  test('may not have a NUL in their nickname', async () => {
    await expect(join('a\0b')).rejects.toMatchObject({ code: 'request.invalid' });
  });

  test('with half a surrogate pair in their nickname get a replacement character', async () => {
    const id = await join('a\ud800b');
    expect((await stores.participants.find(id))?.nickname).toBe('a\ufffdb');
  });
});

describe('a new project', () => {
  test('has its canvas and its owner', async () => {
    const ownerId = await join();
    const project = await stores.projects.create(newProject({ ownerId }));
    expect(project).toMatchObject({ name: 'Animals', modelVersionId: null, isPlayground: false });
    expect(new Date(project.createdAt).getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await stores.projects.roleOf(project.id, ownerId)).toBe('owner');
    const { items } = await stores.canvases.list(project.id, { limit: 10 });
    expect(items).toMatchObject([{ name: 'Canvas 1', mode: 'free', projectId: project.id }]);
  });

  test('is not left behind without an owner', async () => {
    const { ownerToken, ...rest } = newProject({ ownerId: nobody });
    const creation = stores.projects.create({ ...rest, ownerToken });
    await expect(creation).rejects.toMatchObject({ code: 'session.missing' });
    expect(await stores.projects.findByOwnerToken(ownerToken)).toBeNull();
  });

  test('is the one Playground when two servers make it at once', async () => {
    const make = () =>
      stores.projects.create(newProject({ isPlayground: true, name: 'Playground' }));
    const made = await Promise.all([make(), make(), make()]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const { items } = await stores.canvases.list(made[0].id, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(await stores.projects.findPlayground()).toEqual(made[0]);
  });
});

describe('projects', () => {
  test('are listed by page: the Playground first, then mine, newest first', async () => {
    await stores.projects.create(newProject({ isPlayground: true, name: 'Playground' }));
    const me = await join();
    await stores.projects.create(newProject({ name: 'not mine' }));
    for (const name of ['one', 'two', 'three']) {
      await stores.projects.create(newProject({ name, ownerId: me }));
    }
    const first = await stores.projects.list(me, { limit: 3 });
    expect(first.items.map(({ name }) => name)).toEqual(['Playground', 'three', 'two']);
    const cursor = first.nextCursor ?? '';
    const second = await stores.projects.list(me, { limit: 3, cursor });
    expect(second.items.map(({ name }) => name)).toEqual(['one']);
    expect(second.nextCursor).toBeNull();
  });

  test.each(['', '?', 'null', 'LTE', 'OTk5OTk5OTk5OTk5OTk5OTk5OQ', "'; drop table projects"])(
    'refuse the cursor %j',
    async (cursor) => {
      const me = await join();
      const listing = stores.projects.list(me, { limit: 3, cursor });
      await expect(listing).rejects.toMatchObject({ code: 'request.invalid' });
    },
  );

  test('change name and strategy apart', async () => {
    const { id } = await stores.projects.create(newProject());
    const strategy = { ...DEFAULT_STRATEGY, when: { kind: 'by_hand' } as const };
    await stores.projects.update(id, { strategy, name: undefined });
    const renamed = await stores.projects.update(id, { name: 'Plants' });
    expect(renamed).toMatchObject({ name: 'Plants', strategy });
    await expect(stores.projects.update(nobody, { name: 'x' })).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });

  test('take all that is theirs along when they go', async () => {
    const { project, categoryId } = await withCategory();
    const [example] = await stores.examples.add([
      newExample({ projectId: project.id, categoryId }),
    ]);
    await stores.projects.remove(project.id);
    expect(await stores.projects.find(project.id)).toBeNull();
    expect(await stores.examples.find(example?.id ?? '')).toBeNull();
    await expect(stores.projects.remove(project.id)).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });

  test('never lower a role', async () => {
    const me = await join();
    const { id } = await stores.projects.create(newProject());
    await stores.projects.grantRole(id, me, 'contributor');
    await stores.projects.grantRole(id, me, 'owner');
    await stores.projects.grantRole(id, me, 'contributor');
    expect(await stores.projects.roleOf(id, me)).toBe('owner');
    await expect(stores.projects.grantRole(nobody, me, 'viewer')).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });
});

describe('categories', () => {
  test('keep their order and count the examples that are not deleted', async () => {
    const { project, categoryId } = await withCategory('cat');
    await stores.categories.create({ projectId: project.id, name: 'dog', starterName: 'dog' });
    const [kept, deleted] = await stores.examples.add([
      newExample({ projectId: project.id, categoryId }),
      newExample({ projectId: project.id, categoryId }),
    ]);
    await stores.examples.update(deleted?.id ?? '', { isDeleted: true });
    expect(kept?.isDeleted).toBe(false);
    expect(await stores.categories.list(project.id)).toMatchObject([
      { name: 'cat', examples: 1, preTaught: false },
      { name: 'dog', examples: 0, preTaught: true, starterName: 'dog' },
    ]);
  });

  test('of one project have different names, whatever their case', async () => {
    const { project } = await withCategory('Cat');
    const same = stores.categories.create({
      projectId: project.id,
      name: 'cAT',
      starterName: null,
    });
    await expect(same).rejects.toMatchObject({ code: 'category.name_taken' });
    const dog = await stores.categories.create({
      projectId: project.id,
      name: 'dog',
      starterName: null,
    });
    await expect(stores.categories.update(dog.id, { name: 'CAT' })).rejects.toMatchObject({
      code: 'category.name_taken',
    });
    expect((await stores.categories.update(dog.id, { name: 'Dog' })).name).toBe('Dog');
  });

  test('are made once when two people add the same name at once', async () => {
    const { project } = await withCategory('cat');
    const add = () =>
      stores.categories.create({ projectId: project.id, name: 'fish', starterName: null });
    const results = await Promise.allSettled([add(), add(), add()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('change name and pre-taught examples apart', async () => {
    const { categoryId } = await withCategory('cat');
    await stores.categories.update(categoryId, { starterName: 'cat' });
    expect(await stores.categories.update(categoryId, { name: 'kitten' })).toMatchObject({
      name: 'kitten',
      starterName: 'cat',
    });
    expect(await stores.categories.update(categoryId, { starterName: null })).toMatchObject({
      preTaught: false,
    });
    expect(await stores.categories.update(categoryId, {})).toMatchObject({ name: 'kitten' });
  });

  test('refuse unknown projects, unknown ids and NUL', async () => {
    const of = (projectId: string, name: string) =>
      stores.categories.create({ projectId, name, starterName: null });
    await expect(of(nobody, 'cat')).rejects.toMatchObject({ code: 'project.unknown' });
    const { project } = await withCategory();
    await expect(of(project.id, 'c\0t')).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(stores.categories.update('x', { name: 'cat' })).rejects.toMatchObject({
      code: 'category.unknown',
    });
    await expect(stores.categories.remove(nobody)).rejects.toMatchObject({
      code: 'category.unknown',
    });
    expect(await stores.categories.list('x')).toEqual([]);
  });
});

describe('examples', () => {
  test('come back as they were stored, in the order of their batch', async () => {
    const { project, categoryId } = await withCategory();
    const authorId = await join();
    const batch = Array.from({ length: 3 }, () =>
      newExample({ projectId: project.id, categoryId, authorId }),
    );
    const added = await stores.examples.add(batch);
    expect(added.map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
    expect(await stores.examples.find(batch[0]?.id ?? '')).toEqual(added[0]);
    expect(added[0]).toMatchObject({ authorId, source: 'api', split: 'train', isDeleted: false });
    const seen = { categoryIds: [categoryId], backboneId: 'starter-1', atMost: 9 };
    const [embedded] = await stores.examples.newestEmbeddings(seen);
    expect(embedded).toEqual({
      exampleId: batch[0]?.id,
      categoryId,
      embeddings: batch[0]?.embeddings,
    });
  });

  test('are stored all or not at all', async () => {
    const { project, categoryId } = await withCategory();
    const good = newExample({ projectId: project.id, categoryId });
    const bad = newExample({ projectId: project.id, categoryId: nobody });
    await expect(stores.examples.add([good, bad])).rejects.toMatchObject({
      code: 'category.unknown',
    });
    await expect(stores.examples.add([good, good])).rejects.toThrow();
    expect(await stores.examples.countSince(project.id, null)).toBe(0);
    expect(await stores.examples.add([])).toEqual([]);
  });

  test('are dealt to splits without a gap while several batches come at once', async () => {
    const { project, categoryId } = await withCategory();
    const dog = await stores.categories.create({
      projectId: project.id,
      name: 'dog',
      starterName: null,
    });
    const batch = (ids: string[]) =>
      stores.examples.add(ids.map((id) => newExample({ projectId: project.id, categoryId: id })));
    await Promise.all([
      ...Array.from({ length: 6 }, () => batch([categoryId, dog.id, categoryId])),
      ...Array.from({ length: 6 }, () => batch([dog.id, categoryId, dog.id])),
    ]);
    const splits = (split: 'train' | 'validation' | 'test', id: string) =>
      stores.examples.list(project.id, { limit: 100, split, categoryId: id });
    for (const id of [categoryId, dog.id]) {
      // Of 18: the first 8, then 8 of the next ten.
      expect((await splits('train', id)).items).toHaveLength(16);
      expect((await splits('validation', id)).items).toHaveLength(1);
      expect((await splits('test', id)).items).toHaveLength(1);
    }
  });

  test('from feedback always train and are not counted', async () => {
    const { project, categoryId } = await withCategory();
    const feedback = Array.from({ length: 30 }, () =>
      newExample({ projectId: project.id, categoryId, source: 'feedback' }),
    );
    const added = await stores.examples.add(feedback);
    expect(new Set(added.map(({ split }) => split))).toEqual(new Set(['train']));
    const drawn = await stores.examples.add(
      Array.from({ length: 17 }, () =>
        newExample({ projectId: project.id, categoryId, source: 'drawn' }),
      ),
    );
    expect(drawn.map(({ split }) => split).indexOf('validation')).toBe(16);
  });

  test('are listed newest first, by category, source and page', async () => {
    const { project, categoryId } = await withCategory();
    const batch = Array.from({ length: 5 }, (_, n) =>
      newExample({ projectId: project.id, categoryId, source: n === 2 ? 'drawn' : 'api' }),
    );
    await stores.examples.add(batch);
    const ids = batch.map(({ id }) => id).reverse();
    const first = await stores.examples.list(project.id, { limit: 2 });
    const second = await stores.examples.list(project.id, {
      limit: 3,
      cursor: first.nextCursor ?? '',
    });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    const drawn = await stores.examples.list(project.id, { limit: 9, source: 'drawn', categoryId });
    expect(drawn.items.map(({ id }) => id)).toEqual([batch[2]?.id]);
  });

  test('that are deleted can be brought back', async () => {
    const { project, categoryId } = await withCategory();
    const [example] = await stores.examples.add([
      newExample({ projectId: project.id, categoryId }),
    ]);
    const id = example?.id ?? '';
    expect(await stores.examples.update(id, { isDeleted: true })).toMatchObject({
      isDeleted: true,
    });
    expect(await stores.examples.find(id)).toMatchObject({ isDeleted: true });
    const seen = { categoryIds: [categoryId], backboneId: 'starter-1', atMost: 9 };
    expect(await stores.examples.newestEmbeddings(seen)).toEqual([]);
    expect((await stores.examples.list(project.id, { limit: 5 })).items).toEqual([]);
    await stores.examples.update(id, { isDeleted: false });
    expect((await stores.examples.list(project.id, { limit: 5 })).items).toEqual([example]);
  });

  test('move to another category, but not to one that is not there', async () => {
    const { project, categoryId } = await withCategory();
    const dog = await stores.categories.create({
      projectId: project.id,
      name: 'dog',
      starterName: null,
    });
    const [example] = await stores.examples.add([
      newExample({ projectId: project.id, categoryId }),
    ]);
    const id = example?.id ?? '';
    expect(await stores.examples.update(id, { categoryId: dog.id })).toMatchObject({
      categoryId: dog.id,
    });
    await expect(stores.examples.update(id, { categoryId: nobody })).rejects.toMatchObject({
      code: 'category.unknown',
    });
    await expect(stores.examples.update(nobody, {})).rejects.toMatchObject({
      code: 'example.unknown',
    });
  });

  test('are counted since a time', async () => {
    const { project, categoryId } = await withCategory();
    const [first] = await stores.examples.add([newExample({ projectId: project.id, categoryId })]);
    expect(await stores.examples.countSince(project.id, null)).toBe(1);
    expect(await stores.examples.countSince(project.id, first?.createdAt ?? null)).toBe(0);
    expect(await stores.examples.countSince(project.id, '2020-01-01T00:00:00.000Z')).toBe(1);
    await expect(stores.examples.countSince(project.id, '99999-99-99')).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });

  test('say which blobs nobody refers to', async () => {
    const { project, categoryId } = await withCategory();
    const example = newExample({ projectId: project.id, categoryId });
    await stores.examples.add([example]);
    const keys = [example.strokesKey, 'examples/lost/image.png', example.imageKey];
    expect(await stores.examples.unreferencedBlobKeys(keys)).toEqual(['examples/lost/image.png']);
    expect(await stores.examples.unreferencedBlobKeys([])).toEqual([]);
  });
});

describe('feedback', () => {
  test('is found until it is taken back', async () => {
    const { project, categoryId } = await withCategory();
    const canvas = await stores.canvases.create({
      projectId: project.id,
      name: 'two',
      mode: 'together',
    });
    const given = {
      canvasId: canvas.id,
      sketchId: randomUUID(),
      participantId: await join(),
      verdict: 'wrong',
      categoryId,
      exampleId: null,
      trainingRunId: null,
      sketchRevision: Date.parse('2026-11-23T12:00:00Z'),
      modelVersionId: null,
    } as const;
    const added = await stores.feedback.add(given);
    expect(await stores.feedback.find(added.id)).toEqual(added);
    await stores.feedback.remove(added.id);
    expect(await stores.feedback.find(added.id)).toBeNull();
    await expect(stores.feedback.remove(added.id)).rejects.toMatchObject({
      code: 'feedback.unknown',
    });
    const elsewhere = stores.feedback.add({ ...given, canvasId: nobody });
    await expect(elsewhere).rejects.toMatchObject({ code: 'canvas.unknown' });
  });
});
