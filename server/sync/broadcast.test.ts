import { createSecretKey } from 'node:crypto';
import * as decoding from 'lib0/decoding';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  MESSAGE_BATCH,
  MESSAGE_LIVE_INK,
  MESSAGE_SEALED_UPDATE,
  MESSAGE_SYNC,
  readBatch,
} from '../../shared/sync-protocol.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Broadcast } from './broadcast.ts';
import { createCounters } from './counters.ts';
import type { RoomConnection } from './room-member.ts';
import { RoomMember } from './room-member.ts';
import { Seals } from './seals.ts';
import type { Frame } from './web-socket-frame.ts';

/** Somebody who takes everything at once. */
class Reader implements RoomConnection {
  readonly participantId = 'ann';
  readonly role = 'contributor';
  readonly isOpen = true;
  readonly bufferedBytes = 0;
  readonly takenBytes = 0;
  readonly wantsExtras: boolean;
  readonly received: Frame[] = [];
  onDrained = (): void => undefined;
  pauseReading = (): void => undefined;
  resumeReading = (): void => undefined;
  close = (): void => undefined;

  constructor(wantsExtras = true) {
    this.wantsExtras = wantsExtras;
  }

  send(frames: Frame): void {
    this.received.push(frames);
  }

  /** The messages, without the two bytes of a short frame's header. */
  get messages(): Uint8Array[] {
    return this.received.flatMap((frames) => frames.map((frame) => frame.subarray(2)));
  }

  get types(): number[] {
    return this.messages.map((message) => message[0] ?? -1);
  }
}

let clock: ManualClock;
let doc: Y.Doc;
let members: Set<RoomMember>;
let broadcast: Broadcast;
const counters = createCounters();

beforeEach(() => {
  clock = new ManualClock();
  doc = new Y.Doc();
  members = new Set();
  const seals = new Seals(createSecretKey('a secret of the tests', 'utf8'), 'canvas 1');
  broadcast = new Broadcast({ doc, members, seals, clock, counters });
});

function seat(reader: Reader): RoomMember {
  const member = new RoomMember(reader, {
    ...{ clock, counters },
    sentState: () => broadcast.sentState,
    onCaughtUp: () => undefined,
  });
  members.add(member);
  return member;
}

function live(n: number): Uint8Array {
  return Uint8Array.of(MESSAGE_LIVE_INK, n);
}

function spread(sender: RoomMember | null): void {
  const update = Uint8Array.of(0, 0);
  broadcast.update({ update, authorId: 'ann', sender, before: new Map() });
}

describe('what goes to everybody', () => {
  test('goes at once when nothing went before', () => {
    const [ann, ben] = [new Reader(), new Reader()];
    const author = seat(ann);
    seat(ben);
    broadcast.live(live(1), author);
    expect(ben.messages).toEqual([live(1)].map((bytes) => Buffer.from(bytes)));
    expect(ann.received).toEqual([]);
  });

  test('goes together, as one frame built once, when it comes in the 16 ms after', () => {
    const [ann, ben, cem] = [new Reader(), new Reader(), new Reader()];
    const [first, second] = [seat(ann), seat(ben)];
    seat(cem);
    for (const [n, author] of [first, first, second, first].entries())
      broadcast.live(live(n), author);
    expect(cem.received).toHaveLength(1);
    clock.advance(16);
    expect(cem.types).toEqual([MESSAGE_LIVE_INK, MESSAGE_BATCH]);
    const [, batch = new Uint8Array()] = cem.messages;
    const decoder = decoding.createDecoder(batch);
    decoding.readVarUint(decoder);
    expect(readBatch(decoder).map(([, n]) => n)).toEqual([1, 2, 3]);
    expect(ann.received.at(-1)).toBe(cem.received.at(-1));
  });

  test('goes on the beat that all rooms share, 8 to 16 ms after what went before', () => {
    const ben = new Reader();
    const author = seat(new Reader());
    seat(ben);
    clock.advance(3);
    broadcast.live(live(0), author);
    broadcast.live(live(1), author);
    clock.advance(12);
    expect(ben.received).toHaveLength(1);
    clock.advance(1);
    expect(clock.now() % 8).toBe(0);
    expect(ben.received).toHaveLength(2);
  });

  test('keeps its order: a stroke is not finished before its last ink', () => {
    const ben = new Reader();
    const author = seat(new Reader());
    seat(ben);
    broadcast.live(live(0), author);
    broadcast.live(live(1), author);
    spread(author);
    clock.advance(16);
    const [, batch = new Uint8Array()] = ben.messages;
    const decoder = decoding.createDecoder(batch);
    decoding.readVarUint(decoder);
    expect(readBatch(decoder).map(([type]) => type)).toEqual([
      MESSAGE_LIVE_INK,
      MESSAGE_SEALED_UPDATE,
    ]);
  });

  test('is a plain update for stock clients, which get no live ink', () => {
    const stock = new Reader(false);
    seat(stock);
    broadcast.live(live(0), null);
    spread(null);
    expect(stock.types).toEqual([MESSAGE_SYNC]);
  });
});

test('how far the document was sent is its state before the first change that waits', () => {
  seat(new Reader());
  broadcast.live(live(0), null);
  const map = doc.getMap('ink');
  map.set('a', 1);
  const sent = Y.encodeStateVector(doc);
  doc.once('update', (...[update, , , change]: [Uint8Array, unknown, Y.Doc, Y.Transaction]) =>
    broadcast.update({ update, authorId: null, sender: null, before: change.beforeState }),
  );
  map.set('b', 1);
  expect(broadcast.sentState).toEqual(sent);
  clock.advance(16);
  expect(broadcast.sentState).toEqual(Y.encodeStateVector(doc));
});
