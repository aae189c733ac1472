/**
 * Strokes to the grey pixels that the network sees. Prediction, training, import, the stored
 * picture of an example and the page's "what the model sees" all call this one function, so that
 * what is judged is what was learnt. Colour, brush and zoom of the sketch play no part; the order in
 * which it was drawn does, where a network asks for it.
 */
import { RASTER_PIXELS } from './limits.ts';
import { PATH_FEATURES, penPath } from './pen-path.ts';
import { smoothStrokes } from './smooth-strokes.ts';
import { boxOf, longerSideOf, type Box, type StrokeColumns } from './stroke.ts';

/** Width of the drawn line as a share of the raster's edge: 1.6 pixels of 32. */
export const RASTER_LINE_WIDTH = 0.05;

/** Paper left free around the ink's centre lines on each side, as a share of the raster's edge. */
const MARGIN = 0.05;

/** In the plane of the order, the last ink has this share of the first ink's brightness. */
const LAST_INK = 0.2;

/**
 * What a raster shows. 1: the ink. 2: after it a plane of the order, too: ink drawn first is bright
 * and the rest the darker, the more ink was drawn before it. 6: after these four of the pen's
 * direction, to the right, to the left, down and up: the ink's grey times the share of the way that
 * went there. Directions tell what 32 pixels are too coarse to show (Bai and Huo, 2005, use eight
 * of them for handwriting). 7: after these a plane that is no image: the pen's path, as `penPath` has
 * it, of as many points as fill the plane.
 */
export type Planes = 1 | 2 | 6 | 7;

/** Most planes that are images. */
export const IMAGE_PLANES = 6;

export interface RasterizeOptions {
  readonly planes?: Planes;
  /** Edge of the raster in pixels. */
  readonly pixels?: number;
  /** Width of the line as a share of the raster's edge. */
  readonly lineWidth?: number;
}

/** A square of grey bytes being drawn on, with the pen's reach in pixels. */
interface Sheet {
  readonly ink: Uint8Array;
  /** Null where nobody asks for it. */
  readonly order: Uint8Array | null;
  /** Four planes, or null where nobody asks for them. */
  readonly direction: Uint8Array | null;
  /** Length of all strokes, in pixels. */
  readonly totalLength: number;
  readonly pixels: number;
  /** Distance from the centre line at which a pixel is half covered. */
  readonly halfWidth: number;
}

/** From the strokes' unit to pixels: `pixel = value * scale + shift`. */
interface Placement {
  readonly scale: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * Draws the strokes, smoothed, cropped to their box, centred and with their aspect kept, as
 * anti-aliased lines of fixed relative width: plane after plane, row by row, 255 is ink and 0 is
 * paper. Moving or scaling the strokes does not change the raster; without strokes it is all paper.
 */
export function rasterize(
  drawn: readonly StrokeColumns[],
  options: RasterizeOptions = {},
): Uint8Array {
  const strokes = smoothStrokes(drawn);
  const pixels = options.pixels ?? RASTER_PIXELS;
  const lineWidth = options.lineWidth ?? RASTER_LINE_WIDTH;
  const planes = options.planes ?? 1;
  const area = pixels * pixels;
  const bytes = new Uint8Array(planes * area);
  const box = boxOf(strokes);
  if (box === null) return bytes;
  const placement = placementOf(box, pixels);
  const sheet = {
    ...{ pixels, halfWidth: (lineWidth * pixels) / 2, ink: bytes.subarray(0, area) },
    order: planes > 1 ? bytes.subarray(area, 2 * area) : null,
    direction: planes > 2 ? bytes.subarray(2 * area, IMAGE_PLANES * area) : null,
    totalLength: lengthOf(strokes) * placement.scale,
  };
  let lengthBefore = 0;
  for (const stroke of strokes)
    lengthBefore = drawStroke(sheet, placement, { stroke, lengthBefore });
  if (planes > IMAGE_PLANES) bytes.set(penPath(strokes, area / PATH_FEATURES), IMAGE_PLANES * area);
  return bytes;
}

/** Length of the lines of all strokes, in their unit. */
function lengthOf(strokes: readonly StrokeColumns[]): number {
  let length = 0;
  for (const [xs, ys] of strokes) {
    for (let i = 1; i < xs.length; i++) {
      const [dx, dy] = [(xs[i] ?? 0) - (xs[i - 1] ?? 0), (ys[i] ?? 0) - (ys[i - 1] ?? 0)];
      length += Math.sqrt(dx * dx + dy * dy);
    }
  }
  return length;
}

/** A dot has no size to scale by: it is drawn as a dot in the middle. */
function placementOf(box: Box, pixels: number): Placement {
  const size = longerSideOf(box);
  const scale = size > 0 ? (pixels * (1 - 2 * MARGIN)) / size : 0;
  return {
    scale,
    shiftX: pixels / 2 - ((box.left + box.right) / 2) * scale,
    shiftY: pixels / 2 - ((box.top + box.bottom) / 2) * scale,
  };
}

/** Draws a stroke before which so many pixels of line were drawn, and returns how many are now. */
function drawStroke(
  sheet: Sheet,
  { scale, shiftX, shiftY }: Placement,
  drawn: { readonly stroke: StrokeColumns; readonly lengthBefore: number },
): number {
  const [xs, ys] = drawn.stroke;
  let { lengthBefore } = drawn;
  let fromX = (xs[0] ?? 0) * scale + shiftX;
  let fromY = (ys[0] ?? 0) * scale + shiftY;
  if (xs.length === 1)
    drawSegment(sheet, segmentOf(sheet.pixels, [fromX, fromY, fromX, fromY]), lengthBefore);
  for (let i = 1; i < xs.length; i++) {
    const toX = (xs[i] ?? 0) * scale + shiftX;
    const toY = (ys[i] ?? 0) * scale + shiftY;
    const segment = segmentOf(sheet.pixels, [fromX, fromY, toX, toY]);
    drawSegment(sheet, segment, lengthBefore);
    lengthBefore += segment.length;
    fromX = toX;
    fromY = toY;
  }
  return lengthBefore;
}

/**
 * A segment seen along its longer axis ("along", a) and the other ("across", c), so that every
 * direction is drawn by the same code. It starts at the smaller `a`.
 */
interface Segment {
  readonly startA: number;
  readonly startC: number;
  readonly da: number;
  readonly length: number;
  /** Direction of length 1. */
  readonly unitA: number;
  readonly unitC: number;
  /** Steps in the raster's bytes for one pixel along and across. */
  readonly strideA: number;
  readonly strideC: number;
  /** Whether the pen went the other way, from the larger `a` to the smaller. */
  readonly isBackward: boolean;
}

function segmentOf(
  pixels: number,
  [fromX, fromY, toX, toY]: readonly [number, number, number, number],
): Segment {
  const isFlat = Math.abs(toX - fromX) >= Math.abs(toY - fromY);
  const [fromA, fromC, toA, toC] = isFlat ? [fromX, fromY, toX, toY] : [fromY, fromX, toY, toX];
  const isBackward = fromA > toA;
  const da = Math.abs(toA - fromA);
  const dc = isBackward ? fromC - toC : toC - fromC;
  const length = Math.sqrt(da * da + dc * dc);
  return {
    startA: isBackward ? toA : fromA,
    startC: isBackward ? toC : fromC,
    ...{ da, length, isBackward },
    unitA: length > 0 ? da / length : 1,
    unitC: length > 0 ? dc / length : 0,
    strideA: isFlat ? 1 : pixels,
    strideC: isFlat ? pixels : 1,
  };
}

/** Walks along the segment and touches only the pixels near it. */
function drawSegment(sheet: Sheet, segment: Segment, lengthBefore: number): void {
  const { pixels, halfWidth } = sheet;
  const { startA, startC, da, unitA, unitC } = segment;
  const reach = halfWidth + 0.5;
  const spread = reach / unitA;
  // A pixel's centre lies at its index + 0.5.
  const first = Math.max(0, Math.ceil(startA - reach - 0.5));
  const last = Math.min(pixels - 1, Math.floor(startA + da + reach - 0.5));
  for (let a = first; a <= last; a++) {
    const centre = startC + ((a + 0.5 - startA) * unitC) / unitA;
    const low = Math.max(0, Math.ceil(centre - spread - 0.5));
    const high = Math.min(pixels - 1, Math.floor(centre + spread - 0.5));
    for (let c = low; c <= high; c++) inkPixel(sheet, segment, { a, c, lengthBefore });
  }
}

/** Coverage falls from 1 to 0 over one pixel at the line's edge; where lines cross, the darker wins. */
function inkPixel(
  { ink, order, direction, totalLength, halfWidth }: Sheet,
  segment: Segment,
  { a, c, lengthBefore }: { readonly a: number; readonly c: number; readonly lengthBefore: number },
): void {
  const { startA, startC, length, unitA, unitC, strideA, strideC, isBackward } = segment;
  const offsetA = a + 0.5 - startA;
  const offsetC = c + 0.5 - startC;
  const nearest = Math.min(length, Math.max(0, offsetA * unitA + offsetC * unitC));
  const restA = offsetA - nearest * unitA;
  const restC = offsetC - nearest * unitC;
  const coverage = halfWidth + 0.5 - Math.sqrt(restA * restA + restC * restC);
  const grey = Math.round(Math.min(1, coverage) * 255);
  const index = a * strideA + c * strideC;
  if (grey <= (ink[index] ?? 255)) return;
  ink[index] = grey;
  if (!order) return;
  const drawn = lengthBefore + (isBackward ? length - nearest : nearest);
  const share = totalLength > 0 ? Math.min(1, drawn / totalLength) : 0;
  order[index] = Math.round(grey * (1 - (1 - LAST_INK) * share));
  if (direction) inkDirection(direction, segment, { index, grey });
}

/** A dot was drawn nowhere. Right and left, down and up exclude each other, so the other is 0. */
function inkDirection(
  direction: Uint8Array,
  { length, unitA, unitC, strideA, isBackward }: Segment,
  { index, grey }: { readonly index: number; readonly grey: number },
): void {
  const area = direction.length / 4;
  const along = length > 0 ? (isBackward ? -grey : grey) : 0;
  const [x, y] = strideA === 1 ? [along * unitA, along * unitC] : [along * unitC, along * unitA];
  direction[index] = x > 0 ? Math.round(x) : 0;
  direction[index + area] = x < 0 ? Math.round(-x) : 0;
  direction[index + 2 * area] = y > 0 ? Math.round(y) : 0;
  direction[index + 3 * area] = y < 0 ? Math.round(-y) : 0;
}
