import * as Y from 'yjs';
import type { CanvasEntries } from '../../shared/canvas-entries.ts';
import { changeEntries, copyShown, entriesOf } from '../../shared/canvas-entries.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { CanvasLog } from './canvas-log.ts';
import { SnapshotSuperseded } from './canvas-log.ts';
import type { Compaction } from './compaction.ts';
import type { Room } from './room.ts';
import type { CheckSnapshot } from './snapshot-check.ts';
import { factsOf } from './snapshot-facts.ts';

export interface RenewalOptions {
  readonly room: Room;
  readonly compaction: Compaction;
  readonly log: CanvasLog;
  readonly check: CheckSnapshot;
}

/** How a renewal ended. */
export type RenewalOutcome =
  /** The new generation is stored; `late` makes it say what has come meanwhile. */
  | { readonly kind: 'renewed'; readonly late: (room: Room) => Promise<void> }
  /** Nothing has changed, and the room goes on. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The database did not say what became of it: what the room holds may be out of date. */
  | { readonly kind: 'unknown'; readonly error: unknown };

/**
 * Begins the document of a room anew with what it shows. While that is being stored, no change
 * gets into the log, so none is acknowledged that the new generation does not know.
 */
export async function renewRoom(options: RenewalOptions): Promise<RenewalOutcome> {
  const { writer } = options.room;
  await writer.hold();
  try {
    return await tryTwice(options);
  } catch (error) {
    if (isUndecided(error)) return { kind: 'unknown', error: error.cause };
    writer.resume();
    return { kind: 'failed', error };
  }
}

async function tryTwice(options: RenewalOptions): Promise<RenewalOutcome> {
  try {
    return await renew(options);
  } catch (error) {
    if (!(error instanceof SnapshotSuperseded)) throw error;
    await options.compaction.catchUp();
    return renew(options);
  }
}

async function renew({ room, compaction, log, check }: RenewalOptions): Promise<RenewalOutcome> {
  const { canvasId, generation, writer } = room;
  // From here to the snapshot in one tick: all that has come so far is in it.
  room.finishLiveInk();
  const { position } = writer;
  const { seqs } = writer.storedRows;
  const renewed = copyShown(openCanvasDoc(room.doc));
  const known = entriesOf(renewed);
  const snapshot = Y.encodeStateAsUpdate(renewed.doc);
  await check(snapshot, factsOf(renewed.doc));
  const replaces = compaction.snapshotNumber;
  await log.renew(canvasId, { snapshot, seqs, replaces, generation }).catch((error: unknown) => {
    if (error instanceof SnapshotSuperseded) throw error;
    throw new Undecided(error);
  });
  writer.savedUpTo(position);
  return { kind: 'renewed', late: lateChanges(room, known) };
}

/** What the old document has come to show since the new one was made of it. */
function lateChanges(room: Room, from: CanvasEntries): (room: Room) => Promise<void> {
  room.finishLiveInk();
  const to = entriesOf(copyShown(openCanvasDoc(room.doc)));
  return (next) =>
    next.change(null, (canvas, origin) => changeEntries(canvas, { from, to }, origin));
}

class Undecided extends Error {
  constructor(cause: unknown) {
    super('It is not known whether the document was begun anew', { cause });
  }
}

function isUndecided(error: unknown): error is Undecided {
  return error instanceof Undecided;
}
