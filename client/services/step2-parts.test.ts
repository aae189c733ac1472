import * as encoding from 'lib0/encoding';
import * as decoding from 'lib0/decoding';
import { describe, expect, test } from 'vitest';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { addStroke, cutStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import { MAX_SYNC_MESSAGE_BYTES } from '../../shared/limits.ts';
import { MESSAGE_SYNC } from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { encodeInParts } from './step2-parts.ts';

function draw(doc: Y.Doc, name: string, strokes: number): void {
  const canvas = openCanvasDoc(doc);
  for (let i = 0; i < strokes; i++)
    addStroke(canvas, { id: `${name}/${i}`, sketchId: `s-${name}`, ink: buildInk('ann') }, 'own');
}

/** The answer to somebody who has what `known` has. */
function step2(doc: Y.Doc, known = new Y.Doc()): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_SYNC);
  syncProtocol.writeSyncStep2(encoder, doc, Y.encodeStateVector(known));
  return encoding.toUint8Array(encoder);
}

function receive(doc: Y.Doc, message: Uint8Array): number {
  const decoder = decoding.createDecoder(message);
  decoding.readVarUint(decoder);
  return syncProtocol.readSyncMessage(decoder, encoding.createEncoder(), doc, null);
}

/** Compared by hand: a failure would print a megabyte otherwise. */
function isSame(a: Y.Doc, b: Y.Doc): boolean {
  const [left, right] = [Y.encodeStateAsUpdate(a), Y.encodeStateAsUpdate(b)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

describe('a step 2', () => {
  test('stays as it is when the server takes it', () => {
    const doc = new Y.Doc();
    draw(doc, 'a', 10);
    expect(encodeInParts(step2(doc))).toEqual([step2(doc)]);
  });

  test('that is too long is parted, and all of it arrives', () => {
    const [doc, earlier] = [new Y.Doc(), new Y.Doc()];
    draw(earlier, 'earlier', 100);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(earlier));
    draw(doc, 'a', 16_000);
    cutStroke(openCanvasDoc(doc), { strokeId: 'a/1', eraseId: 'e' }, 'own');
    openCanvasDoc(doc).sketches.delete('s-a');
    const whole = step2(doc, earlier);
    expect(whole.length).toBeGreaterThan(MAX_SYNC_MESSAGE_BYTES);

    const parts = encodeInParts(whole);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(MAX_SYNC_MESSAGE_BYTES / 2);
    const steps = parts.map((part) => receive(earlier, part));
    expect(steps.slice(0, -1).every((step) => step === syncProtocol.messageYjsUpdate)).toBe(true);
    expect(steps.at(-1)).toBe(syncProtocol.messageYjsSyncStep2);
    expect(isSame(earlier, doc)).toBe(true);
  });

  test('of changes made by several pages is parted, too', () => {
    const [doc, other, server] = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
    draw(other, 'other', 2_000);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    openCanvasDoc(doc).sketchOf.set('other/3', 's-a');
    draw(doc, 'a', 2_000);
    for (const part of encodeInParts(step2(doc))) receive(server, part);
    expect(isSame(server, doc)).toBe(true);
  });

  test('with a gap in it is parted around the gap', () => {
    const [doc, server] = [new Y.Doc(), new Y.Doc()];
    draw(doc, 'a', 1_500);
    const before = Y.encodeStateVector(doc);
    draw(doc, 'b', 1);
    const after = Y.encodeStateVector(doc);
    draw(doc, 'c', 1_500);
    const start = Y.encodeStateAsUpdate(cutOff(doc, before));
    const withGap = Y.mergeUpdates([start, Y.diffUpdate(Y.encodeStateAsUpdate(doc), after)]);
    const pending = new Y.Doc();
    Y.applyUpdate(pending, withGap);
    for (const part of encodeInParts(step2(pending))) receive(server, part);
    Y.applyUpdate(server, Y.encodeStateAsUpdate(doc));
    expect(isSame(server, doc)).toBe(true);
  });
});

/** A document as it was at a state vector. */
function cutOff(doc: Y.Doc, stateVector: Uint8Array): Y.Doc {
  const snapshot = Y.createSnapshot(Y.createDeleteSet(), Y.decodeStateVector(stateVector));
  const whole = new Y.Doc({ gc: false });
  Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc));
  return Y.createDocFromSnapshot(whole, snapshot);
}
