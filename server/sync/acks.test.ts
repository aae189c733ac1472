import { describe, expect, test } from 'vitest';
import type { Guest } from '../../test/support/hub-guests.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import { encodeUpdate } from './client-message.ts';

let clock: ManualClock;
const guests = HubGuests.forEachTest(() => {
  clock = new ManualClock();
  return { clock };
});

function draw({ canvas }: Guest, id: string, authorId: string): void {
  addStroke(canvas, { id, sketchId: 's', ink: buildInk(authorId) }, null);
}

/** Somebody whose step 2 is acknowledged already. */
async function settled(participantId: string): Promise<Guest> {
  const guest = await guests.come(participantId);
  await eventually(() => expect(guest.connection).toMatchObject({ sent: 1, acknowledged: 1 }));
  return guest;
}

describe('an update', () => {
  test('is shown to others at once, and acknowledged only when it is committed', async () => {
    const [ann, ben] = [await settled('ann'), await settled('ben')];
    const letGo = guests.log.hold();
    draw(ann, 'a', 'ann');
    await eventually(() => expect(readStrokes(ben.canvas)).toHaveLength(1));
    expect(ann.connection).toMatchObject({ sent: 2, acknowledged: 1 });
    expect(guests.log.rows).toHaveLength(0);
    letGo();
    await eventually(() => expect(ann.connection.acknowledged).toBe(2));
    expect(guests.log.rows).toMatchObject([{ canvasId: guests.canvasId, authorId: 'ann' }]);
  });

  test('that adds nothing waits for the commit of what it repeats', async () => {
    const ann = await settled('ann');
    const letGo = guests.log.hold();
    draw(ann, 'a', 'ann');
    // The same participant comes back with the same ink before it is durable.
    const back = guests.comeAsStock('ann', { doc: ann.canvas.doc, wantsExtras: true });
    const acks: number[] = [];
    back.provider.messageHandlers[100] = (_encoder, decoder) => {
      acks.push(decoder.arr[decoder.pos] ?? -1);
    };
    await eventually(() => expect(back.provider.synced).toBe(true));
    await eventually(() => expect(guests.hub.metrics().connections).toBe(2));
    expect(acks).toEqual([]);
    letGo();
    await eventually(() => expect(acks).toEqual([1]));
  });

  test('waits out the commit before it, and shares the next with all who came meanwhile', async () => {
    const [ann, ben] = [await settled('ann'), await settled('ben')];
    const letGo = guests.log.hold();
    draw(ann, 'a0', 'ann');
    await eventually(() => expect(guests.hub.metrics().unsavedUpdates).toBe(1));
    for (let i = 1; i <= 5; i++) draw(ann, `a${i}`, 'ann');
    draw(ben, 'b', 'ben');
    await eventually(() => expect(guests.hub.metrics().unsavedUpdates).toBe(7));
    letGo();
    await eventually(() => {
      expect(ann.connection.acknowledged).toBe(7);
      expect(ben.connection.acknowledged).toBe(2);
    });
    expect(guests.log.commits).toBe(2);
    expect(guests.log.rows.map(({ authorId }) => authorId)).toEqual(['ann', null]);
  });
});

describe('an update that builds on one that has not come yet', () => {
  test('is acknowledged only when it is kept, and shown when the other one comes', async () => {
    const ann = await settled('ann');
    const updates: Uint8Array[] = [];
    const elsewhere = openCanvasDoc(new Y.Doc());
    elsewhere.doc.on('update', (update: Uint8Array) => updates.push(update));
    for (const id of ['first', 'second'])
      addStroke(elsewhere, { id, sketchId: 's', ink: buildInk('ben') }, null);
    const [first, second] = updates;
    if (!first || !second) throw new Error('Each stroke makes an update');
    const ben = await settled('ben');
    ben.connection.sendBytes(encodeUpdate(second));
    await eventually(() => expect(ben.connection.acknowledged).toBe(2));
    expect(guests.log.rows).toHaveLength(1);
    expect(readStrokes(ann.canvas)).toHaveLength(0);
    await guests.hub.forgetCanvas(guests.canvasId);
    const back = await settled('ben');
    back.connection.sendBytes(encodeUpdate(first));
    const cleo = await guests.come('cleo');
    await eventually(() => expect(readStrokes(cleo.canvas)).toHaveLength(2));
  });
});

describe('while the database is away', () => {
  test('nothing is dropped, nothing acknowledged, and people are told after 2 s', async () => {
    const ann = await settled('ann');
    guests.log.failure = new Error('The database is away');
    draw(ann, 'a', 'ann');
    await eventually(() => expect(guests.hub.metrics().commitFailures).toBe(1));
    draw(ann, 'b', 'ann');
    clock.advance(1_000);
    expect(ann.connection.notices).toEqual([]);
    clock.advance(1_000);
    await eventually(() => expect(ann.connection.notices).toEqual([{ kind: 'not_saving' }]));
    const late = await guests.come('ben');
    await eventually(() => expect(late.connection.notices).toEqual([{ kind: 'not_saving' }]));
    expect(ann.connection.acknowledged).toBe(1);

    guests.log.failure = null;
    await eventually(() => {
      clock.advance(2_000);
      expect(ann.connection.acknowledged).toBe(3);
    });
    expect(ann.connection.notices.at(-1)).toEqual({ kind: 'saving_again' });
    await guests.hub.forgetCanvas(guests.canvasId);
    expect(readStrokes((await guests.come('cleo')).canvas)).toHaveLength(2);
  });
});

describe('a viewer', () => {
  test('sees everything and can write nothing', async () => {
    const [ann, eve] = [await settled('ann'), await guests.come('eve', 'viewer')];
    draw(ann, 'a', 'ann');
    await eventually(() => expect(readStrokes(eve.canvas)).toHaveLength(1));
    draw(eve, 'e', 'eve');
    await eventually(() => expect(eve.connection.notices).toMatchObject([{ kind: 'refused' }]));
    expect(eve.connection.acknowledged).toBe(1);
    expect(guests.hub.metrics().refusedMessages).toBe(1);
    expect(readStrokes(ann.canvas)).toHaveLength(1);
  });

  test('cannot bring in by step 2 what was drawn before', async () => {
    const ann = await settled('ann');
    const eve = guests.comeAsStock('eve', { role: 'viewer' });
    addStroke(eve.canvas, { id: 'e', sketchId: 's', ink: buildInk('eve') }, null);
    await eventually(() => expect(guests.hub.metrics().refusedMessages).toBeGreaterThan(0));
    expect(readStrokes(ann.canvas)).toHaveLength(0);
    expect(guests.log.rows).toHaveLength(0);
  });
});
