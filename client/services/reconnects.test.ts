import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import { eventually } from '../../test/support/eventually.ts';
import { reconnectDelay, Reconnects } from './reconnects.ts';

const LOST = 1006;
/** A hundred pages, each with its own luck. */
const SHARES = Array.from({ length: 100 }, (_, i) => i / 99);

function delays(code: number, failures: number): number[] {
  return SHARES.map((share) => reconnectDelay({ code, failures }, share));
}

/** The largest number of pages that come back within the same tenth of a second. */
function mostAtOnce(waits: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const wait of waits) {
    const slot = Math.floor(wait / 100);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

describe('coming back', () => {
  test('after a restart is spread over two seconds, from the first attempt on', () => {
    const waits = delays(CLOSE_CODES.restarting, 0);
    expect(Math.max(...waits) - Math.min(...waits)).toBe(2_000);
    expect(mostAtOnce(waits)).toBeLessThanOrEqual(6);
  });

  test('after a lost connection is quick at first', () => {
    expect(Math.max(...delays(LOST, 0))).toBe(500);
  });

  test('is spread wider with every failure, over five seconds at most', () => {
    const spans = [1, 2, 3, 4, 5, 50].map((failures) => Math.max(...delays(LOST, failures)));
    expect(spans).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    expect(mostAtOnce(delays(LOST, 4))).toBeLessThanOrEqual(3);
  });

  test('after too much was sent waits for five seconds first', () => {
    expect(Math.min(...delays(CLOSE_CODES.rateLimited, 0))).toBe(5_000);
  });
});

describe('a page that waits to come back', () => {
  test('does not wait when it is told that it may work now', () => {
    let attempts = 0;
    const reconnects = new Reconnects(
      () => (attempts += 1),
      () => 1,
    );
    reconnects.hurry();
    expect(attempts).toBe(0);
    reconnects.lost(CLOSE_CODES.rateLimited);
    reconnects.hurry();
    reconnects.hurry();
    expect(attempts).toBe(1);
  });

  test('tries again by itself', async () => {
    let attempts = 0;
    const reconnects = new Reconnects(
      () => (attempts += 1),
      () => 0,
    );
    reconnects.lost(LOST);
    await eventually(() => expect(attempts).toBe(1));
    expect(reconnects.failures).toBe(1);
    reconnects.succeeded();
    expect(reconnects.failures).toBe(0);
  });

  test('stays away once it is closed', () => {
    let attempts = 0;
    const reconnects = new Reconnects(
      () => (attempts += 1),
      () => 0,
    );
    reconnects.lost(LOST);
    reconnects.stop();
    reconnects.hurry();
    expect(attempts).toBe(0);
  });
});
