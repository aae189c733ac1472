import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import {
  FULL_DOCUMENT_BYTES,
  MAX_CONNECTIONS_PER_PARTICIPANT,
  MAX_LIVE_FRAME_BYTES,
  MAX_SYNC_MESSAGE_BYTES,
  NEARLY_FULL_DOCUMENT_BYTES,
  SYNC_BYTES_AT_ONCE,
  SYNC_MESSAGES_AT_ONCE,
} from '../../shared/limits.ts';
import { encodeLiveFrame, SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import { eventually } from '../../test/support/eventually.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import { encodeUpdate } from './client-message.ts';

const MAX_CONNECTIONS = 3;
const guests = HubGuests.forEachTest(() => ({ maxConnectionsPerRoom: MAX_CONNECTIONS }));
const sockets: WebSocket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.terminate()));

/** Why the hub has closed a connection. */
interface Goodbye {
  readonly code: number;
  readonly reason: string;
}

interface Caller {
  readonly socket: WebSocket;
  goodbye: Goodbye | null;
}

async function call(participantId = 'eve', canvasId = guests.canvasId): Promise<Caller> {
  const address = `${guests.running.url}/${canvasId}?participant=${participantId}`;
  const socket = new WebSocket(address, [SYNC_SUBPROTOCOL]);
  sockets.push(socket);
  const caller: Caller = { socket, goodbye: null };
  socket.on('close', (code, reason) => {
    caller.goodbye = { code, reason: reason.toString() };
  });
  await new Promise((resolve) => socket.once('open', resolve));
  return caller;
}

async function expectGoodbye(caller: Caller, code: number, reason: string): Promise<void> {
  await eventually(() => expect(caller.goodbye).toEqual({ code, reason }));
}

function update(bytes: number): Uint8Array {
  const doc = new Y.Doc();
  doc.getMap('ink').set('x', new Uint8Array(bytes));
  return Y.encodeStateAsUpdate(doc);
}

async function store(bytes: number): Promise<void> {
  const entry = { canvasId: guests.canvasId, authorId: null };
  await guests.log.append([{ ...entry, update: update(bytes) }]);
}

function messages(count: number, bytes: number): readonly Uint8Array[] {
  // Somebody asks who is there; whatever comes after the type is not read.
  return Array.from({ length: count }, () => new Uint8Array(bytes).fill(3));
}

const LARGE_MESSAGE_BYTES = 512 * 1024;
const LARGE_MESSAGES = SYNC_BYTES_AT_ONCE / LARGE_MESSAGE_BYTES;
const TOO_MUCH = { code: 4529, reason: 'Too much at once' };

describe('one person too much', () => {
  test.each([
    {
      what: 'in messages at once',
      allowed: messages(SYNC_MESSAGES_AT_ONCE - 20, 1),
      more: messages(5 * SYNC_MESSAGES_AT_ONCE, 1),
      goodbye: TOO_MUCH,
    },
    {
      what: 'in bytes at once',
      allowed: messages(LARGE_MESSAGES - 1, LARGE_MESSAGE_BYTES),
      more: messages(3 * LARGE_MESSAGES, LARGE_MESSAGE_BYTES),
      goodbye: TOO_MUCH,
    },
    {
      what: 'in one message',
      allowed: messages(1, MAX_SYNC_MESSAGE_BYTES),
      more: messages(1, MAX_SYNC_MESSAGE_BYTES + 1),
      goodbye: { code: 1009, reason: '' },
    },
    {
      what: 'in one piece of live ink',
      allowed: [encodeLiveFrame(buildFrame([1, 2]))],
      more: [encodeLiveFrame(buildFrame(Array<number>(MAX_LIVE_FRAME_BYTES).fill(1)))],
      goodbye: { code: 4400, reason: 'Malformed message' },
    },
  ])('$what is closed, and told why', async ({ allowed, more, goodbye }) => {
    const [eve, ann] = [await call(), await guests.come('ann')];
    for (const message of allowed) eve.socket.send(message);
    // A pong says that all before it was read.
    const heard = new Promise((resolve) => eve.socket.once('pong', resolve));
    eve.socket.ping();
    await heard;
    expect(eve.goodbye).toBeNull();
    for (const message of more) eve.socket.send(message);
    await expectGoodbye(eve, goodbye.code, goodbye.reason);
    expect(ann.connection.closeCode).toBeNull();
  });

  test('in canvases at a time is closed, and told why', async () => {
    const open = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS_PER_PARTICIPANT }, () => call('eve', randomUUID())),
    );
    await eventually(() => {
      expect(guests.hub.metrics().connections).toBe(MAX_CONNECTIONS_PER_PARTICIPANT);
    });
    await expectGoodbye(await call(), 4529, 'You have too many canvases open');
    await guests.come('ann');
    open[0]?.socket.close();
    await eventually(() => expect(open[0]?.goodbye).not.toBeNull());
    await guests.come('eve');
  });
});

describe('a canvas', () => {
  test('with as many people as it holds takes no more, and says why', async () => {
    for (let i = 0; i < MAX_CONNECTIONS; i++) await guests.come(`guest-${i}`);
    await expectGoodbye(await call(), 4503, 'This canvas is full');
    expect(guests.hub.metrics().connections).toBe(MAX_CONNECTIONS);
  });

  test('that is not there yet keeps 256 KiB for who waits, and closes who sends more', async () => {
    const letGo = guests.log.hold();
    const [eve, ann] = [await call(), await call('ann')];
    for (const message of messages(2, 100 * 1024)) ann.socket.send(message);
    for (const message of messages(3, 100 * 1024)) eve.socket.send(message);
    await expectGoodbye(eve, 4503, 'Too much before the canvas was ready');
    letGo();
    await eventually(() => expect(guests.hub.metrics().connections).toBe(1));
    expect(ann.goodbye).toBeNull();
  });

  test('that is nearly full says so, and goes on', async () => {
    await store(NEARLY_FULL_DOCUMENT_BYTES);
    const ann = await guests.come('ann');
    await eventually(() => expect(ann.connection.notices).toEqual([{ kind: 'nearly_full' }]));
    ann.canvas.cuts.set('a:e', [[0, 1]]);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
  });

  test('that is full is closed to who writes, and open to who looks', async () => {
    await store(FULL_DOCUMENT_BYTES);
    const [eve, ann] = [await call(), await guests.come('ann')];
    await eventually(() => expect(guests.hub.metrics().connections).toBe(2));
    eve.socket.send(encodeUpdate(update(10)));
    await expectGoodbye(eve, 4413, 'This canvas is full');
    expect(ann.connection.closeCode).toBeNull();
    expect(guests.log.rows).toHaveLength(1);
  });
});
