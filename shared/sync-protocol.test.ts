import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import { describe, expect, test } from 'vitest';
import type { LiveFrame, Notice } from './sync-protocol.ts';
import {
  encodeAck,
  encodeBatch,
  encodeLiveFrame,
  encodeNotice,
  MESSAGE_ACK,
  MESSAGE_BATCH,
  MESSAGE_LIVE_INK,
  MESSAGE_NOTICE,
  readBatch,
  readLiveFrame,
  readNotice,
} from './sync-protocol.ts';

const frame: LiveFrame = {
  strokeId: 'a6f0b6f2-6bb1-4a0b-8a4e-6a3f4f3f1f10/2',
  sketchId: 'b1f0b6f2-6bb1-4a0b-8a4e-6a3f4f3f1f10',
  sequence: 12,
  isCancelled: false,
  style: { tool: 'pen', color: '#c2410c', width: 8 },
  points: { xs: [1, 2.5, -3], ys: [0, 0.125, 9], ts: [400, 416, 433], pressures: [0, 1, 0.6] },
};

/** Reads a message and expects it to be of this type. */
function open(message: Uint8Array, type: number): decoding.Decoder {
  const decoder = decoding.createDecoder(message);
  expect(decoding.readVarUint(decoder)).toBe(type);
  return decoder;
}

test('a live frame arrives as it was sent', () => {
  expect(readLiveFrame(open(encodeLiveFrame(frame), MESSAGE_LIVE_INK))).toEqual(frame);
});

test('a cancelled stroke is told without points', () => {
  const cancelled = {
    ...frame,
    isCancelled: true,
    points: { xs: [], ys: [], ts: [], pressures: [] },
  };
  expect(readLiveFrame(open(encodeLiveFrame(cancelled), MESSAGE_LIVE_INK))).toEqual(cancelled);
});

test.each(['', 'x'.repeat(101)])('a live frame with the stroke id "%s" is none', (strokeId) => {
  const decoder = open(encodeLiveFrame({ ...frame, strokeId }), MESSAGE_LIVE_INK);
  expect(() => readLiveFrame(decoder)).toThrow('Not an id');
});

describe('a live frame with bytes changed or cut off', () => {
  test('is either read with columns of one length or refused', () => {
    const at = fc.record({ where: fc.nat(), byte: fc.nat(255), end: fc.nat() });
    fc.assert(
      fc.property(at, ({ where, byte, end }) => {
        const bytes = encodeLiveFrame(frame);
        bytes[where % bytes.length] = byte;
        const decoder = decoding.createDecoder(bytes.subarray(0, 1 + (end % bytes.length)));
        decoding.readVarUint(decoder);
        const read = tryRead(decoder);
        if (!read) return;
        const { xs, ys, ts, pressures } = read.points;
        expect([ys.length, ts.length, pressures.length]).toEqual(Array(3).fill(xs.length));
      }),
    );
  });
});

function tryRead(decoder: decoding.Decoder): LiveFrame | null {
  try {
    return readLiveFrame(decoder);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return null;
  }
}

test('an ack tells its count', () => {
  expect(decoding.readVarUint(open(encodeAck(70_000), MESSAGE_ACK))).toBe(70_000);
});

describe('a notice', () => {
  test('arrives as it was sent', () => {
    const notice: Notice = { kind: 'refused', reason: 'You can look, but not draw.' };
    expect(readNotice(open(encodeNotice(notice), MESSAGE_NOTICE))).toEqual(notice);
  });

  test('of a newer kind is passed over', () => {
    const newer = encodeNotice({ kind: 'moved' } as unknown as Notice);
    expect(readNotice(open(newer, MESSAGE_NOTICE))).toBeNull();
  });
});

test('a batch holds whole messages of any length, in order', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(messages, (sent) => {
      const long = [...sent, new Uint8Array(70_000).fill(1)];
      expect(readBatch(open(encodeBatch(long), MESSAGE_BATCH))).toEqual(long);
    }),
    { numRuns: 20 },
  );
});
