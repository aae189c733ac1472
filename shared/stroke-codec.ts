import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MAX_COORDINATE, MAX_POINTS_PER_STROKE } from './limits.ts';
import type { StrokeColumns } from './stroke.ts';

/**
 * A finished stroke as one packed byte array: version, style, author, start time, then
 * zigzag-varint deltas of x, y (1/8 canvas unit), t (ms) and pressure (1/255).
 * About 3 bytes a point, where JSON takes 12.
 */
export interface InkStyle {
  readonly tool: 'pen';
  /** `#rrggbb`. */
  readonly color: string;
  /** Canvas units, 1 to 64. */
  readonly width: number;
}

/** Points in columns, all equally long. Pressure is 0 to 1; 0.5 where the device tells none. */
export interface InkPoints {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** Milliseconds since the stroke began. */
  readonly ts: readonly number[];
  readonly pressures: readonly number[];
}

export interface InkStroke {
  readonly style: InkStyle;
  /** Participant id. */
  readonly authorId: string;
  /** Unix time in ms. */
  readonly startedAt: number;
  readonly points: InkPoints;
}

const VERSION = 1;
const TOOLS = ['pen'] as const;
/** Steps per canvas unit. */
const RESOLUTION = 8;

/** Packs a finished stroke. */
export function encodeStroke(stroke: InkStroke): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, VERSION);
  writeStyle(encoder, stroke.style);
  encoding.writeVarString(encoder, stroke.authorId);
  encoding.writeVarUint(encoder, Math.max(0, Math.round(stroke.startedAt)));
  writePoints(encoder, stroke.points);
  return encoding.toUint8Array(encoder);
}

/** Unpacks a stroke; null when the bytes are not one (readers ignore such entries). */
export function decodeStroke(bytes: unknown): InkStroke | null {
  if (!(bytes instanceof Uint8Array)) return null;
  try {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readUint8(decoder) !== VERSION) return null;
    const style = readStyle(decoder);
    const authorId = decoding.readVarString(decoder);
    const startedAt = decoding.readVarUint(decoder);
    const points = readPoints(decoder);
    return decoding.hasContent(decoder) ? null : { style, authorId, startedAt, points };
  } catch {
    // lib0 throws on a short buffer; such an entry is no stroke.
    return null;
  }
}

/** Writes tool, colour and width. */
export function writeStyle(encoder: encoding.Encoder, style: InkStyle): void {
  encoding.writeUint8(encoder, TOOLS.indexOf(style.tool));
  const rgb = /^#[0-9a-f]{6}$/i.test(style.color) ? parseInt(style.color.slice(1), 16) : 0;
  encoding.writeUint8(encoder, rgb >> 16);
  encoding.writeUint8(encoder, (rgb >> 8) & 0xff);
  encoding.writeUint8(encoder, rgb & 0xff);
  encoding.writeUint8(encoder, Math.min(64, Math.max(1, Math.round(style.width))));
}

/** Reads tool, colour and width. Throws when malformed. */
export function readStyle(decoder: decoding.Decoder): InkStyle {
  const tool = TOOLS[decoding.readUint8(decoder)];
  if (!tool) throw new Error('Unknown tool');
  const red = decoding.readUint8(decoder);
  const rgb = (red << 16) | (decoding.readUint8(decoder) << 8) | decoding.readUint8(decoder);
  const width = decoding.readUint8(decoder);
  if (width < 1 || width > 64) throw new Error('Width out of range');
  return { tool, color: `#${rgb.toString(16).padStart(6, '0')}`, width };
}

/** Writes the number of points, then their deltas. */
export function writePoints(encoder: encoding.Encoder, points: InkPoints): void {
  encoding.writeVarUint(encoder, points.xs.length);
  let [x, y, t] = [0, 0, 0];
  for (let i = 0; i < points.xs.length; i++) {
    const [nextX, nextY] = [quantise(points.xs[i]), quantise(points.ys[i])];
    const nextT = Math.round(points.ts[i] ?? 0);
    encoding.writeVarInt(encoder, nextX - x);
    encoding.writeVarInt(encoder, nextY - y);
    encoding.writeVarUint(encoder, Math.max(0, nextT - t));
    encoding.writeUint8(encoder, Math.round(clamp01(points.pressures[i] ?? 0.5) * 255));
    [x, y, t] = [nextX, nextY, Math.max(t, nextT)];
  }
}

/** Reads points. Throws when malformed, too many, or outside the canvas. */
export function readPoints(decoder: decoding.Decoder): InkPoints {
  const count = decoding.readVarUint(decoder);
  if (count > MAX_POINTS_PER_STROKE) throw new Error('Too many points');
  const points = { xs: [], ys: [], ts: [], pressures: [] } as Record<keyof InkPoints, number[]>;
  let [x, y, t] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    x += decoding.readVarInt(decoder);
    y += decoding.readVarInt(decoder);
    t += decoding.readVarUint(decoder);
    if (Math.abs(x) > MAX_COORDINATE * RESOLUTION || Math.abs(y) > MAX_COORDINATE * RESOLUTION)
      throw new Error('Point outside the canvas');
    points.xs.push(x / RESOLUTION);
    points.ys.push(y / RESOLUTION);
    points.ts.push(t);
    points.pressures.push(decoding.readUint8(decoder) / 255);
  }
  return points;
}

/** The stroke in columns, as the rasterizer and the dataset take it. */
export function toColumns(points: InkPoints): StrokeColumns {
  return [points.xs, points.ys, points.ts];
}

function quantise(value: number | undefined): number {
  const bounded = Math.min(MAX_COORDINATE, Math.max(-MAX_COORDINATE, value ?? 0));
  return Math.round((Number.isFinite(bounded) ? bounded : 0) * RESOLUTION);
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
