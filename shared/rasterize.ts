/**
 * Strokes to the grey pixels that the network sees. Prediction, training, import, the stored
 * picture of an example and the page's "what the model sees" all call this one function, so that
 * what is judged is what was learnt. Colour, brush and zoom of the sketch play no part.
 */
import { RASTER_PIXELS } from './limits.ts';
import { boxOf, type Box, type StrokeColumns } from './stroke.ts';

/** Width of the drawn line as a share of the raster's edge: 1.6 pixels of 32. */
export const RASTER_LINE_WIDTH = 0.05;

/** Paper left free around the ink's centre lines on each side, as a share of the raster's edge. */
const MARGIN = 0.05;

export interface RasterizeOptions {
  /** Edge of the raster in pixels. */
  readonly pixels?: number;
  /** Width of the line as a share of the raster's edge. */
  readonly lineWidth?: number;
}

/** A square of grey bytes being drawn on, with the pen's reach in pixels. */
interface Sheet {
  readonly bytes: Uint8Array;
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
 * Draws the strokes, cropped to their box, centred and with their aspect kept, as anti-aliased
 * lines of fixed relative width: row by row, 255 is ink and 0 is paper. Moving or scaling the
 * strokes does not change the raster; without strokes it is all paper.
 */
export function rasterize(
  strokes: readonly StrokeColumns[],
  options: RasterizeOptions = {},
): Uint8Array {
  const pixels = options.pixels ?? RASTER_PIXELS;
  const lineWidth = options.lineWidth ?? RASTER_LINE_WIDTH;
  const bytes = new Uint8Array(pixels * pixels);
  const box = boxOf(strokes);
  if (box === null) return bytes;
  const sheet = { bytes, pixels, halfWidth: (lineWidth * pixels) / 2 };
  const placement = placementOf(box, pixels);
  for (const stroke of strokes) drawStroke(sheet, placement, stroke);
  return bytes;
}

/** A dot has no size to scale by: it is drawn as a dot in the middle. */
function placementOf(box: Box, pixels: number): Placement {
  const size = Math.max(box.right - box.left, box.bottom - box.top);
  const scale = size > 0 ? (pixels * (1 - 2 * MARGIN)) / size : 0;
  return {
    scale,
    shiftX: pixels / 2 - ((box.left + box.right) / 2) * scale,
    shiftY: pixels / 2 - ((box.top + box.bottom) / 2) * scale,
  };
}

function drawStroke(sheet: Sheet, placement: Placement, [xs, ys]: StrokeColumns): void {
  const { scale, shiftX, shiftY } = placement;
  let fromX = (xs[0] ?? 0) * scale + shiftX;
  let fromY = (ys[0] ?? 0) * scale + shiftY;
  if (xs.length === 1) drawSegment(sheet, [fromX, fromY], [fromX, fromY]);
  for (let i = 1; i < xs.length; i++) {
    const toX = (xs[i] ?? 0) * scale + shiftX;
    const toY = (ys[i] ?? 0) * scale + shiftY;
    drawSegment(sheet, [fromX, fromY], [toX, toY]);
    fromX = toX;
    fromY = toY;
  }
}

type Point = readonly [x: number, y: number];

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
}

function segmentOf(pixels: number, from: Point, to: Point): Segment {
  const isFlat = Math.abs(to[0] - from[0]) >= Math.abs(to[1] - from[1]);
  const [along, across] = isFlat ? ([0, 1] as const) : ([1, 0] as const);
  const [start, end] = from[along] <= to[along] ? [from, to] : [to, from];
  const da = end[along] - start[along];
  const dc = end[across] - start[across];
  const length = Math.hypot(da, dc);
  return {
    startA: start[along],
    startC: start[across],
    da,
    length,
    unitA: length > 0 ? da / length : 1,
    unitC: length > 0 ? dc / length : 0,
    strideA: isFlat ? 1 : pixels,
    strideC: isFlat ? pixels : 1,
  };
}

/** Walks along the segment and touches only the pixels near it. */
function drawSegment(sheet: Sheet, from: Point, to: Point): void {
  const { pixels, halfWidth } = sheet;
  const segment = segmentOf(pixels, from, to);
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
    for (let c = low; c <= high; c++) inkPixel(sheet, segment, [a, c]);
  }
}

/** Coverage falls from 1 to 0 over one pixel at the line's edge; where lines cross, the darker wins. */
function inkPixel(
  { bytes, halfWidth }: Sheet,
  { startA, startC, length, unitA, unitC, strideA, strideC }: Segment,
  [a, c]: Point,
): void {
  const offsetA = a + 0.5 - startA;
  const offsetC = c + 0.5 - startC;
  const nearest = Math.min(length, Math.max(0, offsetA * unitA + offsetC * unitC));
  const restA = offsetA - nearest * unitA;
  const restC = offsetC - nearest * unitC;
  const coverage = halfWidth + 0.5 - Math.sqrt(restA * restA + restC * restC);
  const grey = Math.round(Math.min(1, coverage) * 255);
  const index = a * strideA + c * strideC;
  if (grey > (bytes[index] ?? 255)) bytes[index] = grey;
}
