import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import { createCounters } from './counters.ts';
import { RoomLife } from './room-life.ts';
import { Room } from './room.ts';
import { UpdateLog } from './update-log.ts';

/** A step that tests finish by hand. */
class Step<T> {
  readonly done: Promise<T>;
  finish: (value: T) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }
}

let clock: ManualClock;
let load: Step<Room>;
let stores: Step<undefined>[];
let events: string[];
let life: RoomLife;
let room: Room;

function begin(): void {
  clock = new ManualClock();
  load = new Step();
  stores = [];
  events = [];
  room = buildRoom();
  life = new RoomLife({
    load: () => load.done,
    store: () => {
      const step = new Step<undefined>();
      stores.push(step);
      return step.done;
    },
    onLive: () => events.push('live'),
    onGone: (left) => events.push(left ? 'gone' : 'never there'),
    clock,
    unloadAfterMs: 1_000,
  });
}

function buildRoom(): Room {
  const counters = createCounters();
  const log = new UpdateLog({
    log: new MemoryCanvasLog(),
    clock,
    counters,
    onFailure: () => undefined,
  });
  return new Room({
    canvasId: 'c',
    doc: new Y.Doc(),
    writer: log.open('c'),
    clock,
    counters,
    onSketchChanged: () => undefined,
  });
}

/** Until all promises that can go on have gone on. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
}

beforeEach(begin);

describe('a room', () => {
  test('is loaded once for all who come, and stays a while after the last', async () => {
    const held = [life.hold(), life.hold()];
    expect(life.room).toBeNull();
    load.finish(room);
    expect(await Promise.all(held)).toEqual([room, room]);
    life.release();
    clock.advance(5_000);
    expect(stores).toHaveLength(0);
    life.release();
    clock.advance(999);
    expect(stores).toHaveLength(0);
    clock.advance(1);
    expect(stores).toHaveLength(1);
    stores[0]?.finish(undefined);
    await settle();
    expect(events).toEqual(['live', 'gone']);
  });

  test('that cannot be loaded is gone for all who came', async () => {
    const held = [life.hold(), life.hold()].map((promise) => promise.catch(String));
    load.fail(new Error('away'));
    expect(await Promise.all(held)).toEqual(['Error: away', 'Error: away']);
    await settle();
    expect(events).toEqual(['never there']);
  });

  test('left while it is loaded is unloaded all the same', async () => {
    const held = life.hold();
    life.release();
    load.finish(room);
    await held;
    clock.advance(1_000);
    expect(stores).toHaveLength(1);
  });

  test('goes on living for who comes while its snapshot is stored', async () => {
    load.finish(room);
    await life.hold();
    life.release();
    clock.advance(1_000);
    expect(await life.hold()).toBe(room);
    stores[0]?.finish(undefined);
    await settle();
    expect(events).toEqual(['live']);
    life.release();
    clock.advance(1_000);
    stores[1]?.finish(undefined);
    await settle();
    expect(events).toEqual(['live', 'gone']);
  });

  test('ended while it is loaded goes as soon as it is there', async () => {
    const ending = life.end();
    load.finish(room);
    await settle();
    stores[0]?.finish(undefined);
    await ending;
    expect(events).toEqual(['live', 'gone']);
  });
});

test('whatever people do, a held room is in memory and an unheld one leaves it', async () => {
  const actions = fc.array(fc.constantFrom('hold', 'release', 'wait', 'stored'), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(actions, async (steps) => {
      begin();
      load.finish(room);
      await settle();
      let holders = 0;
      for (const step of steps) {
        if (events.includes('gone')) break;
        if (step === 'hold') holders += Number(Boolean(await life.hold()));
        if (step === 'release' && holders > 0) {
          life.release();
          holders -= 1;
        }
        if (step === 'wait') clock.advance(1_000);
        if (step === 'stored') stores.splice(0).forEach((store) => store.finish(undefined));
        await settle();
        if (holders > 0) expect(life.room).toBe(room);
      }
      for (; holders > 0; holders--) life.release();
      clock.advance(1_000);
      stores.forEach((store) => store.finish(undefined));
      await settle();
      expect(events).toEqual(['live', 'gone']);
    }),
    { numRuns: 200 },
  );
});
