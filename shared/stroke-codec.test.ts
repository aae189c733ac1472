import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import { MAX_COORDINATE, MAX_POINTS_PER_STROKE } from './limits.ts';
import type { InkPoints, InkStroke } from './stroke-codec.ts';
import { decodeStroke, encodeStroke, writeStyle } from './stroke-codec.ts';

const coordinate = fc
  .integer({ min: -MAX_COORDINATE * 8, max: MAX_COORDINATE * 8 })
  .map((eighths) => eighths / 8);

/** A point as the format keeps it: eighths of a unit, ms since the one before, 255 pressures. */
const point = fc.record({
  x: coordinate,
  y: coordinate,
  pause: fc.nat(1_000),
  pressure: fc.nat(255).map((level) => level / 255),
});

const stroke: fc.Arbitrary<InkStroke> = fc.record({
  style: fc.record({
    tool: fc.constant('pen' as const),
    color: fc.nat(0xffffff).map((rgb) => `#${rgb.toString(16).padStart(6, '0')}`),
    width: fc.integer({ min: 1, max: 64 }),
  }),
  authorId: fc.uuid(),
  startedAt: fc.nat({ max: 4_000_000_000_000 }),
  points: fc.array(point, { maxLength: 100 }).map((points) => {
    let t = 0;
    return {
      xs: points.map(({ x }) => x),
      ys: points.map(({ y }) => y),
      ts: points.map(({ pause }) => (t += pause)),
      pressures: points.map(({ pressure }) => pressure),
    };
  }),
});

function line(count: number): InkPoints {
  const steps = Array.from({ length: count }, (_, i) => i);
  return {
    xs: steps.map((i) => i * 2),
    ys: steps.map(() => 7),
    ts: steps.map((i) => i * 16),
    pressures: steps.map(() => 1),
  };
}

function penStroke(points: InkPoints): InkStroke {
  const style = { tool: 'pen', color: '#0b7fab', width: 4 } as const;
  return { style, authorId: 'ann', startedAt: 1, points };
}

describe('a packed stroke', () => {
  test('unpacks to the same', () => {
    fc.assert(
      fc.property(stroke, (ink) => {
        expect(decodeStroke(encodeStroke(ink))).toEqual(ink);
      }),
    );
  });

  test('takes about 4 bytes a point with pressure', () => {
    const points = line(1_000);
    expect(encodeStroke(penStroke(points)).length).toBeLessThan(5_100);
  });

  test('keeps as many points as a stroke may have, and no more', () => {
    const most = encodeStroke(penStroke(line(MAX_POINTS_PER_STROKE)));
    const oneMore = encodeStroke(penStroke(line(MAX_POINTS_PER_STROKE + 1)));
    expect(decodeStroke(most)?.points.xs).toHaveLength(MAX_POINTS_PER_STROKE);
    expect(decodeStroke(oneMore)).toBeNull();
  });

  test.each([NaN, Infinity, -Infinity, 1e308])(
    'turns the coordinate %s into one on the canvas',
    (x) => {
      const bytes = encodeStroke(penStroke({ xs: [x], ys: [x], ts: [0], pressures: [1] }));
      const unpacked = decodeStroke(bytes);
      expect(Math.abs(unpacked?.points.xs[0] ?? NaN)).toBeLessThanOrEqual(MAX_COORDINATE);
    },
  );
});

describe('bytes that are no stroke', () => {
  test.each([null, undefined, 'stroke', 7, [1, 2], new Uint8Array()])('%j', (value) => {
    expect(decodeStroke(value)).toBeNull();
  });

  test('random ones never throw, and what they unpack to packs again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const ink = decodeStroke(bytes);
        if (ink) expect(decodeStroke(encodeStroke(ink))).not.toBeNull();
      }),
    );
  });

  test('a stroke with one byte changed or cut off never throws', () => {
    const at = fc.record({ where: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(stroke, at, (ink, { where, byte, cut }) => {
        const bytes = encodeStroke(ink);
        const index = where % bytes.length;
        bytes[index] = byte;
        expect(() => decodeStroke(cut ? bytes.subarray(0, index) : bytes)).not.toThrow();
      }),
    );
  });

  test('a stroke with bytes behind it is refused', () => {
    const bytes = encodeStroke(penStroke(line(3)));
    expect(decodeStroke(new Uint8Array([...bytes, 0]))).toBeNull();
  });

  test.each([
    [MAX_COORDINATE, true],
    [MAX_COORDINATE + 1, false],
  ])('a point at x = %i: is it on the canvas? %s', (x, isOnCanvas) => {
    expect(decodeStroke(packPointAt(x)) !== null).toBe(isOnCanvas);
  });
});

/** A stroke of one point, packed without the checks of the codec. */
function packPointAt(x: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8(encoder, 1);
  writeStyle(encoder, { tool: 'pen', color: '#000000', width: 4 });
  encoding.writeVarString(encoder, 'ann');
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarInt(encoder, x * 8);
  encoding.writeVarInt(encoder, 0);
  encoding.writeVarUint(encoder, 0);
  encoding.writeUint8(encoder, 255);
  return encoding.toUint8Array(encoder);
}
