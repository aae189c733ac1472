import type { CanvasDoc, ShownStroke, SketchValue } from '../../shared/canvas-doc.ts';
import { hiddenStrokeIds, readSketch, sketchFinder } from '../../shared/canvas-doc.ts';
import type { InkStroke } from '../../shared/stroke-codec.ts';
import { decodeStroke, toColumns } from '../../shared/stroke-codec.ts';
import type { Box } from '../../shared/stroke.ts';
import { boxOf } from '../../shared/stroke.ts';

/** A sketch with the finished strokes that are shown of it. */
export interface IndexedSketch {
  readonly id: string;
  readonly value: SketchValue;
  readonly strokes: readonly ShownStroke[];
  readonly box: Box;
  /** Unix time in ms at which its newest stroke ended. */
  readonly lastInkAt: number;
}

/**
 * What the document shows, kept in step with it. A stroke that has not changed stays the same
 * object, so that whoever paints can tell what is new. Event: `change`.
 */
export class InkIndex extends EventTarget {
  readonly #canvas: CanvasDoc;
  readonly #decoded = new Map<
    string,
    { readonly bytes: unknown; readonly ink: InkStroke | null }
  >();
  #shown = new Map<string, ShownStroke>();
  #strokes: readonly ShownStroke[] | null = null;
  #sketches: ReadonlyMap<string, IndexedSketch> | null = null;
  readonly #onTransaction = (): void => {
    this.#strokes = null;
    this.#sketches = null;
    this.dispatchEvent(new Event('change'));
  };

  constructor(canvas: CanvasDoc) {
    super();
    this.#canvas = canvas;
    canvas.doc.on('update', this.#onTransaction);
  }

  /** All shown strokes in drawing order. */
  get strokes(): readonly ShownStroke[] {
    this.#strokes ??= this.#readStrokes();
    return this.#strokes;
  }

  /** The sketches that show a stroke, by id. */
  get sketches(): ReadonlyMap<string, IndexedSketch> {
    this.#sketches ??= this.#groupStrokes();
    return this.#sketches;
  }

  /** Whether a stroke has become part of the document. */
  hasInk(strokeId: string): boolean {
    return this.#canvas.ink.has(strokeId);
  }

  close(): void {
    this.#canvas.doc.off('update', this.#onTransaction);
  }

  #readStrokes(): readonly ShownStroke[] {
    const hidden = hiddenStrokeIds(this.#canvas);
    const sketchOf = sketchFinder(this.#canvas);
    const shown = new Map<string, ShownStroke>();
    for (const id of this.#canvas.ink.keys()) {
      const stroke = hidden.has(id) ? null : this.#readStroke(id, sketchOf);
      if (stroke) shown.set(id, stroke);
    }
    this.#shown = shown;
    return [...shown.values()].sort(inDrawingOrder);
  }

  #readStroke(id: string, sketchOf: (strokeId: string) => string | null): ShownStroke | null {
    const ink = this.#decode(id);
    const sketchId = ink && sketchOf(id);
    if (!ink || !sketchId) return null;
    const last = this.#shown.get(id);
    return last?.ink === ink && last.sketchId === sketchId ? last : { id, sketchId, ink };
  }

  #decode(id: string): InkStroke | null {
    const bytes = this.#canvas.ink.get(id);
    const known = this.#decoded.get(id);
    if (known?.bytes === bytes) return known?.ink ?? null;
    const ink = decodeStroke(bytes);
    this.#decoded.set(id, { bytes, ink });
    return ink;
  }

  #groupStrokes(): ReadonlyMap<string, IndexedSketch> {
    const groups = new Map<string, ShownStroke[]>();
    for (const stroke of this.strokes) {
      const group = groups.get(stroke.sketchId);
      if (group) group.push(stroke);
      else groups.set(stroke.sketchId, [stroke]);
    }
    const sketches = [...groups].map(([id, strokes]) => this.#sketchOf(id, strokes));
    return new Map(sketches.filter((sketch) => sketch !== null).map((s) => [s.id, s]));
  }

  #sketchOf(id: string, strokes: readonly ShownStroke[]): IndexedSketch | null {
    const value = readSketch(this.#canvas, id);
    const box = boxOf(strokes.map((stroke) => toColumns(stroke.ink.points)));
    if (!value || !box) return null;
    return { id, value, strokes, box, lastInkAt: Math.max(...strokes.map(endOf)) };
  }
}

function endOf({ ink }: ShownStroke): number {
  return ink.startedAt + (ink.points.ts.at(-1) ?? 0);
}

function inDrawingOrder(a: ShownStroke, b: ShownStroke): number {
  return a.ink.startedAt - b.ink.startedAt || (a.id < b.id ? -1 : 1);
}
