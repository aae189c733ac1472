import { describe, expect, test } from 'vitest';
import { hintOutlines } from './hint-drawing.ts';
import { paintColor } from './ink-color.ts';
import { outlineOf, traceOutline } from './outline.ts';
import { PARTICIPANT_COLORS } from '../../shared/participant.ts';

const STYLE = { tool: 'pen', color: '#26221d', width: 8 } as const;

function trace(outline: readonly (readonly number[])[]): (string | number)[][] {
  const calls: (string | number)[][] = [];
  traceOutline(
    {
      moveTo: (...at) => calls.push(['move', ...at]),
      quadraticCurveTo: (...at) => calls.push(['curve', ...at]),
      closePath: () => calls.push(['close']),
    },
    outline,
  );
  return calls;
}

describe('the outline of a stroke', () => {
  test('is a closed shape about as wide as the pen', () => {
    const xs = Array.from({ length: 40 }, (_, i) => i * 5);
    const points = { xs, ys: xs.map(() => 0), ts: xs, pressures: xs.map(() => 0.5) };
    const outline = outlineOf(points, STYLE, true);
    const heights = outline.map((corner) => Math.abs(corner[1] ?? 0));
    expect(Math.max(...heights)).toBeGreaterThan(3);
    expect(Math.max(...heights)).toBeLessThan(5);
    const calls = trace(outline);
    expect(calls[0]?.[0]).toBe('move');
    expect(calls.at(-1)).toEqual(['close']);
    expect(
      calls
        .flat()
        .filter((value) => typeof value === 'number')
        .every(Number.isFinite),
    ).toBe(true);
  });

  test('is thicker where the pen presses', () => {
    const width = (pressure: number): number => {
      const xs = Array.from({ length: 20 }, (_, i) => i * 5);
      const points = { xs, ys: xs.map(() => 0), ts: xs, pressures: xs.map(() => pressure) };
      return Math.max(...outlineOf(points, STYLE, true).map((corner) => corner[1] ?? 0));
    };
    expect(width(0.9)).toBeGreaterThan(width(0.1));
  });

  test('shows a dot for a tap', () => {
    const tap = { xs: [5], ys: [5], ts: [0], pressures: [0.5] };
    expect(outlineOf(tap, STYLE, true).length).toBeGreaterThan(3);
  });

  test('of nothing is nothing', () => {
    expect(trace([])).toEqual([]);
  });

  test('draws the house of an empty canvas', () => {
    expect(hintOutlines().every((outline) => outline.length > 3)).toBe(true);
  });
});

describe('the colour of ink', () => {
  test('turns near-white on dark paper where it would vanish', () => {
    expect(paintColor('#26221d', 'dark')).toBe('#f2ece1');
    expect(paintColor('#000000', 'dark')).toBe('#f2ece1');
    expect(paintColor('#26221d', 'light')).toBe('#26221d');
  });

  test('of a participant is the same on both papers', () => {
    for (const color of PARTICIPANT_COLORS) expect(paintColor(color, 'dark')).toBe(color);
  });
});
