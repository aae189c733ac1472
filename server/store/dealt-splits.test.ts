import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dealtSplits } from '../../migrations/202611300530-dealt-splits.ts';
import { createTestDatabase } from '../../test/support/database.ts';
import type { SplitCounts } from '../../shared/deal-splits.ts';
import { dealSplits } from '../../shared/deal-splits.ts';
import { Split } from '../../shared/example.ts';
import { seededRandom, shuffle } from '../../shared/random.ts';
import type { ExampleRecord, NewExample } from '../domain/ports.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import type { Stores } from './stores.ts';
import { openStores } from './stores.ts';

let servers: Server[];
let drop: () => Promise<void>;

interface Server {
  readonly database: Database;
  readonly stores: Stores;
}

beforeAll(async () => {
  const created = await createTestDatabase();
  ({ drop } = created);
  const databases = [await openDatabase(created.url), await openDatabase(created.url)];
  servers = databases.map((database) => ({ database, stores: openStores(database) }));
});

afterAll(async () => {
  for (const { database } of servers) await database.close();
  await drop();
});

function server(n: number): Server {
  const found = servers[n % 2];
  if (!found) throw new Error('There are two servers.');
  return found;
}

/** A project with some categories, and who draws in it. */
interface ClassRoom {
  readonly projectId: string;
  readonly categoryIds: readonly string[];
  readonly pupils: readonly string[];
}

async function open(categories: number, pupils: number): Promise<ClassRoom> {
  const { stores } = server(0);
  const { id: projectId } = await stores.projects.create({
    ...{ name: 'Class', isPlayground: false, ownerId: null, ownerToken: randomUUID() },
    canvas: { name: 'Canvas 1', mode: 'free' },
  });
  const names = Array.from({ length: categories }, (_, n) => `category ${n}`);
  const made = await Promise.all(
    names.map((name) => stores.categories.create({ projectId, name, starterName: null })),
  );
  const guests = await Promise.all(
    Array.from({ length: pupils }, (_, n) =>
      stores.participants.create({ nickname: `Pupil ${n}`, color: '#0b7fab' }),
    ),
  );
  return {
    projectId,
    categoryIds: made.map(({ id }) => id),
    pupils: guests.map(({ id }) => id),
  };
}

function drawing(room: ClassRoom, authorId: string | null, category: number): NewExample {
  const id = randomUUID();
  return {
    ...{ id, projectId: room.projectId, categoryId: room.categoryIds[category] ?? '', authorId },
    ...{ source: 'drawn', canvasId: null, sketchId: null, predictedCategoryId: null },
    ...{ predictedConfidence: null, modelVersionId: null, contentHash: 'c0ffee' },
    ...{ strokesKey: `examples/${id}/strokes.json`, imageKey: `examples/${id}/image.png` },
    ...{ raster: new Uint8Array(1024), backboneId: 'starter-1' },
    embeddings: Float32Array.from([1, 2]),
  };
}

/** All of a project, oldest first. */
async function stored({ projectId }: ClassRoom): Promise<ExampleRecord[]> {
  const { items } = await server(0).stores.examples.list(projectId, { limit: 1000 });
  return items.reverse();
}

/** So many draw in every category twice. After six there is room to keep a whole hand apart. */
async function begin(room: ClassRoom, pupils: number): Promise<void> {
  for (const pupil of room.pupils.slice(0, pupils)) {
    const twice = [...room.categoryIds.keys(), ...room.categoryIds.keys()];
    await server(0).stores.examples.add(twice.map((category) => drawing(room, pupil, category)));
  }
}

const splitsOf = (examples: readonly ExampleRecord[], authorId: string | undefined): Split[] => [
  ...new Set(examples.filter((example) => example.authorId === authorId).map((e) => e.split)),
];

function add(counts: Map<string, SplitCounts>, key: string, split: Split): void {
  const before = counts.get(key) ?? { train: 0, validation: 0, test: 0 };
  counts.set(key, { ...before, [split]: before[split] + 1 });
}

test('a class that draws by two servers at once is dealt as if one after the other', async () => {
  const room = await open(5, 30);
  const random = seededRandom(3);
  const turns = room.pupils.flatMap((pupil, n) =>
    Array.from({ length: 5 + (n % 7) }, (_, turn) => drawing(room, pupil, (n + turn) % 5)),
  );
  await Promise.all(
    shuffle(turns, random).map((example, n) => server(n).stores.examples.add([example])),
  );
  const examples = await stored(room);
  expect(examples).toHaveLength(turns.length);
  const dealt = {
    categories: new Map<string, SplitCounts>(),
    authors: new Map<string, SplitCounts>(),
  };
  const expected = examples.map((example) => {
    const [split = 'train'] = dealSplits([example], dealt);
    add(dealt.categories, example.categoryId, split);
    add(dealt.authors, example.authorId ?? '', split);
    return split;
  });
  expect(examples.map(({ split }) => split)).toEqual(expected);
  expect(new Set(expected)).toEqual(new Set(Split.options));
});

test('a new author who draws in two categories by two servers at once lies on one side', async () => {
  const room = await open(5, 10);
  await begin(room, 6);
  const newcomers = room.pupils.slice(6);
  await Promise.all(
    newcomers.flatMap((pupil) =>
      [0, 1].map((n) => server(n).stores.examples.add([drawing(room, pupil, n)])),
    ),
  );
  const examples = await stored(room);
  expect(newcomers.map((pupil) => splitsOf(examples, pupil).length)).toEqual([1, 1, 1, 1]);
  const heldOut = newcomers.map((pupil) => splitsOf(examples, pupil)[0]);
  expect(new Set(heldOut)).toContain('validation');
  expect(new Set(heldOut)).toContain('test');
});

test('splits that were dealt never change, whatever comes, moves or goes', async () => {
  const room = await open(2, 10);
  const { examples } = server(0).stores;
  await begin(room, 10);
  const before = await stored(room);
  const held = before.find(({ split }) => split !== 'train');
  const [first] = before;
  await examples.update(held?.id ?? '', { categoryId: room.categoryIds[0] });
  await examples.update(first?.id ?? '', { isDeleted: true });
  for (const pupil of room.pupils) await examples.add([drawing(room, pupil, 1)]);
  await examples.update(first?.id ?? '', { isDeleted: false });
  const after = new Map((await stored(room)).map(({ id, split }) => [id, split]));
  expect(held).toBeDefined();
  expect(before.map(({ id }) => after.get(id))).toEqual(before.map(({ split }) => split));
});

test('an author is known by what was deleted, too, but not by feedback', async () => {
  const room = await open(5, 10);
  const { examples } = server(1).stores;
  await begin(room, 6);
  const [ida = '', jon = ''] = room.pupils.slice(6);
  const feedback = (): NewExample => ({ ...drawing(room, ida, 0), source: 'feedback' });
  await examples.add([feedback()]);
  const [first] = await examples.add([drawing(room, ida, 0), feedback()]);
  expect(first?.split).not.toBe('train');
  await examples.update(first?.id ?? '', { isDeleted: true });
  await examples.add([drawing(room, jon, 0)]);
  expect(await examples.add([drawing(room, ida, 1)])).toMatchObject([{ split: first?.split }]);
});

test('the examples of a batch are of one project', async () => {
  const [one, two] = [await open(1, 0), await open(1, 0)];
  const batch = server(0).stores.examples.add([drawing(one, null, 0), drawing(two, null, 0)]);
  await expect(batch).rejects.toThrow('several projects');
});

test('what was dealt before authors were looked at is counted', async () => {
  const room = await open(4, 4);
  const { database, stores } = server(0);
  for (const [category, drawings] of [7, 17, 18, 30].entries()) {
    const all = Array.from({ length: drawings }, (_, n) =>
      drawing(room, room.pupils[n % 5] ?? null, category),
    );
    await stores.examples.add(all);
  }
  const counted = async (): Promise<object[]> => {
    const categories = await database.pool.query<object>(
      `select name, dealt_examples, dealt_validation, dealt_test from categories
       where project_id = $1 order by name`,
      [room.projectId],
    );
    const authors = await database.pool.query<object>(
      'select * from dealt_authors where project_id = $1 order by author_id',
      [room.projectId],
    );
    return [...categories.rows, ...authors.rows];
  };
  const before = await counted();
  const context = { query: (statement: string) => database.pool.query(statement) };
  await dealtSplits.down(context);
  await dealtSplits.up(context);
  expect(before).toHaveLength(4 + 4);
  expect(before[3]).toEqual({
    name: 'category 3',
    dealt_examples: 30,
    dealt_validation: 2,
    dealt_test: 2,
  });
  expect(await counted()).toEqual(before);
});
