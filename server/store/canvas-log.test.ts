import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryBlobs } from '../../test/support/build-domain.ts';
import type { TestDatabase } from '../../test/support/database.ts';
import { createTestDatabase } from '../../test/support/database.ts';
import type { CanvasLog, LogEntry } from '../sync/canvas-log.ts';
import { SnapshotSuperseded } from '../sync/canvas-log.ts';
import { createCanvasLog } from './canvas-log.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { openStores } from './stores.ts';

describe('the log of a canvas', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let log: CanvasLog;
  let blobs: MemoryBlobs;
  let canvasId: string;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase(testDatabase.url);
    blobs = new MemoryBlobs();
    log = createCanvasLog(database, blobs);
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

  /** Puts a snapshot of that content in the place of the newest one and these rows. */
  async function compact(snapshot: Uint8Array, seqs: readonly bigint[] = []): Promise<void> {
    const replaces = (await log.load(canvasId))?.snapshotNumber ?? null;
    await log.compact(canvasId, { snapshot, seqs, replaces });
  }

  async function logged(of = canvasId): Promise<number[]> {
    const stored = await log.load(of);
    return stored?.updates.map(({ update }) => update[0] ?? -1) ?? [];
  }

  test('is empty at first and absent for an unknown canvas', async () => {
    expect(await log.load(canvasId)).toEqual({
      ...{ generation: 1, snapshot: null, snapshotNumber: null, updates: [] },
    });
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
    const nowhere = { snapshot: Uint8Array.of(1), seqs: [], replaces: null };
    expect(await log.compact(randomUUID(), nowhere)).toBeNull();
  });

  test('gives up exactly the rows that a snapshot contains', async () => {
    const [first, second] = await log.append([entry(1), entry(2), entry(3)]);
    await log.append([entry(4)]);
    await compact(Uint8Array.of(12), [first ?? 0n, second ?? 0n]);
    const stored = await log.load(canvasId);
    expect([...(stored?.snapshot ?? [])]).toEqual([12]);
    expect(await logged()).toEqual([3, 4]);
  });

  test('keeps the last three snapshots and reads the newest', async () => {
    for (let n = 1; n <= 5; n += 1) await compact(Uint8Array.of(n));
    const kept = await database.pool.query<{ state: Buffer }>(
      'select state from canvas_snapshots where canvas_id = $1 order by number',
      [canvasId],
    );
    expect(kept.rows.map(({ state }) => state[0])).toEqual([3, 4, 5]);
    expect([...((await log.load(canvasId))?.snapshot ?? [])]).toEqual([5]);
  });

  test('refuses to open a damaged snapshot', async () => {
    await compact(Uint8Array.of(1, 2, 3));
    await database.pool.query(
      `update canvas_snapshots set state = '\\x010204' where canvas_id = $1`,
      [canvasId],
    );
    await expect(log.load(canvasId)).rejects.toThrow('damaged');
  });

  test('deletes no rows when the snapshot cannot be stored', async () => {
    const seqs = await log.append([entry(1)]);
    const impossible = [...seqs, 2n ** 64n];
    await expect(compact(Uint8Array.of(1), impossible)).rejects.toThrow();
    expect(await log.load(canvasId)).toMatchObject({ snapshot: null, updates: [{ seq: seqs[0] }] });
  });

  test('does not let a snapshot replace one that it does not contain', async () => {
    const [row = 0n] = await log.append([entry(1)]);
    const known = { snapshot: Uint8Array.of(1), seqs: [row], replaces: null };
    expect(await log.compact(canvasId, known)).toEqual(expect.any(BigInt));
    const late = log.compact(canvasId, { ...known, snapshot: Uint8Array.of(2) });
    await expect(late).rejects.toThrow(SnapshotSuperseded);
    expect(await log.load(canvasId)).toMatchObject({ snapshot: Buffer.of(1), updates: [] });
  });

  test('moves rows that cannot be read out of the way, and keeps them', async () => {
    const [bad = 0n, good] = await log.append([entry(7), entry(8)]);
    await log.setAside(canvasId, [{ seq: bad, reason: 'no \0 update' }]);
    expect((await log.load(canvasId))?.updates.map(({ seq }) => seq)).toEqual([good]);
    const kept = await database.pool.query(
      'select seq, data, reason from canvas_unreadable_updates where canvas_id = $1',
      [canvasId],
    );
    expect(kept.rows).toEqual([{ seq: bad.toString(), data: Buffer.of(7), reason: 'no  update' }]);
    // A row that is gone already is no reason to fail.
    await log.setAside(canvasId, [{ seq: bad, reason: 'again' }]);
  });

  describe('with a large document', () => {
    const large = new Uint8Array(1_048_577).fill(5);
    const keysOf = (): string[] =>
      [...blobs.blobs.keys()].filter((key) => key.startsWith(`canvases/${canvasId}/`));

    test('keeps its snapshot as a blob, which goes with its row', async () => {
      await compact(large);
      expect(keysOf()).toHaveLength(1);
      expect(
        Buffer.from(large).equals((await log.load(canvasId))?.snapshot ?? large.slice(1)),
      ).toBe(true);
      const columns = await database.pool.query(
        'select state, blob_ref from canvas_snapshots where canvas_id = $1',
        [canvasId],
      );
      expect(columns.rows).toEqual([{ state: null, blob_ref: keysOf()[0] }]);
      for (let n = 0; n < 3; n += 1) await compact(Uint8Array.of(n));
      expect(keysOf()).toEqual([]);
    });

    test('is not opened without the blob, or with another content of it', async () => {
      await compact(large);
      const [key = ''] = keysOf();
      await blobs.put(key, large.slice(1));
      await expect(log.load(canvasId)).rejects.toThrow('damaged');
      await blobs.delete(key);
      await expect(log.load(canvasId)).rejects.toThrow('missing');
    });

    test('deletes no row when the blob cannot be written', async () => {
      const seqs = await log.append([entry(1)]);
      const { put } = blobs;
      blobs.put = async () => Promise.reject(new Error('The disk is full'));
      await expect(compact(large, seqs)).rejects.toThrow('full');
      blobs.put = put;
      expect(await logged()).toEqual([1]);
    });

    test('has its blobs swept when nothing names them any more', async () => {
      await compact(large);
      const [key = ''] = keysOf();
      const lost = `canvases/${canvasId}/lost`;
      const { examples } = openStores(database);
      expect(await examples.unreferencedBlobKeys([key, lost])).toEqual([lost]);
    });
  });

  describe('begun anew', () => {
    test('holds nothing but the new document, of the next generation', async () => {
      const seqs = await log.append([entry(1), entry(2)]);
      await compact(Uint8Array.of(1), seqs.slice(0, 1));
      const before = await log.load(canvasId);
      await log.renew(canvasId, {
        ...{ snapshot: Uint8Array.of(9), seqs: seqs.slice(1), generation: 1 },
        replaces: before?.snapshotNumber ?? null,
      });
      expect(await log.load(canvasId)).toMatchObject({
        ...{ generation: 2, snapshot: Buffer.of(9), updates: [] },
      });
      const snapshots = await database.pool.query(
        'select from canvas_snapshots where canvas_id = $1',
        [canvasId],
      );
      expect(snapshots.rowCount).toBe(1);
    });

    test('does not lose what somebody else has written', async () => {
      const [known = 0n] = await log.append([entry(1), entry(2)]);
      const renewal = { snapshot: Uint8Array.of(9), seqs: [known], replaces: null, generation: 1 };
      await expect(log.renew(canvasId, renewal)).rejects.toThrow(SnapshotSuperseded);
      await expect(log.renew(canvasId, { ...renewal, generation: 7 })).rejects.toThrow(
        SnapshotSuperseded,
      );
      expect(await log.load(canvasId)).toMatchObject({ generation: 1, snapshot: null });
      expect(await logged()).toEqual([1, 2]);
    });
  });
});
