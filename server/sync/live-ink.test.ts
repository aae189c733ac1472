import { describe, expect, test } from 'vitest';
import { addStroke, readStrokes } from '../../shared/canvas-doc.ts';
import { MAX_POINTS_PER_STROKE } from '../../shared/limits.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { LiveInk, pointsOf } from './live-ink.ts';

describe('live ink', () => {
  const ann = { participantId: 'ann' };
  const ben = { participantId: 'ben' };

  test('places points by their sequence, whatever was lost on the way', () => {
    const ink = new LiveInk();
    ink.receive(buildFrame([0, 1]), ann, 1_000);
    ink.receive(buildFrame([6, 7], { sequence: 6 }), ann, 1_200);
    ink.receive(buildFrame([1, 2, 3], { sequence: 1 }), ann, 1_300);
    const [stroke] = ink.strokes;
    expect(stroke && pointsOf(stroke).xs).toEqual([0, 1, 2, 3, 6, 7]);
  });

  test('of a stroke that is somebody else’s is refused', () => {
    const ink = new LiveInk();
    ink.receive(buildFrame([0, 1]), ann, 1_000);
    expect(ink.receive(buildFrame([9]), ben, 1_000)).toEqual({ kind: 'refused' });
    expect(ink.receive(buildFrame([], { isCancelled: true }), ben, 1_000)).toEqual({
      kind: 'refused',
    });
  });

  test('of a second connection of the same person is refused while the first is there', () => {
    const ink = new LiveInk();
    const tab = { participantId: 'ann' };
    ink.receive(buildFrame([0, 1]), ann, 1_000);
    expect(ink.receive(buildFrame([9]), tab, 1_000)).toEqual({ kind: 'refused' });
    ink.orphan(ann);
    expect(ink.receive(buildFrame([9]), tab, 1_000)).toMatchObject({ kind: 'grown' });
  });

  test('of a third stroke at once ends the oldest', () => {
    const ink = new LiveInk();
    for (const strokeId of ['1', '2']) ink.receive(buildFrame([0], { strokeId }), ann, 1_000);
    const third = ink.receive(buildFrame([0], { strokeId: '3' }), ann, 1_000);
    expect(third).toMatchObject({ kind: 'grown', evicted: { id: '1' } });
    expect([...ink.strokes].map(({ id }) => id)).toEqual(['2', '3']);
  });

  test('beyond the points that a stroke may have is refused', () => {
    const beyond = buildFrame([0, 1], { sequence: MAX_POINTS_PER_STROKE - 1 });
    expect(new LiveInk().receive(beyond, ann, 1_000)).toEqual({ kind: 'refused' });
  });
});

describe('on a canvas live ink', () => {
  let clock: ManualClock;
  const guests = HubGuests.forEachTest(() => {
    const held = new ManualClock();
    clock = held;
    // Only the long pauses are held: what is due together goes out by itself.
    const after: Clock['after'] = (ms, callback) =>
      (ms < 100 ? systemClock : held).after(ms, callback);
    return { clock: { now: () => held.now(), after } };
  });

  function framesOf({ connection }: Guest): unknown[] {
    return connection.liveFrames.map(({ frame }) => frame);
  }

  test('reaches the others as it was sent, and touches no document', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    const frames = [buildFrame([0, 1]), buildFrame([2, 3], { sequence: 2 })];
    for (const frame of frames) ann.connection.sendLiveFrame(frame);
    await eventually(() => expect(framesOf(ben)).toEqual(frames));
    expect(framesOf(ann)).toEqual([]);
    expect(guests.log.rows).toHaveLength(0);
  });

  test('does not go to stock clients', async () => {
    const ann = await guests.come('ann');
    const stock = guests.comeAsStock('ben');
    const unknown: number[] = [];
    stock.provider.messageHandlers[101] = () => void unknown.push(101);
    await eventually(() => expect(stock.provider.synced).toBe(true));
    ann.connection.sendLiveFrame(buildFrame([0, 1]));
    addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    await eventually(() => expect(readStrokes(stock.canvas)).toHaveLength(1));
    expect(unknown).toEqual([]);
  });

  test('is sent whole to who comes in mid-stroke', async () => {
    const ann = await guests.come('ann');
    ann.connection.sendLiveFrame(buildFrame([0, 1]));
    ann.connection.sendLiveFrame(buildFrame([2], { sequence: 2 }));
    await eventually(() => expect(guests.hub.sketchesOf(guests.canvasId)).toHaveLength(1));
    const late = await guests.come('ben');
    await eventually(() =>
      expect(framesOf(late)).toMatchObject([
        { strokeId: 'live-1', sequence: 0, points: { xs: [0, 1, 2] } },
      ]),
    );
  });

  test('is forgotten when its stroke is finished, and late frames of it with it', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    ann.connection.sendLiveFrame(buildFrame([0, 1]));
    addStroke(ann.canvas, { id: 'live-1', sketchId: 'sketch-1', ink: buildInk('ann') }, null);
    ann.connection.sendLiveFrame(buildFrame([2], { sequence: 2 }));
    ann.connection.sendLiveFrame(buildFrame([0], { strokeId: 'live-2' }));
    await eventually(() => expect(framesOf(ben)).toHaveLength(2));
    expect(guests.hub.sketchesOf(guests.canvasId)[0]?.strokes).toHaveLength(2);
    expect(guests.hub.metrics().refusedMessages).toBe(1);
  });

  test('that is cancelled is gone', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    ann.connection.sendLiveFrame(buildFrame([0, 1]));
    ann.connection.sendLiveFrame(buildFrame([], { isCancelled: true, sequence: 2 }));
    await eventually(() => expect(framesOf(ben)).toMatchObject([{}, { isCancelled: true }]));
    expect(guests.hub.sketchesOf(guests.canvasId)).toEqual([]);
  });

  test('of a viewer is refused', async () => {
    const [eve, ben] = [await guests.come('eve', 'viewer'), await guests.come('ben')];
    eve.connection.sendLiveFrame(buildFrame([0, 1]));
    await eventually(() => expect(guests.hub.metrics().refusedMessages).toBe(1));
    expect(framesOf(ben)).toEqual([]);
  });

  test('whose author vanishes is finished for him after 5 s, durably', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    ann.connection.sendLiveFrame(buildFrame([0, 1, 2]));
    await eventually(() => expect(framesOf(ben)).toHaveLength(1));
    ann.connection.terminate();
    await eventually(() => expect(guests.hub.metrics().connections).toBe(1));
    clock.advance(4_900);
    expect(guests.hub.sketchesOf(guests.canvasId)).toMatchObject([{ isLive: true }]);
    clock.advance(200);
    await eventually(() =>
      expect(readStrokes(ben.canvas)).toMatchObject([
        { id: 'live-1', sketchId: 'sketch-1', ink: { authorId: 'ann', points: { xs: [0, 1, 2] } } },
      ]),
    );
    await eventually(() => expect(guests.log.rows).toMatchObject([{ authorId: 'ann' }]));
  });

  test('goes on when its author is back in time', async () => {
    const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
    ann.connection.sendLiveFrame(buildFrame([0, 1]));
    await eventually(() => expect(framesOf(ben)).toHaveLength(1));
    ann.connection.terminate();
    await eventually(() => expect(guests.hub.metrics().connections).toBe(1));
    const back = await guests.come('ann');
    back.connection.sendLiveFrame(buildFrame([2], { sequence: 2 }));
    await eventually(() => expect(framesOf(ben)).toHaveLength(2));
    clock.advance(10_000);
    expect(guests.hub.sketchesOf(guests.canvasId)).toMatchObject([{ isLive: true }]);
  });
});
