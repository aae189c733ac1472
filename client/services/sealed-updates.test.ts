import { beforeEach, describe, expect, test } from 'vitest';
import * as decoding from 'lib0/decoding';
import { MESSAGE_SEALED_UPDATE, readSealedUpdate } from '../../shared/sync-protocol.ts';
import type { SealedStore, StoredSealed } from './sealed-updates.ts';
import { SealedUpdates } from './sealed-updates.ts';

const SEAL = new Uint8Array(16);
const MIB = 1024 * 1024;

let now: number;
beforeEach(() => {
  now = 1_000;
});

/** A store that keeps everything in memory, as a reload would find it. */
class MemoryStore implements SealedStore {
  readonly byId = new Map<number, Uint8Array>();

  get sealed(): readonly StoredSealed[] {
    return [...this.byId].map(([id, message]) => ({ id, message }));
  }

  keepSealed({ id, message }: StoredSealed): void {
    this.byId.set(id, message);
  }

  dropSealed(ids: readonly number[]): void {
    for (const id of ids) this.byId.delete(id);
  }
}

function keeping(store: SealedStore | null = null): SealedUpdates {
  return new SealedUpdates({ now: () => now, store });
}

function change(
  byte: number,
  bytes = 1,
): { authorId: string; update: Uint8Array; seal: typeof SEAL } {
  return { authorId: 'bob', update: new Uint8Array(bytes).fill(byte), seal: SEAL };
}

function firstBytes(messages: readonly Uint8Array[]): (number | undefined)[] {
  return messages.map((message) => {
    const decoder = decoding.createDecoder(message);
    expect(decoding.readVarUint(decoder)).toBe(MESSAGE_SEALED_UPDATE);
    return readSealedUpdate(decoder).update[0];
  });
}

describe('changes of others', () => {
  test('are kept in the order of their arrival, whole', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    sealed.keep(change(2));
    expect(firstBytes(sealed.takeToSend())).toEqual([1, 2]);
  });

  test('are forgotten after half a minute with a server that saves', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    now += 20_000;
    sealed.keep(change(2));
    now += 10_000;
    sealed.forgetOld();
    expect(firstBytes(sealed.takeToSend())).toEqual([2]);
  });

  test('are kept for another half minute once they have been sent again', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    now += 600_000;
    expect(sealed.takeToSend()).toHaveLength(1);
    now += 29_000;
    sealed.forgetOld();
    expect(sealed.takeToSend()).toHaveLength(1);
  });

  test('are at most 8 MiB: the oldest go first', () => {
    const sealed = keeping();
    for (const byte of [1, 2, 3]) sealed.keep(change(byte, 3 * MIB));
    expect(firstBytes(sealed.takeToSend())).toEqual([2, 3]);
  });

  test('outlive the page where it may keep them', () => {
    const store = new MemoryStore();
    keeping(store).keep(change(1));
    const afterReload = keeping(store);
    afterReload.keep(change(2));
    expect(firstBytes(afterReload.takeToSend())).toEqual([1, 2]);
    now += 30_000;
    afterReload.forgetOld();
    expect(store.byId.size).toBe(0);
  });
});
