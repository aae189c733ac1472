import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../test/support/database.ts';
import { createTestDatabase } from '../../test/support/database.ts';
import type { CanvasLog, LogEntry } from '../sync/canvas-log.ts';
import { createCanvasLog } from './canvas-log.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { openStores } from './stores.ts';

describe('the log of a canvas', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let log: CanvasLog;
  let canvasId: string;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase(testDatabase.url);
    log = createCanvasLog(database);
  });

  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  beforeEach(async () => {
    canvasId = await createCanvas();
  });

  async function createCanvas(): Promise<string> {
    const stores = openStores(database);
    const { id: projectId } = await stores.projects.create({
      name: 'Animals',
      isPlayground: false,
      ownerId: null,
      ownerToken: randomUUID(),
      canvas: { name: 'first', mode: 'free' },
    });
    return (await stores.canvases.create({ projectId, name: 'second', mode: 'free' })).id;
  }

  function entry(byte: number, of = canvasId): LogEntry {
    return { canvasId: of, authorId: randomUUID(), update: Uint8Array.of(byte) };
  }

  async function logged(of = canvasId): Promise<number[]> {
    const stored = await log.load(of);
    return stored?.updates.map(({ update }) => update[0] ?? -1) ?? [];
  }

  test('is empty at first and absent for an unknown canvas', async () => {
    expect(await log.load(canvasId)).toEqual({ snapshot: null, updates: [] });
    expect(await log.load(randomUUID())).toBeNull();
    expect(await log.load('not an id')).toBeNull();
  });

  test('keeps the order of its batches', async () => {
    const other = await createCanvas();
    const seqs = await log.append([entry(1), entry(9, other), entry(2), entry(3)]);
    expect([...seqs].sort((a, b) => Number(a - b))).toEqual(seqs);
    const stored = await log.load(canvasId);
    expect(stored?.updates.map(({ seq }) => seq)).toEqual([seqs[0], seqs[2], seqs[3]]);
    expect(await logged()).toEqual([1, 2, 3]);
    expect(await logged(other)).toEqual([9]);
  });

  test('takes a large batch in the order given', async () => {
    const batch = Array.from({ length: 2_000 }, (_, n) => entry(n % 251));
    const seqs = await log.append(batch);
    expect(seqs).toHaveLength(2_000);
    expect(await logged()).toEqual(batch.map(({ update }) => update[0]));
  });

  test('takes an empty batch and an empty update', async () => {
    expect(await log.append([])).toEqual([]);
    await log.append([{ canvasId, authorId: null, update: new Uint8Array(0) }]);
    expect((await log.load(canvasId))?.updates[0]?.update).toHaveLength(0);
  });

  test('is not held up by a canvas that was deleted meanwhile', async () => {
    const seqs = await log.append([entry(1, randomUUID()), entry(2)]);
    expect(seqs[0]).toBe(0n);
    expect(await logged()).toEqual([2]);
    await log.compact(randomUUID(), Uint8Array.of(1), []);
  });

  test('gives up exactly the rows that a snapshot contains', async () => {
    const [first, second] = await log.append([entry(1), entry(2), entry(3)]);
    await log.append([entry(4)]);
    await log.compact(canvasId, Uint8Array.of(12), [first ?? 0n, second ?? 0n]);
    const stored = await log.load(canvasId);
    expect([...(stored?.snapshot ?? [])]).toEqual([12]);
    expect(await logged()).toEqual([3, 4]);
  });

  test('keeps the last three snapshots and reads the newest', async () => {
    for (let n = 1; n <= 5; n += 1) await log.compact(canvasId, Uint8Array.of(n), []);
    const kept = await database.pool.query<{ state: Buffer }>(
      'select state from canvas_snapshots where canvas_id = $1 order by number',
      [canvasId],
    );
    expect(kept.rows.map(({ state }) => state[0])).toEqual([3, 4, 5]);
    expect([...((await log.load(canvasId))?.snapshot ?? [])]).toEqual([5]);
  });

  test('refuses to open a damaged snapshot', async () => {
    await log.compact(canvasId, Uint8Array.of(1, 2, 3), []);
    await database.pool.query(
      `update canvas_snapshots set state = '\\x010204' where canvas_id = $1`,
      [canvasId],
    );
    await expect(log.load(canvasId)).rejects.toThrow('damaged');
  });

  test('deletes no rows when the snapshot cannot be stored', async () => {
    const seqs = await log.append([entry(1)]);
    const impossible = [...seqs, 2n ** 64n];
    await expect(log.compact(canvasId, Uint8Array.of(1), impossible)).rejects.toThrow();
    expect(await log.load(canvasId)).toMatchObject({ snapshot: null, updates: [{ seq: seqs[0] }] });
  });
});
