import type * as Y from 'yjs';
import { z } from 'zod';
import { MAX_KEY_CHARACTERS } from './limits.ts';
import type { InkStroke } from './stroke-codec.ts';
import { decodeStroke, encodeStroke, toColumns } from './stroke-codec.ts';
import type { StrokeColumns } from './stroke.ts';

/**
 * The typed view of a canvas' Yjs document; the only file that knows its map names.
 * Readers ignore every entry that does not decode.
 */
const Id = z.string().min(1).max(MAX_KEY_CHARACTERS);

/** What the document says of a sketch. */
export const SketchValue = z.object({
  authorId: Id,
  createdAt: z.number(),
  /** `open`: being judged; `confirmed`: a person said what it shows. */
  state: z.enum(['open', 'confirmed']),
  /** What a person said it shows. */
  categoryId: Id.nullable(),
  /** Readers follow it: the sketch whose ink this one's became. */
  mergedInto: Id.optional(),
});
export type SketchValue = z.infer<typeof SketchValue>;

/** Hidden parts of a stroke, as fractions of its point count, 0 to 1. */
const Intervals = z.array(z.tuple([z.number(), z.number()])).max(1_000);

export interface CanvasDoc {
  readonly doc: Y.Doc;
  readonly ink: Y.Map<unknown>;
  readonly sketchOf: Y.Map<unknown>;
  readonly sketches: Y.Map<unknown>;
  readonly cuts: Y.Map<unknown>;
}

/** The maps of a document, made where they are not there yet. */
export function openCanvasDoc(doc: Y.Doc): CanvasDoc {
  return {
    doc,
    ink: doc.getMap('ink'),
    sketchOf: doc.getMap('sketchOf'),
    sketches: doc.getMap('sketches'),
    cuts: doc.getMap('cuts'),
  };
}

/** Adds a finished stroke to a sketch, which is made with it if it is new. One update. */
export function addStroke(
  canvas: CanvasDoc,
  stroke: { readonly id: string; readonly sketchId: string; readonly ink: InkStroke },
  origin: unknown,
): void {
  canvas.doc.transact(() => {
    canvas.ink.set(stroke.id, encodeStroke(stroke.ink));
    canvas.sketchOf.set(stroke.id, stroke.sketchId);
    if (!canvas.sketches.has(stroke.sketchId)) {
      const { authorId, startedAt } = stroke.ink;
      const value: SketchValue = {
        authorId,
        createdAt: startedAt,
        state: 'open',
        categoryId: null,
      };
      canvas.sketches.set(stroke.sketchId, value);
    }
  }, origin);
}

/** Hides a whole stroke. Nothing is deleted, so undoing it removes only this cut. */
export function cutStroke(
  canvas: CanvasDoc,
  cut: { readonly strokeId: string; readonly eraseId: string },
  origin: unknown,
): void {
  canvas.doc.transact(() => {
    canvas.cuts.set(`${cut.strokeId}:${cut.eraseId}`, [[0, 1]]);
  }, origin);
}

/** A sketch's value, or null where there is none that decodes. */
export function readSketch(canvas: CanvasDoc, sketchId: string): SketchValue | null {
  const parsed = SketchValue.safeParse(canvas.sketches.get(sketchId));
  return parsed.success ? parsed.data : null;
}

/** Changes a sketch's value; false where there is no such sketch. */
export function updateSketch(
  canvas: CanvasDoc,
  change: { readonly sketchId: string; readonly to: Partial<SketchValue> },
  origin: unknown,
): boolean {
  const value = readSketch(canvas, change.sketchId);
  if (!value) return false;
  canvas.doc.transact(
    () => canvas.sketches.set(change.sketchId, { ...value, ...change.to }),
    origin,
  );
  return true;
}

/** Joins a sketch with all its ink to another; readers follow, so ink drawn meanwhile comes along. */
export function mergeSketch(
  canvas: CanvasDoc,
  merge: { readonly sketchId: string; readonly into: string },
  origin: unknown,
): boolean {
  const into = followMerges(canvas, merge.into);
  if (followMerges(canvas, merge.sketchId) === into) return false;
  return updateSketch(canvas, { sketchId: merge.sketchId, to: { mergedInto: into } }, origin);
}

/**
 * Tells the sketch that a stroke is shown in: `mergedInto` followed, a cycle broken by the smaller id.
 * It can be asked for all strokes, for as long as the document does not change.
 */
export function sketchFinder(canvas: CanvasDoc): (strokeId: string) => string | null {
  const rootOf = mergesOf(canvas);
  return (strokeId) => {
    const own = canvas.sketchOf.get(strokeId);
    return typeof own === 'string' ? rootOf(own) : null;
  };
}

/** The sketch that `sketchId` has become. */
export function followMerges(canvas: CanvasDoc, sketchId: string): string {
  return mergesOf(canvas)(sketchId);
}

/**
 * Tells what sketches have become, given what each was merged into. No chain is walked twice, so it
 * can be asked for all of them, for as long as none is merged.
 */
export function rootFinder(
  mergedInto: (sketchId: string) => string | undefined,
): (sketchId: string) => string {
  const roots = new Map<string, string>();
  return (sketchId) => {
    const path = new Set<string>();
    let at = sketchId;
    // The end of a chain is a cycle of one.
    while (!path.has(at) && !roots.has(at)) {
      path.add(at);
      at = mergedInto(at) ?? at;
    }
    const root = roots.get(at) ?? smallestFrom(at, path);
    for (const id of path) roots.set(id, root);
    return root;
  };
}

function mergesOf(canvas: CanvasDoc): (sketchId: string) => string {
  return rootFinder((sketchId) => readSketch(canvas, sketchId)?.mergedInto);
}

/** The smallest id of the cycle that a path has come back to at `start`. */
function smallestFrom(start: string, path: ReadonlySet<string>): string {
  const ids = [...path];
  return ids.slice(ids.indexOf(start)).reduce((least, id) => (id < least ? id : least), start);
}

/** Whether a key and value of `cuts` are a cut: `<strokeId>:<eraseId>` and intervals. */
export function isCutEntry(key: string, value: unknown): boolean {
  const isKey = key.indexOf(':') > 0 && key.length <= 2 * MAX_KEY_CHARACTERS + 1;
  return isKey && Intervals.safeParse(value).success;
}

/** The stroke that a key of `cuts` speaks of. */
export function strokeIdOfCut(key: string): string {
  return key.slice(0, key.lastIndexOf(':'));
}

/** Whether a value of `cuts` hides the whole stroke. */
export function isFullCut(value: unknown): boolean {
  const cuts = Intervals.safeParse(value);
  return cuts.success && cuts.data.some(([from, to]) => from <= 0 && to >= 1);
}

/** Ids of strokes that a full cut hides. */
export function hiddenStrokeIds(canvas: CanvasDoc): Set<string> {
  const full = [...canvas.cuts].filter(([, value]) => isFullCut(value));
  return new Set(full.map(([key]) => strokeIdOfCut(key)));
}

/** A stroke of the document that decodes, is not hidden and belongs to a sketch. */
export interface ShownStroke {
  readonly id: string;
  readonly sketchId: string;
  readonly ink: InkStroke;
}

/** What asking for one stroke and asking for many have in common; worked out once. */
interface Reading {
  readonly hidden: ReadonlySet<string>;
  readonly sketchOf: (strokeId: string) => string | null;
}

/** A stroke as it is shown, or null. */
export function readStroke(canvas: CanvasDoc, strokeId: string): ShownStroke | null {
  return readShown(canvas, strokeId, readingOf(canvas));
}

/** All shown strokes in drawing order. */
export function readStrokes(canvas: CanvasDoc): ShownStroke[] {
  const reading = readingOf(canvas);
  return [...canvas.ink.keys()]
    .map((id) => readShown(canvas, id, reading))
    .filter((stroke) => stroke !== null)
    .sort((a, b) => a.ink.startedAt - b.ink.startedAt || (a.id < b.id ? -1 : 1));
}

function readingOf(canvas: CanvasDoc): Reading {
  return { hidden: hiddenStrokeIds(canvas), sketchOf: sketchFinder(canvas) };
}

function readShown(
  canvas: CanvasDoc,
  id: string,
  { hidden, sketchOf }: Reading,
): ShownStroke | null {
  if (hidden.has(id)) return null;
  const ink = decodeStroke(canvas.ink.get(id));
  const sketchId = ink && sketchOf(id);
  return ink && sketchId ? { id, sketchId, ink } : null;
}

/** Shown strokes in columns, in drawing order. */
export function columnsOf(strokes: readonly ShownStroke[]): StrokeColumns[] {
  return strokes.map((stroke) => toColumns(stroke.ink.points));
}
