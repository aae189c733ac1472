/**
 * Strokes to the path that the pen went: a fixed number of points, each with its place and the way
 * there. It tells what a raster cannot: what was drawn after what, and how it was drawn where lines
 * lie over one another. Prediction, training and import call this one function through `rasterize`.
 */
import { boxOf, longerSideOf, type StrokeColumns } from './stroke.ts';

/** Numbers that are told of each point. */
export const PATH_FEATURES = 16;

/** Rows of features. Four rows each of `direction` and `jump`: to the right, to the left, down, up. */
const ROW = {
  x: 0,
  y: 1,
  direction: 2,
  strokeStart: 6,
  jump: 7,
  step: 11,
  boxWidth: 12,
  boxHeight: 13,
  strokesBefore: 14,
  pointsBefore: 15,
} as const;

/** As a share of the longer side: what Quick, Draw! simplified its drawings by, 2 of 255. */
const CORNER_TOLERANCE = 2 / 255;
const MOST_POINTS_BETWEEN = 256;
/** A step from point to point is a small part of the sketch. */
const STEP_SCALE = 4;
const MOST_STROKES = 16;

/** Points in columns, as strokes are, with the number of their stroke. */
interface Points {
  readonly xs: number[];
  readonly ys: number[];
  readonly strokes: number[];
}

type Put = (row: number, share: number) => void;

/**
 * `PATH_FEATURES` rows of as many bytes as points, row after row: where the point is; the direction
 * from the point before; whether a stroke begins; how far the pen jumped to there; the length of the
 * step; the shares that width and height have of the longer side; how many strokes and how many
 * points came before. Moving or scaling the strokes does not change it, nor do more points on the same
 * lines; without strokes it is all 0.
 */
export function penPath(strokes: readonly StrokeColumns[], points: number): Uint8Array {
  // Clamped bytes round what they are given and cut it to 0..255.
  const sheet = new Uint8ClampedArray(PATH_FEATURES * points);
  const bytes = new Uint8Array(sheet.buffer);
  const box = boxOf(strokes);
  if (box === null) return bytes;
  const size = longerSideOf(box) || 1;
  const path = spread(cornersOf(strokes, CORNER_TOLERANCE * size), points);
  const [middleX, middleY] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  for (let i = 0; i < points; i++) {
    const { x, y, stroke } = pointOf(path, i);
    const before = pointOf(path, Math.max(0, i - 1));
    const [dx, dy] = [(x - before.x) / size, (y - before.y) / size];
    const length = Math.sqrt(dx * dx + dy * dy);
    const put: Put = (row, share) => (sheet[row * points + i] = 255 * share);
    put(ROW.x, (x - middleX) / size + 0.5);
    put(ROW.y, (y - middleY) / size + 0.5);
    if (length > 0) putDirection(put, ROW.direction, [dx / length, dy / length]);
    if (i === 0 || before.stroke !== stroke) {
      put(ROW.strokeStart, 1);
      putDirection(put, ROW.jump, [dx, dy]);
    }
    put(ROW.step, length * STEP_SCALE);
    put(ROW.boxWidth, (box.right - box.left) / size);
    put(ROW.boxHeight, (box.bottom - box.top) / size);
    put(ROW.strokesBefore, stroke / MOST_STROKES);
    put(ROW.pointsBefore, i / points);
  }
  return bytes;
}

/** A vector as four numbers of which none is below 0. */
function putDirection(put: Put, row: number, [dx, dy]: readonly [dx: number, dy: number]): void {
  put(row, dx);
  put(row + 1, -dx);
  put(row + 2, dy);
  put(row + 3, -dy);
}

function pointOf(
  { xs, ys, strokes }: Points,
  i: number,
): { readonly x: number; readonly y: number; readonly stroke: number } {
  return { x: xs[i] ?? 0, y: ys[i] ?? 0, stroke: strokes[i] ?? 0 };
}

/**
 * So many points along all strokes, evenly by the number of their corners: where the line bends much
 * there are many, and few on what is straight. Between two strokes there is none.
 */
function spread(corners: Points, points: number): Points {
  const path: Points = { xs: [], ys: [], strokes: [] };
  const last = corners.xs.length - 1;
  for (let i = 0; i < points; i++) {
    const position = points > 1 ? (i * last) / (points - 1) : 0;
    const from = pointOf(corners, Math.floor(position));
    const to = pointOf(corners, Math.ceil(position));
    const share = position - Math.floor(position);
    const isNearTo = share > 0.5;
    const way = from.stroke === to.stroke ? share : Number(isNearTo);
    path.xs.push(from.x + way * (to.x - from.x));
    path.ys.push(from.y + way * (to.y - from.y));
    path.strokes.push(isNearTo ? to.stroke : from.stroke);
  }
  return path;
}

/** The corners of all strokes, one stroke after the other. */
function cornersOf(strokes: readonly StrokeColumns[], tolerance: number): Points {
  const corners: Points = { xs: [], ys: [], strokes: [] };
  for (const [index, stroke] of strokes.entries()) {
    const [xs, ys] = stroke;
    for (const i of cornersAlong(stroke, tolerance)) {
      corners.xs.push(xs[i] ?? 0);
      corners.ys.push(ys[i] ?? 0);
      corners.strokes.push(index);
    }
  }
  return corners;
}

/**
 * The points of a stroke that are left when those are taken out that lie no further from the line than
 * the tolerance (Douglas and Peucker, 1973), by index: the first, the last and the corners between.
 * One of every `MOST_POINTS_BETWEEN` is kept in any case, because in the worst one the time grows with
 * the square of their number.
 */
function cornersAlong(stroke: StrokeColumns, tolerance: number): readonly number[] {
  const last = stroke[0].length - 1;
  const corners = [0];
  const ends: number[] = [];
  for (let end = MOST_POINTS_BETWEEN; end < last; end += MOST_POINTS_BETWEEN) ends.unshift(end);
  if (last > 0) ends.unshift(last);
  let start = 0;
  for (let end = ends.at(-1); end !== undefined; end = ends.at(-1)) {
    const corner = cornerBetween(stroke, [start, end], tolerance);
    if (corner === null) {
      corners.push(end);
      start = end;
      ends.pop();
    } else ends.push(corner);
  }
  return corners;
}

/** The point that is farthest from the line between two others, or null where that is not far. */
function cornerBetween(
  [xs, ys]: StrokeColumns,
  [start, end]: readonly [start: number, end: number],
  tolerance: number,
): number | null {
  const [startX, startY] = [xs[start] ?? 0, ys[start] ?? 0];
  const [dx, dy] = [(xs[end] ?? 0) - startX, (ys[end] ?? 0) - startY];
  const squaredLength = dx * dx + dy * dy;
  let corner: number | null = null;
  let farthest = tolerance * tolerance;
  for (let i = start + 1; i < end; i++) {
    const [x, y] = [(xs[i] ?? 0) - startX, (ys[i] ?? 0) - startY];
    const along = squaredLength > 0 ? (x * dx + y * dy) / squaredLength : 0;
    const share = Math.min(1, Math.max(0, along));
    const [awayX, awayY] = [x - share * dx, y - share * dy];
    const squared = awayX * awayX + awayY * awayY;
    if (squared <= farthest) continue;
    farthest = squared;
    corner = i;
  }
  return corner;
}
