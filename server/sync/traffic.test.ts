import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Traffic } from './traffic.ts';

const ONE = { messages: 1, bytes: 10 };
let clock: ManualClock;
let traffic: Traffic;

beforeEach(() => {
  clock = new ManualClock();
  traffic = new Traffic(clock);
  traffic.enter('ann');
});

/** How many messages go through at once. */
function burst(participantId = 'ann', each = ONE): number {
  let sent = 0;
  while (sent < 10_000 && traffic.spend(participantId, each)) sent += 1;
  return sent;
}

describe('what a person may send', () => {
  test('is 240 messages at once and 120 a second for long', () => {
    expect(burst()).toBe(240);
    clock.advance(1_000);
    expect(burst()).toBeGreaterThanOrEqual(119);
    clock.advance(60_000);
    expect(burst()).toBe(240);
  });

  test('is not lessened by what was refused', () => {
    burst();
    for (let i = 0; i < 1_000; i++) traffic.spend('ann', ONE);
    clock.advance(1_000);
    expect(burst()).toBeGreaterThanOrEqual(119);
  });

  test('is 2 MiB at once and 256 KiB a second for long', () => {
    const each = { messages: 0.001, bytes: 65_536 };
    expect(burst('ann', each)).toBe(32);
    clock.advance(2_000);
    expect(burst('ann', each)).toBeGreaterThanOrEqual(7);
  });

  test('is one allowance for all windows', () => {
    traffic.enter('ann');
    burst();
    expect(traffic.spend('ann', ONE)).toBe(false);
    expect(traffic.spend('ben', ONE)).toBe(true);
  });

  test('is not given anew to whoever leaves and comes back', () => {
    burst();
    traffic.leave('ann');
    traffic.enter('ann');
    expect(burst()).toBeLessThan(2);
  });
});

test('twenty canvases at a time are enough', () => {
  for (let i = 1; i < 20; i++) expect(traffic.enter('ann')).toBe(true);
  expect(traffic.enter('ann')).toBe(false);
  expect(traffic.enter('ben')).toBe(true);
  traffic.leave('ann');
  expect(traffic.enter('ann')).toBe(true);
});
