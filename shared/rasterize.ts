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

type Pixel = readonly [x: number, y: number];

/**
 * Walks along the longer axis of the segment and touches only the pixels near it. A pixel's
 * coverage falls from 1 to 0 over one pixel at the line's edge; where lines cross, the darker wins.
 */
function drawSegment(sheet: Sheet, from: Pixel, to: Pixel): void {
  const isFlat = Math.abs(to[0] - from[0]) >= Math.abs(to[1] - from[1]);
  // "Along" is the longer axis, "across" the other; a pixel's centre lies at its index + 0.5.
  const [along, across] = isFlat ? ([0, 1] as const) : ([1, 0] as const);
  const [start, end] = from[along] <= to[along] ? [from, to] : [to, from];
  const da = end[along] - start[along];
  const dc = end[across] - start[across];
  const length = Math.hypot(da, dc);
  const reach = sheet.halfWidth + 0.5;
  const slope = da > 0 ? dc / da : 0;
  const spread = da > 0 ? (reach * length) / da : reach;
  const last = sheet.pixels - 1;
  const firstStep = Math.max(0, Math.ceil(start[along] - reach - 0.5));
  const lastStep = Math.min(last, Math.floor(end[along] + reach - 0.5));
  const [unitA, unitC] = length > 0 ? [da / length, dc / length] : [1, 0];
  const strideA = isFlat ? 1 : sheet.pixels;
  const strideC = isFlat ? sheet.pixels : 1;
  for (let a = firstStep; a <= lastStep; a++) {
    const offsetA = a + 0.5 - start[along];
    const centre = start[across] + offsetA * slope;
    const low = Math.max(0, Math.ceil(centre - spread - 0.5));
    const high = Math.min(last, Math.floor(centre + spread - 0.5));
    for (let c = low; c <= high; c++) {
      const offsetC = c + 0.5 - start[across];
      const t = Math.min(length, Math.max(0, offsetA * unitA + offsetC * unitC));
      const restA = offsetA - t * unitA;
      const restC = offsetC - t * unitC;
      const coverage = reach - Math.sqrt(restA * restA + restC * restC);
      if (coverage <= 0) continue;
      const grey = coverage >= 1 ? 255 : Math.round(coverage * 255);
      const index = a * strideA + c * strideC;
      if (grey > (sheet.bytes[index] ?? 255)) sheet.bytes[index] = grey;
    }
  }
}
