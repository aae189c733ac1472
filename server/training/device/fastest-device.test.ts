import { describe, expect, test } from 'vitest';
import { agree, fastest, type TimedDevice } from './fastest-device.ts';
import { ONE_CPU_THREAD, type TrainingProvider } from './training-device.ts';

function timed(provider: TrainingProvider, examplesPerSecond: number): TimedDevice {
  return { device: { ...ONE_CPU_THREAD, provider }, examplesPerSecond, losses: [] };
}

function losses(...numbers: number[]): { losses: number[]; examplesPerSecond: number } {
  return { losses: numbers, examplesPerSecond: 1 };
}

describe('the fastest device', () => {
  test('is the one that makes the most steps', () => {
    const best = fastest(timed('cpu', 100), [timed('webgpu', 900), timed('cuda', 500)]);
    expect(best.device.provider).toBe('webgpu');
  });

  test('is the modest one where others are hardly faster', () => {
    expect(fastest(timed('cpu', 100), [timed('webgpu', 109)]).device.provider).toBe('cpu');
  });
});

describe('losses of two devices', () => {
  test('agree within what rounding does', () => {
    expect(agree(losses(3, 2), losses(3.02, 1.99))).toBe(true);
  });

  test.each([
    ['another loss', losses(3, 2.2)],
    ['no number', losses(3, NaN)],
    ['fewer steps', losses(3)],
  ])('do not agree with %s', (_, other) => {
    expect(agree(losses(3, 2), other)).toBe(false);
  });
});
