import { encode } from 'fast-png';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';

const PICTURE_PIXELS = 256;

/** A sketch as people see it in lists: dark ink on white, a grey PNG of 256 pixels. */
export function drawPicture(strokes: readonly StrokeColumns[]): Uint8Array {
  const ink = rasterize(strokes, { pixels: PICTURE_PIXELS, lineWidth: 4 / PICTURE_PIXELS });
  const data = ink.map((grey) => 255 - grey);
  return encode({ width: PICTURE_PIXELS, height: PICTURE_PIXELS, data, channels: 1, depth: 8 });
}
