import type { Box } from '../../shared/stroke.ts';

/** How the paper lies under the window: screen = world × scale + (x, y), in CSS pixels. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SCALE = 0.1;
const MAX_SCALE = 8;

export function toWorld(view: View, { x, y }: Point): Point {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}

export function toScreen(view: View, { x, y }: Point): Point {
  return { x: x * view.scale + view.x, y: y * view.scale + view.y };
}

export function boxToScreen(view: View, box: Box): Box {
  const start = toScreen(view, { x: box.left, y: box.top });
  const end = toScreen(view, { x: box.right, y: box.bottom });
  return { left: start.x, top: start.y, right: end.x, bottom: end.y };
}

export function panBy(view: View, { x, y }: Point): View {
  return { ...view, x: view.x + x, y: view.y + y };
}

/** Zooms so that the paper under `at` stays where it is. */
export function zoomAt(view: View, at: Point, factor: number): View {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, view.scale * factor));
  const world = toWorld(view, at);
  return { scale, x: at.x - world.x * scale, y: at.y - world.y * scale };
}

/** Shows the whole box in the middle, never larger than life. */
export function fitTo(box: Box, size: Size, padding: number): View {
  const width = Math.max(1, box.right - box.left);
  const height = Math.max(1, box.bottom - box.top);
  const room = { width: size.width - 2 * padding, height: size.height - 2 * padding };
  const fitting = Math.min(room.width / width, room.height / height);
  const scale = Math.min(1, Math.max(MIN_SCALE, fitting));
  return {
    scale,
    x: size.width / 2 - ((box.left + box.right) / 2) * scale,
    y: size.height / 2 - ((box.top + box.bottom) / 2) * scale,
  };
}

/** The smallest box around all boxes, or null where there is none. */
export function unionOf(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
