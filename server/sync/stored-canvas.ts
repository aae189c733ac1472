import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { StoredCanvas, UnreadableUpdate } from './canvas-log.ts';

/** A document as it was read, with the rows of the log that it contains. */
export interface LoadedCanvas {
  readonly doc: Y.Doc;
  readonly rows: readonly { readonly seq: bigint; readonly bytes: number }[];
  /** Rows that cannot be read; the canvas opens without them. */
  readonly unreadable: readonly UnreadableUpdate[];
  /** Bytes that are stored of the document. */
  readonly storedBytes: number;
}

/** Makes the document of what is stored. Throws when the snapshot cannot be read. */
export function readStoredCanvas(stored: Pick<StoredCanvas, 'snapshot' | 'updates'>): LoadedCanvas {
  const doc = new Y.Doc();
  openCanvasDoc(doc);
  const rows: { seq: bigint; bytes: number }[] = [];
  const unreadable: UnreadableUpdate[] = [];
  let storedBytes = stored.snapshot?.length ?? 0;
  // One transaction: merging the log first, or applying it row by row, takes many times as long.
  doc.transact(() => {
    if (stored.snapshot) Y.applyUpdate(doc, stored.snapshot);
    for (const { seq, update } of stored.updates) {
      const reason = tryApply(doc, update);
      if (reason === null) rows.push({ seq, bytes: update.length });
      else unreadable.push({ seq, reason });
      storedBytes += update.length;
    }
  });
  return { doc, rows, unreadable, storedBytes };
}

/** Null when it worked, else why not. */
function tryApply(doc: Y.Doc, update: Uint8Array): string | null {
  try {
    // All of it first: Yjs would take in what comes before the place that it cannot read.
    Y.decodeUpdate(update);
    Y.applyUpdate(doc, update);
    return null;
  } catch (error) {
    return String(error);
  }
}
