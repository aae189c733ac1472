import { describe, expect, test } from 'vitest';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import { LiveInk } from './live-ink.ts';

function frame(sequence: number, xs: readonly number[], isCancelled = false): LiveFrame {
  const zeros = xs.map(() => 0);
  return {
    strokeId: 'a/0',
    sketchId: 's',
    sequence,
    isCancelled,
    style: { tool: 'pen', color: '#26221d', width: 6 },
    points: { xs, ys: zeros, ts: zeros, pressures: zeros },
  };
}

const nothing = (): boolean => false;

function pointsAfter(...frames: readonly LiveFrame[]): readonly number[] | undefined {
  const ink = new LiveInk(nothing);
  for (const each of frames) ink.apply(each);
  return [...ink.strokes][0]?.xs;
}

describe('live ink of others', () => {
  test('grows by its frames', () => {
    expect(pointsAfter(frame(0, [1, 2]), frame(2, [3]))).toEqual([1, 2, 3]);
  });

  test('takes a frame twice as once', () => {
    expect(pointsAfter(frame(0, [1, 2]), frame(0, [1, 2]), frame(2, [3]))).toEqual([1, 2, 3]);
  });

  test('leaves no hole where a frame was lost', () => {
    expect(pointsAfter(frame(0, [1]), frame(5, [6, 7]))).toEqual([1, 6, 7]);
  });

  test('can be joined in mid-stroke', () => {
    expect(pointsAfter(frame(40, [41, 42]))).toEqual([41, 42]);
  });

  test('is forgotten when it is given up', () => {
    expect(pointsAfter(frame(0, [1]), frame(1, [], true))).toBeUndefined();
  });

  test('is forgotten once it is ink of the document, and does not come back', () => {
    const finished = new Set<string>();
    const ink = new LiveInk((id) => finished.has(id));
    ink.apply(frame(0, [1]));
    finished.add('a/0');
    expect(ink.settle()).toBe(true);
    expect([...ink.strokes]).toEqual([]);
    expect(ink.settle()).toBe(false);
    expect(ink.apply(frame(1, [2]))).toBe(false);
    expect([...ink.strokes]).toEqual([]);
  });

  test('is not one’s own that comes back', () => {
    const ink = new LiveInk(nothing);
    ink.ignore('a/0');
    expect(ink.apply(frame(0, [1]))).toBe(false);
    expect([...ink.strokes]).toEqual([]);
  });
});
