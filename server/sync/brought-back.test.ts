import { afterEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import { encodeSealedUpdate } from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import type { RunningHub } from '../../test/support/start-hub.ts';
import { startHub } from '../../test/support/start-hub.ts';
import { SyncConnection } from '../../test/support/sync-connection.ts';

const guests = HubGuests.forEachTest();
let next: RunningHub | null = null;

afterEach(async () => {
  await next?.stop();
  next = null;
});

function idsOf(doc: Y.Doc): string[] {
  return readStrokes(openCanvasDoc(doc)).map(({ id }) => id);
}

/** Ann draws, Ben sees it, and the hub is killed before it is on disk: a new one starts empty. */
async function losesWhatAnnDrew(): Promise<{ ann: Guest; ben: Guest }> {
  const [ann, ben] = [await guests.come('ann'), await guests.come('ben')];
  const release = guests.log.hold();
  addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
  await eventually(() => expect(idsOf(ben.connection.doc)).toEqual(['a']));
  ann.connection.terminate();
  ben.connection.terminate();
  // The log of the next one has never heard of it.
  next = await startHub({ log: new MemoryCanvasLog() });
  release();
  return { ann, ben };
}

function comeBack(participantId: string, doc: Y.Doc, kept: SyncConnection['kept'] = []): Guest {
  const cookie = `participant=${participantId}`;
  const visitor = { cookie, doc, kept };
  const connection = new SyncConnection(next?.origin ?? '', guests.canvasId, visitor);
  return { connection, canvas: openCanvasDoc(doc) };
}

describe('ink that was never on disk', () => {
  test('is back under its author’s name when only somebody who saw it comes back', async () => {
    const { ben } = await losesWhatAnnDrew();
    const { connection } = comeBack('ben', ben.connection.doc, ben.connection.kept);
    await eventually(() => expect(connection.isSaved).toBe(true));
    const cem = comeBack('cem', new Y.Doc());
    await eventually(() => expect(idsOf(cem.connection.doc)).toEqual(['a']));
    expect(readStrokes(cem.canvas)[0]?.ink.authorId).toBe('ann');
    connection.terminate();
    cem.connection.terminate();
  });

  test('waits for its author when somebody brings it without the seal', async () => {
    const { ann, ben } = await losesWhatAnnDrew();
    addStroke(ben.canvas, { id: 'b', sketchId: 't', ink: buildInk('ben') }, null);
    const { connection } = comeBack('ben', ben.connection.doc);
    await eventually(() => expect(connection.isSaved).toBe(true));
    const cem = comeBack('cem', new Y.Doc());
    await eventually(() => expect(idsOf(cem.connection.doc)).toEqual(['b']));
    const back = comeBack('ann', ann.connection.doc);
    await eventually(() => expect(idsOf(cem.connection.doc)).toHaveLength(2));
    expect(idsOf(ann.connection.doc)).toContain('a');
    for (const guest of [connection, cem.connection, back.connection]) guest.terminate();
  });

  test('is refused under a seal that the hub has not made', async () => {
    const eve = await guests.come('eve');
    const forged = new Y.Doc();
    addStroke(openCanvasDoc(forged), { id: 'x', sketchId: 's', ink: buildInk('ann') }, null);
    const update = Y.encodeStateAsUpdate(forged);
    for (const seal of [new Uint8Array(16), new Uint8Array(0), new Uint8Array(32)])
      eve.connection.sendBytes(encodeSealedUpdate({ authorId: 'ann', update, seal }));
    await eventually(() => expect(guests.hub.metrics().refusedMessages).toBe(3));
    expect(idsOf((await guests.come('ben')).connection.doc)).toEqual([]);
    expect(eve.connection.notices).toContainEqual(expect.objectContaining({ kind: 'refused' }));
  });

  test('is brought in one message, however much there is of it', async () => {
    const { ben } = await losesWhatAnnDrew();
    const [sealed] = ben.connection.kept;
    if (!sealed) throw new Error('The hub seals what it passes on.');
    const forged = { ...sealed, authorId: 'eve' };
    const kept = [...Array<typeof sealed>(500).fill(sealed), forged];
    const { connection } = comeBack('ben', ben.connection.doc, kept);
    await eventually(() => expect(connection.isSaved).toBe(true));
    expect(connection.closeCode).toBeNull();
    expect(connection.notices).toEqual([expect.objectContaining({ kind: 'refused' })]);
    const cem = comeBack('cem', new Y.Doc());
    await eventually(() => expect(idsOf(cem.connection.doc)).toEqual(['a']));
    connection.terminate();
    cem.connection.terminate();
  });

  test('is refused on another canvas than the one it was sealed for', async () => {
    const { ben } = await losesWhatAnnDrew();
    const elsewhere = new SyncConnection(next?.origin ?? '', crypto.randomUUID(), {
      cookie: 'participant=ben',
      kept: ben.connection.kept,
    });
    await eventually(() => expect(elsewhere.isSynced).toBe(true));
    await eventually(() => expect(next?.hub.metrics().refusedMessages).toBe(1));
    expect(idsOf(elsewhere.doc)).toEqual([]);
    elsewhere.terminate();
  });
});
