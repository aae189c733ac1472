import type { ShownStroke } from '../../shared/canvas-doc.ts';
import type { InkPoints, InkStyle } from '../../shared/stroke-codec.ts';
import type { Box } from '../../shared/stroke.ts';
import { boxOf } from '../../shared/stroke.ts';
import type { Paper } from './ink-color.ts';
import { paintColor } from './ink-color.ts';
import { outlineOf, traceOutline } from './outline.ts';
import type { Size, View } from './view.ts';
import { overlaps, toWorld } from './view.ts';

/** How a layer is to be painted. */
export interface Sheet {
  readonly view: View;
  readonly paper: Paper;
  /** CSS pixels. */
  readonly size: Size;
  /** Device pixels per CSS pixel. */
  readonly density: number;
}

/** From so many strokes on, moving the paper moves the picture between two paintings. */
const MANY_STROKES = 300;
const REPAINT_EVERY_MS = 120;

interface PaintedStroke {
  readonly path: Path2D;
  /** Around the painted outline, to leave out what is not in the window. */
  readonly reach: Box;
}

/**
 * Finished ink. Paths are kept per stroke; when only new strokes have come, only those are
 * painted, so that a pen-up costs the same on a full canvas as on an empty one.
 */
export class FinishedLayer {
  readonly #paths = new WeakMap<ShownStroke, PaintedStroke>();
  readonly #canvas: HTMLCanvasElement;
  #painted: readonly ShownStroke[] = [];
  #sheet: Sheet | null = null;
  #paintedAt = 0;
  #repaint: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  paint(strokes: readonly ShownStroke[], sheet: Sheet): void {
    const context = this.#canvas.getContext('2d');
    if (!context || (strokes === this.#painted && sheet === this.#sheet)) return;
    if (this.#isMoving(strokes, sheet)) {
      this.#move(strokes, sheet);
      return;
    }
    clearTimeout(this.#repaint);
    const isAddition = sheet === this.#sheet && startsWith(strokes, this.#painted);
    const from = isAddition ? this.#painted.length : 0;
    if (!isAddition) clearSheet(this.#canvas, context, sheet);
    for (const stroke of strokes.slice(from)) this.#paintStroke(context, stroke, sheet);
    this.#canvas.style.transform = '';
    this.#painted = strokes;
    this.#sheet = sheet;
    this.#paintedAt = performance.now();
  }

  /** Stops what is still to be painted. */
  close(): void {
    clearTimeout(this.#repaint);
  }

  /** Whether only the paper has moved, so soon after the last painting that many strokes may wait. */
  #isMoving(strokes: readonly ShownStroke[], { paper, size, density }: Sheet): boolean {
    const last = this.#sheet;
    const isSame =
      strokes === this.#painted &&
      last?.paper === paper &&
      last.size === size &&
      last.density === density;
    const isRecent = performance.now() - this.#paintedAt < REPAINT_EVERY_MS;
    return isSame && isRecent && strokes.length > MANY_STROKES;
  }

  /** Moves what is painted under the window, and paints properly a little later. */
  #move(strokes: readonly ShownStroke[], sheet: Sheet): void {
    const from = this.#sheet?.view ?? sheet.view;
    const scale = sheet.view.scale / from.scale;
    const [x, y] = [sheet.view.x - from.x * scale, sheet.view.y - from.y * scale];
    this.#canvas.style.transform = `matrix(${scale}, 0, 0, ${scale}, ${x}, ${y})`;
    clearTimeout(this.#repaint);
    this.#repaint = setTimeout(() => this.paint(strokes, sheet), REPAINT_EVERY_MS);
  }

  #paintStroke(context: CanvasRenderingContext2D, stroke: ShownStroke, sheet: Sheet): void {
    const painted = this.#paths.get(stroke) ?? paintedStrokeOf(stroke);
    this.#paths.set(stroke, painted);
    if (!isInWindow(painted, sheet)) return;
    context.fillStyle = paintColor(stroke.ink.style.color, sheet.paper);
    context.fill(painted.path);
  }
}

/** A stroke that is still being drawn. */
export interface WetStroke {
  readonly points: InkPoints;
  readonly style: InkStyle;
}

/** Paints the strokes that are still being drawn on a layer of their own, anew for each frame. */
export function paintWetInk(
  canvas: HTMLCanvasElement,
  strokes: Iterable<WetStroke>,
  sheet: Sheet,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  clearSheet(canvas, context, sheet);
  for (const { points, style } of strokes) {
    context.fillStyle = paintColor(style.color, sheet.paper);
    context.beginPath();
    traceOutline(context, outlineOf(points, style, false));
    context.fill();
  }
}

/** Gives the layer the window's size and clears it; strokes are painted in canvas units then. */
function clearSheet(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  { view, size, density }: Sheet,
): void {
  const width = Math.round(size.width * density);
  const height = Math.round(size.height * density);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const scale = view.scale * density;
  context.setTransform(scale, 0, 0, scale, view.x * density, view.y * density);
}

function paintedStrokeOf({ ink }: ShownStroke): PaintedStroke {
  const outline = outlineOf(ink.points, ink.style, true);
  const path = new Path2D();
  traceOutline(path, outline);
  const xs = outline.map((corner) => corner[0] ?? 0);
  const ys = outline.map((corner) => corner[1] ?? 0);
  return { path, reach: boxOf([[xs, ys]]) ?? { left: 0, top: 0, right: 0, bottom: 0 } };
}

function isInWindow({ reach }: PaintedStroke, { view, size }: Sheet): boolean {
  const start = toWorld(view, { x: 0, y: 0 });
  const end = toWorld(view, { x: size.width, y: size.height });
  return overlaps(reach, { left: start.x, top: start.y, right: end.x, bottom: end.y });
}

function startsWith<T>(list: readonly T[], start: readonly T[]): boolean {
  return list.length >= start.length && start.every((item, i) => list[i] === item);
}
