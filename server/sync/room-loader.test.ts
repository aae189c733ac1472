import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { eventually } from '../../test/support/eventually.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';

const guests = HubGuests.forEachTest();

/** A row that says one thing more than the one before. */
function updates(count: number): Uint8Array[] {
  const canvas = openCanvasDoc(new Y.Doc());
  const made: Uint8Array[] = [];
  canvas.doc.on('update', (update: Uint8Array) => made.push(update));
  for (let n = 0; n < count; n++) canvas.sketchOf.set(`${n}`, 's');
  return made;
}

async function append(all: readonly Uint8Array[]): Promise<void> {
  const { canvasId } = guests;
  await guests.log.append(all.map((update) => ({ canvasId, authorId: null, update })));
}

describe('a canvas with rows that cannot be read', () => {
  const [one = new Uint8Array(), two = new Uint8Array(), three = new Uint8Array()] = updates(3);
  // The entry is whole, and what is said of deletions after it is cut off.
  const half = two.slice(0, -1);

  test('opens without them; they are set aside once, and nothing of them is taken in', async () => {
    await append([one, new Uint8Array([7, 7, 7]), half]);
    const ann = await guests.come('ann');
    expect([...ann.canvas.sketchOf.keys()]).toEqual(['0']);
    expect(guests.log.setAsideRows.map(({ update }) => update.length)).toEqual([3, half.length]);
    expect(guests.log.rows.map(({ update }) => update)).toEqual([one]);
    expect(guests.hub.metrics()).toMatchObject({ unreadableUpdates: 2, loadFailures: 0 });
  });

  test('opens also when they cannot be set aside', async () => {
    await append([one, half]);
    guests.log.setAside = async () => Promise.reject(new Error('Read-only'));
    const ann = await guests.come('ann');
    expect([...ann.canvas.sketchOf.keys()]).toEqual(['0']);
    expect(guests.log.rows).toHaveLength(2);
    expect(guests.hub.metrics()).toMatchObject({ unreadableUpdates: 1, loadFailures: 0 });
  });

  test('keeps what builds on them until they come after all', async () => {
    await append([one, half, three]);
    const ann = await guests.come('ann');
    expect([...ann.canvas.sketchOf.keys()]).toEqual(['0']);
    Y.applyUpdate(ann.canvas.doc, two);
    await eventually(() => expect([...ann.canvas.sketchOf.keys()].sort()).toEqual(['0', '1', '2']));
  });
});

describe('a canvas that cannot be loaded', () => {
  test('is closed to everybody who came, and never shown empty', async () => {
    await append(updates(2));
    guests.log.load = async () => Promise.reject(new Error('The state of a canvas is damaged.'));
    const all = ['ann', 'ben', 'cam'].map((name) => guests.knock(name));
    for (const { connection } of all)
      await eventually(() => expect(connection.closeCode).toBe(4503));
    expect(all.map(({ connection }) => connection.isSynced)).toEqual([false, false, false]);
    expect(guests.hub.metrics().loadFailures).toBeGreaterThan(0);
  });

  test('because its snapshot cannot be read is one of these', async () => {
    guests.log.snapshots.set(guests.canvasId, new Uint8Array([9, 9, 9]));
    const { connection } = guests.knock('ann');
    await eventually(() => expect(connection.closeCode).toBe(4503));
    expect(connection.isSynced).toBe(false);
    expect(guests.hub.metrics().loadFailures).toBe(1);
  });
});

test('fifty who come while it is loaded wait for one load, and get all of it', async () => {
  await append(updates(20));
  const load = guests.log.hold();
  const all = Array.from({ length: 50 }, (_, n) => guests.knock(`guest ${n}`));
  await eventually(() => expect(guests.log.loads).toBe(1));
  expect(all.some(({ connection }) => connection.isSynced)).toBe(false);
  load();
  for (const { connection, canvas } of all) {
    await eventually(() => expect(connection.isSynced).toBe(true));
    expect(canvas.sketchOf.size).toBe(20);
  }
  expect(guests.log.loads).toBe(1);
});
