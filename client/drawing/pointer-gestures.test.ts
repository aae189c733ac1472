import { beforeEach, describe, expect, test } from 'vitest';
import type { PointerNews } from './pointer-gestures.ts';
import { PointerGestures } from './pointer-gestures.ts';

let told: string[];
let gestures: PointerGestures;

beforeEach(() => {
  told = [];
  gestures = new PointerGestures({
    penDown: () => told.push('down'),
    penMove: () => told.push('move'),
    penUp: () => told.push('up'),
    penCancel: () => told.push('cancel'),
    pan: ({ x, y }) => told.push(`pan ${x} ${y}`),
    zoom: (_at, factor) => told.push(`zoom ${factor}`),
  });
});

function news(change: Partial<PointerNews> = {}): PointerNews {
  const at = { x: 0, y: 0 };
  return {
    pointerId: 1,
    pointerType: 'mouse',
    pressure: 0.5,
    button: 0,
    buttons: 1,
    at,
    ...change,
  };
}

const finger = (pointerId: number, x: number, y = 0) =>
  news({ pointerId, pointerType: 'touch', at: { x, y } });

describe('one pointer', () => {
  test('draws from press to lift', () => {
    gestures.down(news());
    gestures.move(news());
    gestures.up(news());
    expect(told).toEqual(['down', 'move', 'up']);
  });

  test('does nothing while it only hovers', () => {
    gestures.move(news());
    expect(told).toEqual([]);
  });

  test('moves the paper with the middle button, or while the space bar is held', () => {
    gestures.down(news({ button: 1 }));
    gestures.move(news({ at: { x: 5, y: 6 } }));
    gestures.up(news());
    gestures.isMoving = true;
    gestures.down(news());
    gestures.move(news({ at: { x: 1, y: 1 } }));
    gestures.up(news());
    expect(told).toEqual(['pan 5 6', 'pan 1 1']);
  });

  test('takes its stroke back when the browser takes the pointer', () => {
    gestures.down(news());
    gestures.cancel(news());
    expect(told).toEqual(['down', 'cancel']);
  });
});

describe('two fingers', () => {
  test('take back what the first has drawn, then move and zoom', () => {
    gestures.down(finger(1, 0));
    gestures.down(finger(2, 100));
    gestures.move(finger(2, 200));
    expect(told).toEqual(['down', 'cancel', 'pan 50 0', 'zoom 2']);
  });

  test('never end in a stroke', () => {
    gestures.down(finger(1, 0));
    gestures.down(finger(2, 100));
    gestures.up(finger(2, 100));
    gestures.move(finger(1, 10));
    gestures.up(finger(1, 10));
    expect(told).toEqual(['down', 'cancel', 'pan 10 0']);
  });
});

describe('a pen', () => {
  const pen = (x = 0) => news({ pointerId: 9, pointerType: 'pen', at: { x, y: 0 } });

  test('draws although the palm lies on the screen, and takes back what the palm drew', () => {
    gestures.down(finger(1, 0));
    gestures.down(pen());
    gestures.move(finger(1, 3));
    gestures.move(pen(5));
    gestures.up(pen(5));
    expect(told).toEqual(['down', 'cancel', 'down', 'move', 'up']);
  });

  test('draws on when the hand comes to rest on the screen', () => {
    gestures.down(pen());
    gestures.down(finger(1, 50));
    gestures.down(finger(2, 80));
    gestures.move(finger(1, 55));
    gestures.move(pen(5));
    gestures.up(finger(1, 55));
    gestures.move(pen(6));
    gestures.up(pen(6));
    gestures.move(finger(2, 90));
    expect(told).toEqual(['down', 'move', 'move', 'up']);
  });

  test('leaves the paper to fingers once it was seen', () => {
    gestures.down(pen());
    gestures.up(pen());
    gestures.down(finger(1, 0));
    gestures.move(finger(1, 4));
    expect(told).toEqual(['down', 'up', 'pan 4 0']);
  });
});
