import { describe, expect, test } from 'vitest';
import { strokesTouched } from './hit-test.ts';

function stroke(id: string, xs: number[], ys: number[]) {
  const zeros = xs.map(() => 0);
  return { id, ink: { style: { width: 2 }, points: { xs, ys, ts: zeros, pressures: zeros } } };
}

const line = stroke('line', [0, 100], [0, 0]);
const dot = stroke('dot', [50], [40]);

describe('the eraser', () => {
  test('takes a stroke that it comes near', () => {
    const at = { x: 50, y: 5 };
    expect(strokesTouched([line, dot], { from: at, to: at }, 8)).toEqual(['line']);
  });

  test('takes a stroke that it crosses between two events of a fast hand', () => {
    const way = { from: { x: 30, y: -200 }, to: { x: 30, y: 200 } };
    expect(strokesTouched([line, dot], way, 8)).toEqual(['line']);
  });

  test('takes a dot', () => {
    const at = { x: 52, y: 42 };
    expect(strokesTouched([line, dot], { from: at, to: at }, 8)).toEqual(['dot']);
  });

  test('leaves what it passes by', () => {
    const at = { x: 200, y: 100 };
    expect(strokesTouched([line, dot], { from: at, to: at }, 8)).toEqual([]);
  });
});
