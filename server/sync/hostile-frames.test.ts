import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { addStroke } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';

const guests = HubGuests.forEachTest();
const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

const MASK = [0, 0, 0, 0];
const [PING, CLOSE] = [0x89, 0x88];

/** A frame as a client sends it: masked, by zeros. */
function frame(firstByte: number, payload: readonly number[] = []): Uint8Array {
  return Uint8Array.of(firstByte, 0x80 | payload.length, ...MASK, ...payload);
}

/** A socket that speaks no more of the protocol than its first words. */
async function openRaw(participantId = 'eve'): Promise<{ socket: Socket; seen: () => Buffer }> {
  const { hostname, port } = new URL(guests.running.origin);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => undefined);
  let seen = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    seen = Buffer.concat([seen, bytes]);
  });
  socket.write(
    [
      `GET /sync/${guests.canvasId}?participant=${participantId} HTTP/1.1`,
      `Host: ${hostname}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      '\r\n',
    ].join('\r\n'),
  );
  await eventually(() => expect(seen.toString('latin1')).toContain('\r\n\r\n'));
  return { socket, seen: () => seen };
}

/** The code of the close frame that everything ends with. */
function closeCodeIn(bytes: Buffer): number | null {
  for (let at = bytes.length - 4; at >= 0; at--)
    if (bytes[at] === CLOSE && at + 2 + (bytes[at + 1] ?? 0) === bytes.length)
      return bytes.readUInt16BE(at + 2);
  return null;
}

async function expectToDraw(authorId: string, { connection, canvas }: Guest): Promise<void> {
  addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk(authorId) }, null);
  await eventually(() => expect(connection.isSaved).toBe(true));
  expect(connection.closeCode).toBeNull();
}

const BROKEN: readonly [string, Uint8Array, number][] = [
  ['with all reserved bits', frame(0xf2), 1002],
  ['of an opcode that is not', frame(0x83), 1002],
  ['without a mask', Uint8Array.of(0x82, 1, 0), 1002],
  ['that goes on with what never began', frame(0x80), 1002],
  ['that begins again before it has ended', join(frame(0x02, [0]), frame(0x82, [0])), 1002],
  ['of control, in pieces', frame(0x09), 1002],
  ['of control, longer than 125 bytes', Uint8Array.of(PING, 0xfe, 0, 126, ...MASK), 1002],
  ['of a close with half a code', frame(CLOSE, [3]), 1002],
  ['of a close with a code that is reserved', frame(CLOSE, [0x03, 0xed]), 1002],
  ['of a close with a reason that is no UTF-8', frame(CLOSE, [0x03, 0xe8, 0xff, 0xfe]), 1007],
  ['that claims 4 GiB', Uint8Array.of(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, ...MASK), 1009],
  [
    'that claims 2^63 bytes',
    Uint8Array.of(0x82, 0xff, ...Array<number>(8).fill(255), ...MASK),
    1009,
  ],
  ['of text', frame(0x81, [104, 105]), 4400],
];

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe('a frame', () => {
  test.each(BROKEN)('%s ends that socket only', async (_, bytes, code) => {
    const [ann, ben] = [await guests.come('ann'), guests.knock('ben', 'contributor', randomUUID())];
    const { socket, seen } = await openRaw();
    socket.write(bytes);
    await eventually(() => expect(closeCodeIn(seen())).toBe(code));
    socket.end();
    await expectToDraw('ann', ann);
    await expectToDraw('ben', ben);
    await eventually(() => expect(guests.hub.metrics().connections).toBe(2));
  });
});

describe('a flood', () => {
  test('of pings is nobody else’s trouble', async () => {
    const ann = await guests.come('ann');
    const { socket } = await openRaw();
    // Nothing is read: the pongs have nowhere to go.
    socket.pause();
    const pings = join(...Array<Uint8Array>(1_000).fill(frame(PING, Array<number>(100).fill(7))));
    const { external } = process.memoryUsage();
    for (let i = 0; i < 300; i++) socket.write(pings);
    await eventually(() => expect(socket.writableLength).toBe(0));
    expect(process.memoryUsage().external - external).toBeLessThan(8 * 2 ** 20);
    await expectToDraw('ann', ann);
  });

  test('of noise instead of an upgrade is nobody else’s trouble', async () => {
    const ann = await guests.come('ann');
    const { hostname, port } = new URL(guests.running.origin);
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(port), hostname);
      sockets.push(socket.on('error', () => undefined));
      socket.write(randomBytes(2_000));
    }
    await expectToDraw('ann', ann);
  });
});
