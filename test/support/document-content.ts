import * as Y from 'yjs';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';

/** What a canvas' document says, in a form that can be compared: each map's entries by key. */
export function contentOf(doc: Y.Doc): Record<string, readonly (readonly [string, string])[]> {
  const { ink, sketchOf, sketches, cuts } = openCanvasDoc(doc);
  return {
    ink: entriesOf(ink),
    sketchOf: entriesOf(sketchOf),
    sketches: entriesOf(sketches),
    cuts: entriesOf(cuts),
  };
}

function entriesOf(map: Y.Map<unknown>): [string, string][] {
  return [...map.entries()]
    .map(([key, value]): [string, string] => [key, textOf(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : JSON.stringify(value);
}

/** The indices of updates that would change the document, or wait for something it lacks. */
export function indicesOfMissing(doc: Y.Doc, updates: readonly Uint8Array[]): number[] {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  let isChanged = false;
  copy.on('update', () => {
    isChanged = true;
  });
  const missing = updates.flatMap((update, index) => {
    isChanged = false;
    Y.applyUpdate(copy, update);
    const { pendingStructs, pendingDs } = copy.store;
    return isChanged || pendingStructs !== null || pendingDs !== null ? [index] : [];
  });
  copy.destroy();
  return missing;
}
