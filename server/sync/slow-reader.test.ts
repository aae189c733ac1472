import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { describe, expect, test, vi } from 'vitest';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { contentOf } from '../../test/support/document-content.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Person } from '../../test/support/start-hub.ts';
import { addStroke } from '../../shared/canvas-doc.ts';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';

/** Together more than the network keeps for somebody who does not read: 12 MiB. */
const AUTHORS = 8;
const STROKES_EACH = 32;
const POINTS = 5_000;
/**
 * What somebody slow takes at a time. Much, because here the kernel keeps megabytes for him and
 * tells the sender only when a third of that is free again.
 */
const TAKEN_BYTES = 1_900_000;

vi.setConfig({ testTimeout: 60_000 });

let clock: ManualClock;
const guests = HubGuests.forEachTest(() => {
  clock = new ManualClock();
  return { clock };
});

/** A stroke of some 32 KiB: its points lie far apart. */
function drawLong({ canvas }: Guest, id: string, authorId: string): void {
  const along = Array.from({ length: POINTS }, (_, i) => i);
  const points = {
    xs: along.map((i) => (i % 2) * 200_000),
    ys: along.map((i) => (i % 2) * 150_000),
    ts: along,
    pressures: along.map(() => 1),
  };
  const style = { tool: 'pen', color: '#1f1d1a', width: 4 } as const;
  const ink = { style, authorId, startedAt: 1_700_000_000_000, points };
  addStroke(canvas, { id, sketchId: `sketch-${authorId}`, ink }, null);
}

async function comeAll(): Promise<Guest[]> {
  const names = Array.from({ length: AUTHORS }, (_, n) => `author-${n}`);
  return Promise.all(names.map((name) => guests.come(name)));
}

/** Everybody draws 1 MiB, and everybody who reads has it all. */
async function drawMuch(authors: readonly Guest[], round: number): Promise<void> {
  for (let n = 0; n < STROKES_EACH; n++)
    authors.forEach((author, i) => drawLong(author, `${round}-${i}-${n}`, `author-${i}`));
  await tick(() => {
    for (const { canvas, connection } of authors) {
      expect(canvas.ink.size).toBe(round * AUTHORS * STROKES_EACH);
      expect(connection.isSaved).toBe(true);
    }
  });
}

/** Waits while the hub's clock goes on, slowly enough that nobody is taken for too slow. */
function tick(check: () => void): Promise<void> {
  return eventually(() => {
    clock.advance(16);
    check();
  }, 30_000);
}

function stopReading({ provider }: Person): WebSocket {
  const { ws } = provider;
  if (!(ws instanceof WebSocket)) throw new Error('The stock client is not connected.');
  ws.pause();
  return ws;
}

/** A WebSocket by hand, whose every byte is taken only when the test says so. */
async function openRawLine(participantId: string): Promise<Socket> {
  const { hostname, port } = new URL(guests.running.origin);
  const line = connect(Number(port), hostname);
  const request = [
    `GET /sync/${guests.canvasId} HTTP/1.1`,
    ...['Host: hub', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ...[
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Cookie: ${whoIs(participantId)}`,
    ],
    `Sec-WebSocket-Protocol: ${SYNC_SUBPROTOCOL}`,
  ];
  line.write(`${request.join('\r\n')}\r\n\r\n`);
  await once(line, 'readable');
  await eventually(() => expect(guests.hub.metrics().connections).toBe(AUTHORS + 1));
  return line;
}

function whoIs(participantId: string): string {
  return `participant=${participantId}&role=contributor`;
}

async function takeFrom(line: Socket, bytes: number): Promise<void> {
  let taken = 0;
  await eventually(() => {
    for (let chunk: unknown = line.read(); chunk; chunk = line.read())
      taken += chunk instanceof Uint8Array ? chunk.length : 0;
    expect(taken).toBeGreaterThan(bytes);
  });
}

describe('somebody who stops reading', () => {
  test('disturbs nobody, loses live ink first, and gets one difference when he reads on', async () => {
    const authors = await comeAll();
    const [first, second] = authors;
    if (!first || !second) throw new Error('There are several authors.');
    const slow = await guests.come('slow');
    slow.connection.stopReading();
    await drawMuch(authors, 1);
    const dropped = guests.hub.metrics().droppedMessages;
    for (let x = 0; x < 50; x++) {
      first.connection.sendLiveFrame(buildFrame([x], { sequence: x }));
      await tick(() => expect(second.connection.liveFrames).toHaveLength(x + 1));
    }
    expect(guests.hub.metrics().droppedMessages - dropped).toBeGreaterThanOrEqual(50);
    slow.connection.readAgain();
    await tick(() => expect(contentOf(slow.canvas.doc)).toEqual(contentOf(first.canvas.doc)));
    expect(slow.connection.closeCode).toBeNull();
    // Of the live stroke he has what there is of it, as whoever has just come.
    await tick(() => expect(slow.connection.liveFrames.length).toBeGreaterThan(0));
    expect(slow.connection.liveFrames.length).toBeLessThan(50);
  });

  test('also with the stock client', async () => {
    const authors = await comeAll();
    const slow = guests.comeAsStock('slow');
    await tick(() => expect(slow.provider.synced).toBe(true));
    const socket = stopReading(slow);
    await drawMuch(authors, 1);
    socket.resume();
    await tick(() => expect(slow.canvas.ink.size).toBe(AUTHORS * STROKES_EACH));
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  test('is closed when he has taken nothing for 10 s, and not while he takes a little', async () => {
    const authors = await comeAll();
    const line = await openRawLine('slow');
    await drawMuch(authors, 1);
    expect(guests.hub.metrics().slowCloses).toBe(0);
    for (let second = 0; second < 10; second += 5) {
      clock.advance(5_000);
      await takeFrom(line, TAKEN_BYTES);
    }
    expect(guests.hub.metrics()).toMatchObject({ slowCloses: 0, connections: AUTHORS + 1 });
    clock.advance(12_000);
    expect(guests.hub.metrics().slowCloses).toBe(1);
    line.resume();
    await once(line, 'close');
    await eventually(() => expect(guests.hub.metrics().connections).toBe(AUTHORS));
  });
});
