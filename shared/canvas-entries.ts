import { equalityDeep } from 'lib0/function';
import * as Y from 'yjs';
import type { CanvasDoc } from './canvas-doc.ts';
import {
  hiddenStrokeIds,
  isCutEntry,
  openCanvasDoc,
  readSketch,
  readStrokes,
  strokeIdOfCut,
} from './canvas-doc.ts';

const MAPS = ['ink', 'sketchOf', 'sketches', 'cuts'] as const;

/** All that a document says at one time, by map and key. */
export type CanvasEntries = Readonly<Record<(typeof MAPS)[number], ReadonlyMap<string, unknown>>>;

/** The entries of a document as they are now. */
export function entriesOf(canvas: CanvasDoc): CanvasEntries {
  const { ink, sketchOf, sketches, cuts } = canvas;
  const copy = (map: Y.Map<unknown>): Map<string, unknown> => new Map(map.entries());
  return { ink: copy(ink), sketchOf: copy(sketchOf), sketches: copy(sketches), cuts: copy(cuts) };
}

/**
 * Makes a document that said `from` say `to`, as a change like any other; what has come beside
 * `from` since then stays. One update, none where nothing differs.
 */
export function changeEntries(
  canvas: CanvasDoc,
  { from, to }: { readonly from: CanvasEntries; readonly to: CanvasEntries },
  origin: unknown,
): void {
  canvas.doc.transact(() => {
    for (const name of MAPS) changeMap(canvas[name], from[name], to[name]);
  }, origin);
}

/** Makes a document say what `to` says. One update, none where nothing differs. */
export function makeEqual(canvas: CanvasDoc, to: CanvasEntries, origin: unknown): void {
  changeEntries(canvas, { from: entriesOf(canvas), to }, origin);
}

/**
 * A document without a past that shows the same: strokes that are not hidden, with what is cut out
 * of them, and the sketches that they are shown in.
 */
export function copyShown(canvas: CanvasDoc): CanvasDoc {
  const copy = openCanvasDoc(new Y.Doc());
  const strokes = readStrokes(canvas);
  const shown = new Set(strokes.map(({ id }) => id));
  copy.doc.transact(() => {
    for (const { id } of strokes) {
      const sketchId = canvas.sketchOf.get(id);
      copy.ink.set(id, canvas.ink.get(id));
      copy.sketchOf.set(id, sketchId);
      copySketches({ canvas, copy }, String(sketchId));
    }
    for (const [key, value] of canvas.cuts)
      if (shown.has(strokeIdOfCut(key)) && isCutEntry(key, value)) copy.cuts.set(key, value);
  });
  return copy;
}

/** How many strokes a document shows, without reading their ink. */
export function countShownStrokes(canvas: CanvasDoc): number {
  const hidden = hiddenStrokeIds(canvas);
  return [...canvas.ink.keys()].filter((id) => !hidden.has(id) && canvas.sketchOf.has(id)).length;
}

/** A sketch and those that it has been merged into. */
function copySketches(
  { canvas, copy }: { readonly canvas: CanvasDoc; readonly copy: CanvasDoc },
  first: string,
): void {
  let id: string | undefined = first;
  while (id !== undefined && !copy.sketches.has(id)) {
    const value = readSketch(canvas, id);
    if (!value) return;
    copy.sketches.set(id, value);
    id = value.mergedInto;
  }
}

function changeMap(
  map: Y.Map<unknown>,
  from: ReadonlyMap<string, unknown>,
  to: ReadonlyMap<string, unknown>,
): void {
  for (const key of from.keys()) if (!to.has(key) && map.has(key)) map.delete(key);
  for (const [key, value] of to)
    if (!equalityDeep(from.get(key), value) && !equalityDeep(map.get(key), value))
      map.set(key, value);
}
