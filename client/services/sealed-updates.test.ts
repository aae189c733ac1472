import { beforeEach, describe, expect, test } from 'vitest';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { SealedUpdate } from '../../shared/sync-protocol.ts';
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

/** A server that has nothing. */
const NOTHING = Y.encodeStateVector(new Y.Doc());

/** A stroke of Bob's with this id; padding makes it long. */
function change(id: number, bytes = 1): SealedUpdate {
  const doc = new Y.Doc();
  doc.clientID = id;
  openCanvasDoc(doc).ink.set(String(id), new Uint8Array(bytes));
  return { authorId: 'bob', update: Y.encodeStateAsUpdate(doc), seal: SEAL };
}

function read(message: Uint8Array): Uint8Array {
  const decoder = decoding.createDecoder(message);
  expect(decoding.readVarUint(decoder)).toBe(MESSAGE_SEALED_UPDATE);
  return readSealedUpdate(decoder).update;
}

function idsIn(messages: readonly Uint8Array[]): number[] {
  return messages.map((message) => {
    const [struct] = Y.decodeUpdate(read(message)).structs;
    return struct?.id.client ?? 0;
  });
}

describe('changes of others', () => {
  test('are kept in the order of their arrival, whole', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    sealed.keep(change(2));
    expect(idsIn(sealed.missingFrom(NOTHING))).toEqual([1, 2]);
  });

  test('are forgotten after half a minute with a server that saves', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    now += 20_000;
    sealed.keep(change(2));
    now += 10_000;
    sealed.forgetOld();
    expect(idsIn(sealed.missingFrom(NOTHING))).toEqual([2]);
  });

  test('are kept for another half minute once they have been sent again', () => {
    const sealed = keeping();
    sealed.keep(change(1));
    now += 600_000;
    expect(sealed.missingFrom(NOTHING)).toHaveLength(1);
    now += 29_000;
    sealed.forgetOld();
    expect(sealed.missingFrom(NOTHING)).toHaveLength(1);
  });

  test('that the server has already are not sent', () => {
    const sealed = keeping();
    const server = new Y.Doc();
    for (const id of [1, 2]) sealed.keep(change(id));
    Y.applyUpdate(server, change(1).update);
    expect(idsIn(sealed.missingFrom(Y.encodeStateVector(server)))).toEqual([2]);
  });

  test('that delete are sent in any case: nobody can tell whether the server knows', () => {
    const sealed = keeping();
    const doc = new Y.Doc();
    Y.applyUpdate(doc, change(1).update);
    const before = Y.encodeStateVector(doc);
    openCanvasDoc(doc).ink.delete('1');
    sealed.keep({ authorId: 'bob', update: Y.encodeStateAsUpdate(doc, before), seal: SEAL });
    expect(sealed.missingFrom(Y.encodeStateVector(doc))).toHaveLength(1);
  });

  test('are at most 8 MiB: the oldest go first', () => {
    const sealed = keeping();
    for (const byte of [1, 2, 3]) sealed.keep(change(byte, 3 * MIB));
    expect(idsIn(sealed.missingFrom(NOTHING))).toEqual([2, 3]);
  });

  test('outlive the page where it may keep them', () => {
    const store = new MemoryStore();
    keeping(store).keep(change(1));
    const afterReload = keeping(store);
    afterReload.keep(change(2));
    expect(idsIn(afterReload.missingFrom(NOTHING))).toEqual([1, 2]);
    now += 30_000;
    afterReload.forgetOld();
    expect(store.byId.size).toBe(0);
  });
});
