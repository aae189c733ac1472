import { createSecretKey } from 'node:crypto';
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
    generation: 1,
    storedBytes: 0,
    sealKey: createSecretKey('secret', 'utf8'),
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

type Phase = 'loading' | 'held' | 'idle' | 'draining' | 'gone';

/** What may happen to a room, each with what a test does to make it happen. */
const EVENTS = {
  hold: () => void life.hold().catch(() => undefined),
  release: () => life.release(),
  wait: () => clock.advance(1_000),
  loaded: () => load.finish(room),
  failed: () => load.fail(new Error('away')),
  stored: () => stores.splice(0).forEach((store) => store.finish(undefined)),
  end: () => void life.end(),
  abandon: () => life.abandon(),
} as const;
type Event = keyof typeof EVENTS;

/** Where each event leads from each phase; null: it cannot happen there. */
const TABLE: Readonly<Record<Phase, Readonly<Record<Event, Phase | null>>>> = {
  loading: {
    ...{ hold: 'loading', release: 'loading', wait: 'loading', stored: 'loading' },
    // With the first holder, or without one, see `phaseWhenLoaded`.
    ...{ loaded: 'held', failed: 'gone', end: 'loading', abandon: 'gone' },
  },
  held: {
    ...{ hold: 'held', release: 'idle', wait: 'held', stored: 'held' },
    ...{ loaded: null, failed: null, end: 'draining', abandon: 'gone' },
  },
  idle: {
    ...{ hold: 'held', release: null, wait: 'draining', stored: 'idle' },
    ...{ loaded: null, failed: null, end: 'draining', abandon: 'gone' },
  },
  draining: {
    ...{ hold: 'held', release: 'draining', wait: 'draining', stored: 'gone' },
    ...{ loaded: null, failed: null, end: 'draining', abandon: 'gone' },
  },
  gone: {
    ...{ hold: null, release: 'gone', wait: 'gone', stored: 'gone' },
    ...{ loaded: null, failed: null, end: 'gone', abandon: 'gone' },
  },
};

/** The table, walked: what a room ought to be after each event. */
class Model {
  phase: Phase = 'loading';
  holders = 0;
  isEnding = false;

  /** False: the event cannot happen now. */
  take(event: Event): boolean {
    const next = TABLE[this.phase][event];
    if (next === null || (event === 'release' && this.holders === 0)) return false;
    this.holders += event === 'hold' ? 1 : event === 'release' ? -1 : 0;
    this.isEnding ||= event === 'end';
    this.phase = this.#settled(event, next);
    return true;
  }

  #settled(event: Event, next: Phase): Phase {
    if (event === 'loaded' && this.isEnding) return 'draining';
    const isHeldAndLive = next === 'held' || next === 'idle';
    return isHeldAndLive ? (this.holders > 0 ? 'held' : 'idle') : next;
  }
}

test('a room is what the table says, whatever happens to it in whatever order', async () => {
  const names = Object.keys(EVENTS) as Event[];
  const walks = fc.array(fc.constantFrom(...names), { maxLength: 40 });
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(walks, async (walk) => {
      begin();
      const model = new Model();
      for (const event of walk) {
        const from = model.phase;
        if (!model.take(event)) continue;
        reached.add(`${from} ${event}`);
        EVENTS[event]();
        await settle();
        const isInMemory = ['held', 'idle', 'draining'].includes(model.phase);
        expect(life.room, `${from} --${event}--> ${model.phase}`).toBe(isInMemory ? room : null);
        if (model.phase === 'held') expect(events).not.toContain('gone');
        if (model.phase === 'gone')
          expect(events.filter((told) => told !== 'live').length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 1_000 },
  );
  const possible = (Object.keys(TABLE) as Phase[]).flatMap((phase) =>
    names.filter((event) => TABLE[phase][event] !== null).map((event) => `${phase} ${event}`),
  );
  expect(possible.filter((pair) => !reached.has(pair))).toEqual([]);
});

describe('an abandoned room', () => {
  test('is gone at once, whoever holds it, and nothing of it is stored', async () => {
    load.finish(room);
    await life.hold();
    life.abandon();
    expect(life.room).toBeNull();
    expect(events).toEqual(['live', 'gone']);
    life.release();
    clock.advance(5_000);
    expect(stores).toEqual([]);
  });

  test('while it is loaded is put away when it comes', async () => {
    const held = life.hold();
    life.abandon();
    load.finish(room);
    expect(await held).toBe(room);
    await settle();
    expect(life.room).toBeNull();
    expect(events).toEqual(['gone']);
  });

  test('while its snapshot is stored does not come back', async () => {
    load.finish(room);
    await settle();
    clock.advance(1_000);
    life.abandon();
    stores[0]?.finish(undefined);
    await settle();
    expect(events).toEqual(['live', 'gone']);
  });
});
