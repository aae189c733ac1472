import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { SyncCounters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { Missed, RoomConnection } from './room-member.ts';
import { RoomMember } from './room-member.ts';
import type { Frame } from './web-socket-frame.ts';
import { bytesOf, frameOf } from './web-socket-frame.ts';

const KIB = 1024;

/** A connection whose network takes nothing until it is told to. */
class StalledConnection implements RoomConnection {
  readonly participantId = 'ann';
  readonly role = 'contributor';
  readonly wantsExtras = true;
  isOpen = true;
  bufferedBytes = 0;
  takenBytes = 0;
  closeCode: number | null = null;
  isReading = true;
  onDrained: () => void = () => undefined;

  send(frames: Frame): void {
    this.bufferedBytes += bytesOf(frames);
  }

  /** The reader takes so much, or all of it. */
  take(bytes = this.bufferedBytes): void {
    this.takenBytes += bytes;
    this.bufferedBytes -= bytes;
    if (this.bufferedBytes === 0) this.onDrained();
  }

  pauseReading(): void {
    this.isReading = false;
  }

  resumeReading(): void {
    this.isReading = true;
  }

  close(code: number): void {
    this.isOpen = false;
    this.closeCode = code;
  }
}

let connection: StalledConnection;
let counters: SyncCounters;
let clock: ManualClock;
let missed: Missed[];
let member: RoomMember;

beforeEach(() => {
  connection = new StalledConnection();
  counters = createCounters();
  clock = new ManualClock();
  missed = [];
  member = new RoomMember(connection, {
    ...{ counters, clock },
    sentState: () => Uint8Array.of(7),
    onCaughtUp: (_member, what) => void missed.push(what),
  });
});

function fallBehind(): void {
  member.deliver(new Uint8Array(300 * KIB));
}

describe('a reader that has stopped', () => {
  test('is sent nothing more, and what heals by itself is counted as dropped', () => {
    fallBehind();
    const { bufferedBytes } = connection;
    for (let i = 0; i < 5_000; i++) member.follow(frameOf(new Uint8Array(KIB)), 1);
    expect(connection.bufferedBytes).toBe(bufferedBytes);
    expect(counters.droppedMessages).toBe(5_000);
  });

  test('is closed after 10 s without progress', () => {
    fallBehind();
    clock.advance(9_000);
    expect(connection.closeCode).toBeNull();
    clock.advance(2_000);
    expect(connection.closeCode).toBe(4508);
    expect(counters.slowCloses).toBe(1);
  });

  test('is not closed as long as it takes a little', () => {
    fallBehind();
    for (let i = 0; i < 20; i++) {
      clock.advance(5_000);
      connection.take(KIB);
    }
    expect(connection.closeCode).toBeNull();
  });

  test('is told of refusals later or never, however often it asks for them', () => {
    fallBehind();
    const { bufferedBytes } = connection;
    for (let i = 0; i < 1_000; i++) member.notify({ kind: 'refused', reason: 'no' });
    expect(connection.bufferedBytes).toBe(bufferedBytes);
  });
});

describe('a reader that has caught up', () => {
  test('is owed one difference since what it was sent last', () => {
    fallBehind();
    member.follow(frameOf(new Uint8Array(KIB)));
    connection.take();
    expect(missed).toEqual([{ stateVector: Uint8Array.of(7), step1: null, ack: null }]);
    member.follow(frameOf(new Uint8Array(KIB)));
    expect(connection.bufferedBytes).toBeGreaterThan(KIB);
  });

  test('gets the answer to what it asked meanwhile, and the last ack', () => {
    fallBehind();
    expect(member.postponesStep1(Uint8Array.of(1))).toBe(true);
    member.acknowledge(3);
    member.acknowledge(4);
    connection.take();
    expect(missed).toMatchObject([{ step1: Uint8Array.of(1), ack: 4 }]);
    expect(connection.bufferedBytes).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(connection.closeCode).toBeNull();
  });
});

test('who has just been sent a canvas of 3 MiB and takes it is not taken for slow', () => {
  member.deliver(new Uint8Array(3_072 * KIB));
  for (let i = 0; i < 30; i++) {
    clock.advance(1_000);
    connection.take(64 * KIB);
  }
  expect(connection.closeCode).toBeNull();
});

test('after a refused write no ack says that it is saved', () => {
  const sent = (): number => connection.bufferedBytes;
  member.acknowledge(member.countWrite());
  const before = sent();
  member.stopAcks();
  member.acknowledge(member.countWrite());
  expect(sent()).toBe(before);
});
