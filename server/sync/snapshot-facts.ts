import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';

/** What a snapshot must have in common with the document that it was taken of. */
export interface SnapshotFacts {
  readonly stateVector: Uint8Array;
  /** How many entries each map has. */
  readonly entries: readonly number[];
  /** Whether Yjs holds something back that builds on what has not come yet. */
  readonly holdsBack: boolean;
}

/** The facts of a document as it is now. */
export function factsOf(doc: Y.Doc): SnapshotFacts {
  const { ink, sketchOf, sketches, cuts } = openCanvasDoc(doc);
  return {
    stateVector: Y.encodeStateVector(doc),
    entries: [ink, sketchOf, sketches, cuts].map(({ size }) => size),
    holdsBack: doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
  };
}

/** The facts of the document that a snapshot makes. Throws when it cannot be read. */
export function factsOfSnapshot(snapshot: Uint8Array): SnapshotFacts {
  const copy = new Y.Doc();
  try {
    Y.applyUpdate(copy, snapshot);
    return factsOf(copy);
  } finally {
    copy.destroy();
  }
}

/** Whether two documents hold the same, as far as facts go. */
export function areSameFacts(a: SnapshotFacts, b: SnapshotFacts): boolean {
  return (
    isEqual(readVector(a), readVector(b)) &&
    a.entries.every((count, i) => count === b.entries[i]) &&
    a.holdsBack === b.holdsBack
  );
}

function readVector({ stateVector }: SnapshotFacts): Map<number, number> {
  return Y.decodeStateVector(stateVector);
}

/** By content: two documents may name their clients in different orders. */
function isEqual(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([client, clock]) => b.get(client) === clock);
}
