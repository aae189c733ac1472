import { createSecretKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { BuiltEntry } from '../../test/support/build-entry.ts';
import { buildEntry } from '../../test/support/build-entry.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import { cutStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import { createCounters } from './counters.ts';
import type { Room } from './room.ts';
import type { RoomLease } from './rooms.ts';
import { Rooms } from './rooms.ts';
import { createSnapshotCheck } from './snapshot-check.ts';
import { factsOf } from './snapshot-facts.ts';
import { readStoredCanvas } from './stored-canvas.ts';

const UNLOAD_AFTER_MS = 1_000;

let log: MemoryCanvasLog;
let clock: ManualClock;
let rooms: Rooms;
let counters: ReturnType<typeof createCounters>;
let failures: string[];
let lease: RoomLease;
let room: Room;

beforeEach(async () => {
  log = new MemoryCanvasLog();
  clock = new ManualClock();
  counters = createCounters();
  failures = [];
  rooms = open(createSnapshotCheck(null));
  lease = await rooms.hold('c');
  room = lease.room;
});

function open(checkSnapshot: ReturnType<typeof createSnapshotCheck>): Rooms {
  return new Rooms({
    ...{ log, clock, counters, checkSnapshot },
    logger: {
      info: () => undefined,
      warn: (_fields, event) => void failures.push(event),
      error: () => undefined,
    },
    ...{ unloadAfterMs: UNLOAD_AFTER_MS, sealKey: createSecretKey('secret', 'utf8') },
    onSketchChanged: () => undefined,
    onOpened: () => undefined,
    onClosed: () => undefined,
  });
}

/** As many rows as that, one entry each. */
async function write(rows: number, bytes = 1): Promise<void> {
  for (let n = 0; n < rows; n++)
    await room.change(null, ({ ink }) => ink.set(`${log.commits}`, new Uint8Array(bytes)));
}

async function stored(): Promise<Y.Doc> {
  return readStoredCanvas((await log.load('c')) ?? { snapshot: null, updates: [] }).doc;
}

async function expectAllStored(): Promise<void> {
  expect((await stored()).toJSON()).toEqual(room.doc.toJSON());
}

describe('the log of a canvas that people draw on', () => {
  test('is replaced by a snapshot at 200 rows', async () => {
    await write(199);
    expect(log.snapshots.size).toBe(0);
    await write(1);
    await eventually(() => expect(log.rows).toHaveLength(0));
    await write(3);
    expect(log.rows).toHaveLength(3);
    await expectAllStored();
    expect(counters).toMatchObject({ compactions: 1, compactionFailures: 0 });
  });

  test('is replaced by a snapshot at 256 KiB', async () => {
    await write(4, 60_000);
    expect(log.snapshots.size).toBe(0);
    await write(1, 60_000);
    await eventually(() => expect(log.rows).toHaveLength(0));
    await expectAllStored();
  });

  test('counts the rows that were there when it was opened', async () => {
    await write(150);
    rooms = open(createSnapshotCheck(null));
    lease = await rooms.hold('c');
    room = lease.room;
    await write(50);
    await eventually(() => expect(log.rows).toHaveLength(0));
  });

  test('keeps what is appended while its snapshot is stored, and compacts once at a time', async () => {
    await write(199);
    const compact = log.compact.bind(log);
    let [running, most] = [0, 0];
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    log.compact = async (...args) => {
      running += 1;
      most = Math.max(most, running);
      await gate;
      running -= 1;
      return compact(...args);
    };
    await write(250);
    expect(most).toBe(1);
    goOn();
    await eventually(() => expect(counters.compactions).toBe(1));
    expect(log.rows).toHaveLength(249);
    await write(1);
    await eventually(() => expect(log.rows).toHaveLength(0));
    expect(most).toBe(1);
    await expectAllStored();
  });

  test('stays as it is when a snapshot fails, and is tried again later, not at once', async () => {
    const compact = log.compact.bind(log);
    let tries = 0;
    log.compact = async () => {
      tries += 1;
      throw new Error('No space left');
    };
    await write(399);
    expect(tries).toBe(1);
    expect(log.rows).toHaveLength(399);
    expect(failures).toEqual(['sync.compaction_failed']);
    await write(1);
    expect(tries).toBe(2);
    log.compact = compact;
    await write(400);
    await eventually(() => expect(log.rows).toHaveLength(0));
    expect(counters).toMatchObject({ compactions: 1, compactionFailures: 2 });
    await write(200);
    await eventually(() => expect(counters.compactions).toBe(2));
    await expectAllStored();
  });

  test('keeps what Yjs holds back because it builds on something that has not come', async () => {
    const far = new Y.Doc();
    const updates: Uint8Array[] = [];
    far.on('update', (update: Uint8Array) => updates.push(update));
    for (const key of ['first', 'second']) openCanvasDoc(far).ink.set(key, new Uint8Array([1]));
    openCanvasDoc(far).ink.delete('second');
    const [first = new Uint8Array(), ...rest] = updates;
    for (const update of rest) {
      Y.applyUpdate(room.doc, update);
      room.writer.append(update, null);
    }
    await write(200);
    await eventually(() => expect(log.rows.length).toBeLessThan(200));
    expect(counters.compactions).toBe(1);
    const copy = await stored();
    Y.applyUpdate(copy, first);
    expect(openCanvasDoc(copy).ink.has('first')).toBe(true);
    expect(openCanvasDoc(copy).ink.has('second')).toBe(false);
    expect(Y.encodeStateVector(copy)).toEqual(
      Y.encodeStateVector(mergedOf([Y.encodeStateAsUpdate(room.doc), first])),
    );
  });

  test('takes in what another server has stored before it is replaced', async () => {
    const other = open(createSnapshotCheck(null));
    const there = await other.hold('c');
    await write(1);
    await there.room.change(null, ({ ink }) => ink.set('theirs', new Uint8Array([1])));
    there.release();
    clock.advance(UNLOAD_AFTER_MS);
    await eventually(() => expect(log.snapshots.size).toBe(1));
    await write(200);
    await eventually(() => expect(counters.compactions).toBe(2));
    expect(openCanvasDoc(room.doc).ink.has('theirs')).toBe(true);
    expect(openCanvasDoc(await stored()).ink.has('theirs')).toBe(true);
    await expectAllStored();
  });

  test('is not touched any more once the room has left memory', async () => {
    await write(10);
    const there = log.hold();
    lease.release();
    clock.advance(UNLOAD_AFTER_MS);
    rooms.forget('c');
    there();
    await eventually(() => expect(rooms.find('c')).toBeNull());
    expect(failures).toEqual([]);
  });

  test('is replaced when the last one has left', async () => {
    await write(3);
    cutStroke(openCanvasDoc(room.doc), { strokeId: '0', eraseId: 'e' }, null);
    lease.release();
    clock.advance(UNLOAD_AFTER_MS);
    await eventually(() => expect(rooms.find('c')).toBeNull());
    expect(log.rows).toHaveLength(0);
    expect(openCanvasDoc(await stored()).cuts.size).toBe(1);
  });
});

function mergedOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

describe('a snapshot', () => {
  const doc = new Y.Doc();
  let built: BuiltEntry;

  beforeAll(async () => {
    for (let n = 0; n < 600; n++) openCanvasDoc(doc).ink.set(`${n}`, new Uint8Array(1_000));
    built = await buildEntry('server/sync/snapshot-check-main.ts');
  });
  afterAll(() => built.remove());

  const places = [
    { place: 'here', entryOf: () => null },
    { place: 'in a worker', entryOf: () => built.entry },
    { place: 'here where no worker starts', entryOf: () => '/no/such/worker.js' },
  ];

  test.each(places)('that holds everything is good, read $place', async ({ entryOf }) => {
    const check = createSnapshotCheck(entryOf());
    await check(Y.encodeStateAsUpdate(doc), factsOf(doc));
  });

  test.each(places)('that lacks something is not, read $place', async ({ entryOf }) => {
    const check = createSnapshotCheck(entryOf());
    const snapshot = Y.encodeStateAsUpdate(doc);
    const more = mergedOf([snapshot]);
    openCanvasDoc(more).ink.set('more', new Uint8Array([1]));
    await expect(check(snapshot, factsOf(more))).rejects.toThrow('not hold all');
    const fewer = mergedOf([snapshot]);
    openCanvasDoc(fewer).ink.delete('7');
    await expect(check(snapshot, factsOf(fewer))).rejects.toThrow('not hold all');
    const broken = snapshot.slice(0, snapshot.length / 2);
    await expect(check(broken, factsOf(doc))).rejects.toThrow();
  });

  test('that is not good replaces nothing', async () => {
    rooms = open(async () => Promise.reject(new Error('It does not hold all of it')));
    lease = await rooms.hold('c');
    room = lease.room;
    await write(200);
    await eventually(() => expect(counters.compactionFailures).toBe(1));
    expect(log.rows).toHaveLength(200);
    expect(log.snapshots.size).toBe(0);
  });
});
