import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { StoredCanvas } from './canvas-log.ts';

/** A document as it was read, with the rows of the log that it contains. */
export interface LoadedCanvas {
  readonly doc: Y.Doc;
  readonly seqs: readonly bigint[];
  /** Rows that cannot be read. They stay in the log, and the canvas opens without them. */
  readonly unreadable: readonly bigint[];
}

/** Makes the document of what is stored. Throws when the snapshot cannot be read. */
export function readStoredCanvas(stored: StoredCanvas): LoadedCanvas {
  const doc = new Y.Doc();
  openCanvasDoc(doc);
  const unreadable: bigint[] = [];
  // One transaction: merging the log first, or applying it row by row, takes many times as long.
  doc.transact(() => {
    if (stored.snapshot) Y.applyUpdate(doc, stored.snapshot);
    for (const { seq, update } of stored.updates) {
      if (!tryApply(doc, update)) unreadable.push(seq);
    }
  });
  const seqs = stored.updates.map(({ seq }) => seq).filter((seq) => !unreadable.includes(seq));
  return { doc, seqs, unreadable };
}

/** The whole document as one update, checked to be readable and complete. */
export function makeSnapshot(doc: Y.Doc): Uint8Array {
  const snapshot = Y.encodeStateAsUpdate(doc);
  const copy = new Y.Doc();
  Y.applyUpdate(copy, snapshot);
  const isEqual = equalBytes(Y.encodeStateVector(copy), Y.encodeStateVector(doc));
  copy.destroy();
  if (!isEqual) throw new Error('The snapshot of a canvas does not hold all of it');
  return snapshot;
}

function tryApply(doc: Y.Doc, update: Uint8Array): boolean {
  try {
    Y.applyUpdate(doc, update);
    return true;
  } catch {
    return false;
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
