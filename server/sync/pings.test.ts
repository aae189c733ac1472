import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MemoryCanvasLog } from '../../test/support/memory-canvas-log.ts';
import type { RunningHub } from '../../test/support/start-hub.ts';
import { startHub } from '../../test/support/start-hub.ts';

const PING_EVERY_MS = 50;

let running: RunningHub;
beforeAll(async () => {
  running = await startHub({ log: new MemoryCanvasLog(), pingEveryMs: PING_EVERY_MS });
});
afterAll(() => running.stop());

function connect(options: { autoPong: boolean }): WebSocket {
  return new WebSocket(`${running.url}/${randomUUID()}?participant=ann`, [], options);
}

describe('a client', () => {
  test('that answers pings stays, however long', async () => {
    const client = connect({ autoPong: true });
    for (let pings = 0; pings < 5; pings++) await once(client, 'ping');
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.close();
  });

  test('that has gone without a word is let go', async () => {
    const client = connect({ autoPong: false });
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1006);
  });
});
