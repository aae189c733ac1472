import { once } from 'node:events';
import { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';

const errors: { fields: object; event: string }[] = [];
const guests = HubGuests.forEachTest(() => {
  errors.length = 0;
  const quiet = (): void => undefined;
  const keep = (fields: object, event: string): void => void errors.push({ fields, event });
  return { logger: { info: quiet, warn: quiet, error: keep } };
});

function draw({ canvas }: Pick<Guest, 'canvas'>, id: string): void {
  addStroke(canvas, { id, sketchId: 'sketch', ink: buildInk('ann') }, null);
}

describe('a hub that closes', () => {
  test('acknowledges what was drawn before it sends everybody away', async () => {
    const ann = await guests.come('ann');
    const letCommit = guests.log.hold();
    draw(ann, 'last');
    await eventually(() => expect(guests.hub.metrics().unsavedUpdates).toBe(1));
    const closing = guests.hub.close();
    await eventually(() => expect(ann.connection.notices).toContainEqual({ kind: 'stopping' }));
    expect([ann.connection.isSaved, ann.connection.closeCode]).toEqual([false, null]);
    letCommit();
    await closing;
    await eventually(() => expect(ann.connection.closeCode).toBe(1012));
    expect(ann.connection.isSaved).toBe(true);
    expect(errors).toEqual([]);
  });

  test('turns new people away, also who was already waiting for his canvas', async () => {
    const ann = await guests.come('ann');
    const letGo = guests.log.hold();
    draw(ann, 'last');
    const waiting = guests.knock('ben', 'contributor', crypto.randomUUID());
    await eventually(() => expect(guests.log.loads).toBe(2));
    const closing = guests.hub.close();
    const late = guests.knock('cem');
    await eventually(() => expect(late.connection.closeCode).toBe(1012));
    letGo();
    await closing;
    await eventually(() => expect(waiting.connection.closeCode).toBe(1012));
  });

  test('keeps the live ink of those whom it interrupts', async () => {
    const ann = await guests.come('ann');
    ann.connection.sendLiveFrame(buildFrame([1, 2, 3]));
    await eventually(() => expect(guests.hub.sketchesOf(guests.canvasId)).toHaveLength(1));
    await guests.hub.close();
    expect(guests.log.snapshots.size + guests.log.rows.length).toBeGreaterThan(0);
  });

  test('takes in nothing once it has told that it is gone', async () => {
    const ann = await guests.come('ann');
    let drawn = 0;
    const timer = setInterval(() => draw(ann, `stroke-${(drawn += 1)}`), 1);
    await eventually(() => expect(ann.connection.acknowledged).toBeGreaterThan(5));
    await guests.hub.close();
    clearInterval(timer);
    const doc = new Y.Doc();
    const rows = guests.log.rows.map(({ update }) => update);
    for (const update of [...guests.log.snapshots.values(), ...rows]) Y.applyUpdate(doc, update);
    // The first message was the empty answer to the hub's question.
    const stored = readStrokes(openCanvasDoc(doc)).length;
    expect(stored).toBeGreaterThanOrEqual(ann.connection.acknowledged - 1);
    expect(stored).toBeLessThanOrEqual(drawn);
    expect(guests.hub.metrics()).toMatchObject({ unsavedUpdates: 0, rooms: 0 });
  });
});

describe('nobody can hold a hub up', () => {
  test('not by reading nothing', async () => {
    const url = `${guests.running.url}/${guests.canvasId}`;
    const socket = new WebSocket(url, { headers: { cookie: 'participant=ann' } });
    await once(socket, 'open');
    socket.pause();
    await eventually(() => expect(guests.hub.metrics().connections).toBe(1));
    const startedAt = performance.now();
    await guests.hub.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    socket.terminate();
  });

  test('not by a database that is away: it is told how much is not saved', async () => {
    const ann = await guests.come('ann');
    guests.log.failure = new Error('The database is away.');
    draw(ann, 'one');
    draw(ann, 'two');
    await eventually(() => expect(guests.hub.metrics().unsavedUpdates).toBe(2));
    const startedAt = performance.now();
    await guests.hub.close(400);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await eventually(() => expect(ann.connection.closeCode).toBe(1012));
    expect(ann.connection.isSaved).toBe(false);
    const told = errors.filter(({ event }) => event === 'sync.not_saved');
    expect(told).toEqual([
      { event: 'sync.not_saved', fields: expect.objectContaining({ updates: 2 }) },
    ]);
  });

  test('not by a database that says nothing', async () => {
    const ann = await guests.come('ann');
    const letGo = guests.log.hold();
    draw(ann, 'one');
    await eventually(() => expect(guests.hub.metrics().unsavedUpdates).toBe(1));
    await guests.hub.close(400);
    expect(errors.map(({ event }) => event)).toContain('sync.not_saved');
    letGo();
  });

  test('and closing it twice does no harm', async () => {
    await guests.come('ann');
    await Promise.all([guests.hub.close(), guests.hub.close()]);
    await guests.hub.close();
  });
});
