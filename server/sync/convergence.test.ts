import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, cutStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import type { Person } from '../../test/support/start-hub.ts';
import { readStoredCanvas } from './stored-canvas.ts';

const guests = HubGuests.forEachTest(() => ({ unloadAfterMs: 5 }));

const PEERS = 3;
const action = fc.record({
  peer: fc.nat(PEERS - 1),
  kind: fc.constantFrom('draw', 'draw', 'draw', 'erase', 'undo', 'leave', 'return', 'pause'),
  pick: fc.nat(50),
});

interface Peer extends Person {
  readonly name: string;
  readonly undo: Y.UndoManager;
}

function comeAll(): Peer[] {
  return Array.from({ length: PEERS }, (_, i) => {
    const name = `peer-${i}`;
    const person = guests.comeAsStock(name);
    const { ink, sketchOf, sketches, cuts } = person.canvas;
    const undo = new Y.UndoManager([ink, sketchOf, sketches, cuts], {
      trackedOrigins: new Set([name]),
      captureTimeout: 0,
    });
    return { ...person, name, undo };
  });
}

async function act(peer: Peer, kind: string, pick: number): Promise<void> {
  const { canvas, name, provider } = peer;
  switch (kind) {
    case 'draw': {
      const id = `${name}-${canvas.ink.size}-${pick}`;
      const ink = buildInk(name, { x: pick, y: pick });
      return addStroke(canvas, { id, sketchId: `sketch-of-${name}`, ink }, name);
    }
    case 'erase': {
      const strokes = readStrokes(canvas);
      const erased = strokes[pick % Math.max(1, strokes.length)];
      if (erased) cutStroke(canvas, { strokeId: erased.id, eraseId: `${name}-${pick}` }, name);
      return;
    }
    case 'undo':
      return void peer.undo.undo();
    case 'leave':
      return provider.disconnect();
    case 'return':
      return provider.connect();
    default:
      await new Promise(setImmediate);
  }
}

/** What was added and what was deleted: state vectors alone do not tell of an undo. */
function expectSameHistory(a: Y.Doc | undefined, b: Y.Doc | undefined): void {
  if (!a || !b) throw new Error('Two documents are compared');
  expect(Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))).toBe(true);
}

test('people who draw, erase, undo, leave and return end with the same canvas, as it is stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
      guests.canvasId = crypto.randomUUID();
      const peers = comeAll();
      await eventually(() => expect(peers.every(({ provider }) => provider.synced)).toBe(true));
      for (const { peer, kind, pick } of actions) {
        const actor = peers[peer];
        if (actor) await act(actor, kind, pick);
      }
      for (const { provider } of peers) provider.connect();
      await eventually(() => {
        const [first, ...others] = peers.map(({ canvas }) => canvas.doc);
        for (const other of others) expectSameHistory(other, first);
      });
      for (const peer of peers) peer.leave();
      await eventually(() => expect(guests.hub.metrics().rooms).toBe(0));
      const stored = await guests.log.load(guests.canvasId);
      const { doc } = readStoredCanvas(stored ?? { snapshot: null, updates: [] });
      for (const { canvas } of peers) {
        expectSameHistory(doc, canvas.doc);
        expect(readStrokes(openCanvasDoc(doc))).toEqual(readStrokes(canvas));
      }
      expect(guests.hub.metrics().refusedEntries).toBe(0);
    }),
    { numRuns: 20 },
  );
}, 60_000);
