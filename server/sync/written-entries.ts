import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { isCutEntry, SketchValue } from '../../shared/canvas-doc.ts';
import { MAX_KEY_CHARACTERS } from '../../shared/limits.ts';
import { decodeStroke } from '../../shared/stroke-codec.ts';

/** An entry that a client has written; undefined stands for "not there". */
interface WrittenEntry {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly participantId: string;
}

/**
 * Takes back, within the same transaction, what a client may not write: entries that do not decode
 * or exceed the limits, strokes and sketches under somebody else's name, and changes of a stroke
 * that is somebody else's. Others never see them. Returns how many there were.
 */
export function takeBackRefused(
  canvas: CanvasDoc,
  transaction: Y.Transaction,
  participantId: string,
): number {
  const rules: [Y.Map<unknown>, (entry: WrittenEntry) => boolean][] = [
    [canvas.ink, isOwnStroke],
    [canvas.sketchOf, isSketchId],
    [canvas.sketches, isOwnSketch],
    [canvas.cuts, isCut],
  ];
  let refused = 0;
  for (const [map, isAllowed] of rules) {
    for (const [key, { before, after }] of changesOf(map, transaction)) {
      if (isAllowed({ key, before, after, participantId })) continue;
      refused += 1;
      if (before === undefined) map.delete(key);
      else map.set(key, before);
    }
  }
  return refused;
}

/** The entries of a map that a transaction has changed so far. */
function changesOf(
  map: Y.Map<unknown>,
  transaction: Y.Transaction,
): Map<string, { readonly before: unknown; readonly after: unknown }> {
  const changed: ReadonlyMap<unknown, Set<string | null>> = transaction.changed;
  const keys = changed.get(map);
  if (!keys) return new Map();
  const { keys: changes } = new Y.YMapEvent(map, transaction, keys);
  return new Map(
    [...changes].map(([key, { oldValue }]: [string, { oldValue: unknown }]) => [
      key,
      { before: oldValue, after: map.get(key) },
    ]),
  );
}

function isOwnStroke({ key, before, after, participantId }: WrittenEntry): boolean {
  const known = decodeStroke(before);
  if (known && known.authorId !== participantId) return false;
  if (after === undefined) return true;
  return isKey(key) && decodeStroke(after)?.authorId === participantId;
}

function isSketchId({ key, after }: WrittenEntry): boolean {
  return after === undefined || (isKey(key) && isKey(after));
}

/** Anybody may change a sketch; only its author may take it away or give it a name. */
function isOwnSketch({ key, before, after, participantId }: WrittenEntry): boolean {
  const known = SketchValue.safeParse(before);
  const author = known.success ? known.data.authorId : participantId;
  if (after === undefined) return author === participantId;
  const written = SketchValue.safeParse(after);
  if (!written.success || !isKey(key)) return false;
  return [author, participantId].includes(written.data.authorId);
}

function isCut({ key, after }: WrittenEntry): boolean {
  return after === undefined || isCutEntry(key, after);
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_KEY_CHARACTERS;
}
