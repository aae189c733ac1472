import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import { changeEntries, countShownStrokes, entriesOf } from '../../shared/canvas-entries.ts';
import { AppError } from '../../shared/errors.ts';
import type { CanvasDocuments, CanvasState } from '../domain/ports.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** The port of the domain: a canvas that nobody has open is loaded for it. */
export function createCanvasDocuments(rooms: Rooms): CanvasDocuments {
  return {
    capture: async (canvasId) => {
      const lease = await rooms.hold(canvasId);
      const state = capture(lease.room);
      lease.release();
      return state;
    },
    restore: (canvasId, state, keep) =>
      rooms.exclusively(canvasId, async (room) => {
        const to = entriesOfState(state);
        const from = entriesOf(openCanvasDoc(room.doc));
        await keep(capture(room));
        // What people have done while it was kept comes after it, and stays.
        await room.change(null, (canvas, origin) => changeEntries(canvas, { from, to }, origin));
      }),
    renew: (canvasId, keep) =>
      rooms.renew(canvasId, async (room) => {
        if (!room.writer.isSaving) throw notSaving();
        await keep(capture(room));
      }),
  };
}

function capture({ doc }: Room): CanvasState {
  const strokes = countShownStrokes(openCanvasDoc(doc));
  return { bytes: Y.encodeStateAsUpdate(doc), strokes };
}

function entriesOfState(state: Uint8Array): ReturnType<typeof entriesOf> {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  const entries = entriesOf(openCanvasDoc(doc));
  doc.destroy();
  return entries;
}

function notSaving(): AppError {
  return new AppError(
    'database.unavailable',
    'Changes of this canvas cannot be saved right now. Please try again in a moment.',
  );
}
