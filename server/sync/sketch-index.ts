import type * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { isFullCut, readSketch, strokeIdOfCut } from '../../shared/canvas-doc.ts';
import type { InkStroke } from '../../shared/stroke-codec.ts';
import { decodeStroke, toColumns } from '../../shared/stroke-codec.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { MergedSketches } from './merged-sketches.ts';

interface IndexedStroke {
  readonly id: string;
  readonly ink: InkStroke;
}

/** The finished ink of a sketch, in drawing order. */
export interface FinishedInk {
  readonly strokes: StrokeColumns[];
  readonly authorIds: readonly string[];
}

/**
 * Which strokes each sketch has, kept up with the document change by change, so that nothing ever
 * scans it. Sketches are named by what they have become (`mergedInto` followed).
 */
export class SketchIndex {
  readonly #canvas: CanvasDoc;
  readonly #strokes = new Map<string, IndexedStroke>();
  readonly #sketchOf = new Map<string, string>();
  readonly #strokeIdsOf = new Map<string, Set<string>>();
  readonly #fullCutsOf = new Map<string, Set<string>>();
  readonly #merged = new MergedSketches();
  readonly #finished = new Map<string, FinishedInk>();
  #changed = new Set<string>();

  constructor(canvas: CanvasDoc) {
    this.#canvas = canvas;
    this.#readMerges(canvas.sketches.keys());
    canvas.sketches.observe((event) => this.#readMerges(event.keysChanged));
    this.#follow(canvas.ink, (strokeId) => this.#readInk(strokeId));
    this.#follow(canvas.cuts, (key) => this.#readCut(key));
    this.#follow(canvas.sketchOf, (strokeId) => this.#readSketchOf(strokeId));
    this.#changed.clear();
  }

  /** Ids of all sketches that have finished strokes, hidden ones included. */
  get sketchIds(): string[] {
    const own = [...this.#strokeIdsOf.keys()];
    return [...new Set(own.map((id) => this.rootOf(id)))];
  }

  /** Whether any sketch has become another one. */
  get hasMerges(): boolean {
    return !this.#merged.isEmpty;
  }

  /** The sketch that `sketchId` has become. */
  rootOf(sketchId: string): string {
    return this.#merged.rootOf(sketchId);
  }

  /** Whether a finished stroke of that id is there. */
  hasStroke(strokeId: string): boolean {
    return this.#strokes.has(strokeId);
  }

  /** The shown finished strokes of a sketch; decoded and sorted once a change. */
  finishedInk(rootId: string): FinishedInk {
    const known = this.#finished.get(rootId);
    if (known) return known;
    const strokes = this.#merged
      .membersOf(rootId)
      .flatMap((sketchId) => [...(this.#strokeIdsOf.get(sketchId) ?? [])])
      .filter((id) => !this.#fullCutsOf.has(id))
      .map((id) => this.#strokes.get(id))
      .filter((stroke) => stroke !== undefined)
      .sort((a, b) => a.ink.startedAt - b.ink.startedAt || (a.id < b.id ? -1 : 1));
    const finished = {
      strokes: strokes.map(({ ink }) => toColumns(ink.points)),
      authorIds: [...new Set(strokes.map(({ ink }) => ink.authorId))],
    };
    this.#finished.set(rootId, finished);
    return finished;
  }

  /** The sketches that have changed since it was asked last. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  #follow(map: Y.Map<unknown>, read: (key: string) => void): void {
    for (const key of map.keys()) read(key);
    map.observe((event) => event.keysChanged.forEach((key: string) => read(key)));
  }

  #readInk(strokeId: string): void {
    const ink = decodeStroke(this.#canvas.ink.get(strokeId));
    if (ink) this.#strokes.set(strokeId, { id: strokeId, ink });
    else this.#strokes.delete(strokeId);
    this.#touchStroke(strokeId);
  }

  #readSketchOf(strokeId: string): void {
    const before = this.#sketchOf.get(strokeId);
    const after = this.#canvas.sketchOf.get(strokeId);
    if (before === after) return;
    if (before !== undefined) {
      this.#touch(before);
      const strokeIds = this.#strokeIdsOf.get(before);
      strokeIds?.delete(strokeId);
      if (strokeIds?.size === 0) this.#strokeIdsOf.delete(before);
    }
    this.#sketchOf.delete(strokeId);
    if (typeof after !== 'string') return;
    this.#sketchOf.set(strokeId, after);
    const strokeIds = this.#strokeIdsOf.get(after) ?? new Set();
    this.#strokeIdsOf.set(after, strokeIds.add(strokeId));
    this.#touch(after);
  }

  #readCut(key: string): void {
    const strokeId = strokeIdOfCut(key);
    const cuts = this.#fullCutsOf.get(strokeId) ?? new Set();
    if (isFullCut(this.#canvas.cuts.get(key))) cuts.add(key);
    else cuts.delete(key);
    if (cuts.size > 0) this.#fullCutsOf.set(strokeId, cuts);
    else this.#fullCutsOf.delete(strokeId);
    this.#touchStroke(strokeId);
  }

  /** All that one change has merged or parted, together: chains are followed once for all. */
  #readMerges(sketchIds: Iterable<string>): void {
    const merges = new Map<string, string | undefined>();
    for (const id of sketchIds) merges.set(id, readSketch(this.#canvas, id)?.mergedInto);
    for (const id of this.#merged.change(merges)) {
      this.#finished.delete(id);
      this.#changed.add(id);
    }
  }

  #touchStroke(strokeId: string): void {
    const sketchId = this.#sketchOf.get(strokeId);
    if (sketchId !== undefined) this.#touch(sketchId);
  }

  #touch(sketchId: string): void {
    const rootId = this.rootOf(sketchId);
    this.#finished.delete(rootId);
    this.#changed.add(rootId);
  }
}
