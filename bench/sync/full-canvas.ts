import * as encoding from 'lib0/encoding';
import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import { writePoints } from '../../shared/stroke-codec.ts';
import { SYNC_UPDATE } from '../../shared/sync-protocol.ts';
import type { Joined } from './connections.ts';
import { join, joinAll } from './connections.ts';
import { finishedStroke, framePoints, FRAMES_PER_STROKE } from './hand-strokes.ts';
import type { MeasuredServer } from './servers.ts';
import { encodeSync } from './wire.ts';

/** How a document keeps its points: a packed stroke each, or as they came, frame by frame. */
export type CanvasContent = 'packed' | 'chunks';

const AUTHORS = 4;
const STROKES_EACH = 250;
const STROKES_PER_SKETCH = 4;
const GIVE_UP_AFTER_MS = 10_000;

/**
 * Puts 1,000 strokes of 60 points onto a server's first canvas, as 4 people who draw at once leave
 * them, and stays there. Returns how to leave.
 */
export async function fillCanvas(
  server: MeasuredServer,
  content: CanvasContent,
): Promise<() => void> {
  const room = server.rooms[0] ?? '';
  const authors = await joinAll(server, Array<string>(AUTHORS).fill(room));
  const updates = content === 'packed' ? packedStrokes(authors) : chunks();
  updates.forEach((bytes, i) =>
    authors[i % AUTHORS]?.socket.send(encodeSync(server.kind, room, { step: SYNC_UPDATE, bytes })),
  );
  const whole = Y.mergeUpdates([...updates]);
  await arrived(server, room, whole.length);
  return () => {
    for (const { socket } of authors) socket.destroy();
  };
}

async function arrived(server: MeasuredServer, room: string, bytes: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { socket, step2 } = await join(server, room);
    socket.destroy();
    if (step2.length >= bytes * 0.99) return;
    if (performance.now() > giveUpAt) throw new Error(`${server.kind} did not take the document`);
    await pause(50);
  }
}

/** One update of each author. */
function packedStrokes(authors: readonly Joined[]): Uint8Array[] {
  return authors.map(({ participantId }, author) => {
    const canvas = openCanvasDoc(new Y.Doc());
    for (let i = 0; i < STROKES_EACH; i++) {
      const id = `${participantId.slice(0, -4)}${String(i).padStart(4, '0')}`;
      const sketchId = `${participantId.slice(0, -1)}${Math.floor(i / STROKES_PER_SKETCH)}`;
      addStroke(canvas, { id, sketchId, ink: finishedStroke(author, i, participantId) }, null);
    }
    return Y.encodeStateAsUpdate(canvas.doc);
  });
}

/** The document of all in one update: each chunk follows somebody else's. */
function chunks(): Uint8Array[] {
  const docs = Array.from({ length: AUTHORS }, () => new Y.Doc());
  const frames = STROKES_EACH * FRAMES_PER_STROKE;
  docs.forEach((doc) =>
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== null) return;
      for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'other');
    }),
  );
  for (let frame = 0; frame < frames; frame++)
    docs.forEach((doc, author) => doc.getArray('points').push([chunk(author, frame)]));
  return docs.slice(0, 1).map((doc) => Y.encodeStateAsUpdate(doc));
}

function chunk(author: number, frame: number): Uint8Array {
  const encoder = encoding.createEncoder();
  writePoints(encoder, framePoints(author, frame));
  return encoding.toUint8Array(encoder);
}
