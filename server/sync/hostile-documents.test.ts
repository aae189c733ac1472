import { randomUUID } from 'node:crypto';
import * as encoding from 'lib0/encoding';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, readSketch, readStrokes } from '../../shared/canvas-doc.ts';
import { encodeStroke } from '../../shared/stroke-codec.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import { LabPeer } from '../../test/support/lab-peer.ts';
import { SyncLab } from '../../test/support/sync-lab.ts';
import { encodeStep1, encodeUpdate } from './client-message.ts';

const guests = HubGuests.forEachTest();
let ann: Guest;
let eve: Guest;

beforeEach(async () => {
  [ann, eve] = [await guests.come('ann'), await guests.come('eve')];
  addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
  await eventually(() => expect(eve.canvas.ink.has('a')).toBe(true));
});

function refusedEntries(): number {
  return guests.hub.metrics().refusedEntries;
}

/** Ann's canvas is as it was, she can go on, and who comes anew sees the same. */
async function expectUndisturbed(): Promise<void> {
  addStroke(ann.canvas, { id: 'b', sketchId: 's', ink: buildInk('ann') }, null);
  await eventually(() => expect(ann.connection.isSaved).toBe(true));
  expect(ann.connection.closeCode).toBeNull();
  expect(readStrokes(ann.canvas).map(({ id }) => id)).toEqual(['a', 'b']);
  const ben = await guests.come('ben');
  expect(readStrokes(ben.canvas)).toEqual(readStrokes(ann.canvas));
  expect(ben.canvas.doc.toJSON()).toEqual(ann.canvas.doc.toJSON());
}

/** What eve does in one transaction is refused, counted and told her, and is gone from her copy. */
async function expectRefused(count: number, write: () => void): Promise<void> {
  const before = JSON.stringify(ann.canvas.doc.toJSON());
  eve.canvas.doc.transact(write);
  await eventually(() => expect(refusedEntries()).toBe(count));
  await eventually(() => expect(eve.connection.notices).toMatchObject([{ kind: 'refused' }]));
  await eventually(() => expect(eve.canvas.doc.toJSON()).toEqual(ann.canvas.doc.toJSON()));
  expect(JSON.stringify(ann.canvas.doc.toJSON())).toBe(before);
  await expectUndisturbed();
}

describe('a document of somebody hostile', () => {
  test('with ink that does not decode', async () => {
    const half = encodeStroke(buildInk('eve')).subarray(0, 20);
    await expectRefused(4, () => {
      eve.canvas.ink.set('x', half);
      eve.canvas.ink.set('y', { a: 1 });
      eve.canvas.ink.set('z', 'ink');
      eve.canvas.ink.set('', encodeStroke(buildInk('eve')));
    });
  });

  test('with strokes and sketches under another name', async () => {
    await expectRefused(3, () => {
      eve.canvas.ink.set('x', encodeStroke(buildInk('ann')));
      const value = { authorId: 'ann', createdAt: 1, state: 'open', categoryId: null };
      eve.canvas.sketches.set('x', value);
      eve.canvas.sketches.set('s', { ...readSketch(eve.canvas, 's'), authorId: 'ben' });
    });
  });

  test('with cuts that are none', async () => {
    await expectRefused(3, () => {
      eve.canvas.cuts.set('a', [[0, 1]]);
      eve.canvas.cuts.set('a:e', [[0, 1, 2]]);
      eve.canvas.cuts.set(
        'a:f',
        Array.from({ length: 1_001 }, () => [0, 1]),
      );
    });
  });

  test('with maps, texts and documents where values belong', async () => {
    await expectRefused(4, () => {
      eve.canvas.ink.set('x', new Y.Map([['y', new Y.Map()]]));
      eve.canvas.sketches.set('x', new Y.Text('a sketch'));
      eve.canvas.cuts.set('a:x', new Y.Doc());
      eve.canvas.sketchOf.set('x', new Y.Array());
    });
  });

  test('that takes everybody’s strokes and sketches away', async () => {
    await expectRefused(2, () => {
      for (const id of eve.canvas.ink.keys()) eve.canvas.ink.delete(id);
      for (const id of eve.canvas.sketches.keys()) eve.canvas.sketches.delete(id);
    });
  });

  test('with values 5,000 deep', async () => {
    let deep: unknown = [];
    for (let i = 0; i < 5_000; i++) deep = [deep];
    await expectRefused(1, () => eve.canvas.cuts.set('a:x', deep));
  });

  test('that uses our names for lists and texts disturbs nobody', async () => {
    const other = new Y.Doc();
    other.getText('ink').insert(0, 'not ink');
    other.getArray('cuts').push([1, 2, 3]);
    eve.connection.sendBytes(encodeUpdate(Y.encodeStateAsUpdate(other)));
    await expectUndisturbed();
  });

  test('that writes under Yjs client ids of others is of no use', async () => {
    const forged = new Y.Doc();
    for (const clientID of [ann.canvas.doc.clientID, 1, 2 ** 32 - 1]) {
      forged.clientID = clientID;
      forged.getMap('ink').set('a', encodeStroke(buildInk('ann', { x: 99, y: 99 })));
    }
    eve.connection.sendBytes(encodeUpdate(Y.encodeStateAsUpdate(forged)));
    await expectUndisturbed();
  });

  test('asked for with a state vector of 80,000 clients is answered', async () => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 80_000);
    for (let i = 0; i < 160_000; i++) encoding.writeVarUint(encoder, i);
    eve.connection.sendBytes(encodeStep1(encoding.toUint8Array(encoder)));
    await expectUndisturbed();
  });
});

/** As many keys as a message can carry. */
const KEYS_PER_UPDATE = 50_000;
/** About 0.5 s on a machine that has nothing else to do; what is quadratic takes minutes. */
const MAX_STALL_MS = 5_000;
const MAX_HELD_BACK_BYTES = 128 * 1024;

function keysUpdate(round: number): Uint8Array {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (let i = 0; i < KEYS_PER_UPDATE; i++) doc.getMap('ink').set(`${round}${i}`, 1);
  });
  return Y.encodeStateAsUpdate(doc);
}

/** Processor time of this process, which is the hub's alone while it takes a message in. */
function cpuMs(task: () => void): number {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('100,000 keys in two updates', () => {
  test('are removed and counted, and other rooms go on', async () => {
    const ben = guests.knock('ben', 'contributor', randomUUID());
    await eventually(() => expect(ben.connection.isSynced).toBe(true));
    for (const round of [1, 2]) eve.connection.sendBytes(encodeUpdate(keysUpdate(round)));
    await eventually(() => expect(refusedEntries()).toBe(2 * KEYS_PER_UPDATE), 30_000);
    addStroke(ben.canvas, { id: 'b', sketchId: 's', ink: buildInk('ben') }, null);
    await eventually(() => expect(ben.connection.isSaved).toBe(true));
    await expectUndisturbed();
  }, 60_000);

  test('cost in proportion to their number', async () => {
    const mallory = new LabPeer({ name: 'mallory', wantsExtras: true, firstClientId: 7 });
    const lab = new SyncLab([mallory], 1);
    await lab.come(mallory);
    mallory.line?.toHub.splice(0, Infinity, encodeUpdate(keysUpdate(1)));
    mallory.line?.toPeer.splice(0);
    expect(cpuMs(() => lab.deliver(mallory, { at: 0, twice: false }))).toBeLessThan(MAX_STALL_MS);
    expect(lab.counters.refusedEntries).toBe(KEYS_PER_UPDATE);
  });
});

describe('updates that build on what never comes', () => {
  /** Each builds on the one before, and the first is kept back. */
  function orphans(count: number): Uint8Array[] {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(encodeUpdate(update)));
    for (let i = 0; i <= count; i++) doc.getMap('ink').set(`k${i}`, new Uint8Array(300));
    return updates.slice(1);
  }

  test('are kept for when it comes, and disturb nobody', async () => {
    for (const update of orphans(20)) eve.connection.sendBytes(update);
    await expectUndisturbed();
  });

  test('put out who sends them without end', async () => {
    const mallory = new LabPeer({ name: 'mallory', wantsExtras: true, firstClientId: 7 });
    const lab = new SyncLab([mallory], 1);
    await lab.come(mallory);
    const { room } = await lab.rooms.hold(lab.canvasId);
    for (const update of orphans(1_500)) {
      mallory.line?.toHub.splice(0, Infinity, update);
      lab.deliver(mallory, { at: 0, twice: false });
    }
    expect(mallory.line).toBeNull();
    expect(room.doc.store.pendingStructs?.update.length).toBeLessThan(MAX_HELD_BACK_BYTES);
  });
});
