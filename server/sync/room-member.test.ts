import { beforeEach, describe, expect, test } from 'vitest';
import type { SyncCounters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { RoomConnection } from './room-member.ts';
import { RoomMember } from './room-member.ts';

const KIB = 1024;

/** A connection whose network takes nothing until it is told to. */
class StalledConnection implements RoomConnection {
  readonly participantId = 'ann';
  readonly role = 'contributor';
  readonly wantsExtras = true;
  isOpen = true;
  bufferedBytes = 0;
  closeCode: number | null = null;

  send(message: Uint8Array): void {
    this.bufferedBytes += message.length;
  }

  close(code: number): void {
    this.isOpen = false;
    this.closeCode = code;
  }
}

let connection: StalledConnection;
let counters: SyncCounters;
let member: RoomMember;

beforeEach(() => {
  connection = new StalledConnection();
  counters = createCounters();
  member = new RoomMember(connection, counters);
});

describe('a reader that has stopped', () => {
  test('loses what heals by itself first', () => {
    member.deliver(new Uint8Array(300 * KIB));
    member.offer(new Uint8Array(10));
    expect(counters.droppedMessages).toBe(1);
    expect(connection).toMatchObject({ bufferedBytes: 300 * KIB, closeCode: null });
  });

  test('costs about a megabyte, then its connection', () => {
    for (let i = 0; i < 5_000; i++) member.deliver(new Uint8Array(KIB));
    expect(connection.closeCode).toBe(4508);
    expect(connection.bufferedBytes).toBeLessThan(1_100 * KIB);
    expect(counters.slowCloses).toBe(1);
  });
});

test('who has just been sent a canvas of 3 MiB is not taken for slow', () => {
  member.deliver(new Uint8Array(3_072 * KIB));
  for (let i = 0; i < 100; i++) member.deliver(new Uint8Array(KIB));
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
