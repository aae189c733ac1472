import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import * as encoding from 'lib0/encoding';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import { MAX_AWARENESS_BYTES, MAX_SYNC_MESSAGE_BYTES } from '../../shared/limits.ts';
import { encodeStroke } from '../../shared/stroke-codec.ts';
import { encodeBatch, encodeLiveFrame } from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import { encodeAwareness, encodeStep1, encodeUpdate } from './client-message.ts';

const guests = HubGuests.forEachTest();

function message(...numbers: number[]): Uint8Array {
  return Uint8Array.from(numbers);
}

function awarenessOf(json: string): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, 4_711, 1]) encoding.writeVarUint(encoder, number);
  encoding.writeVarString(encoder, json);
  return encodeAwareness(encoding.toUint8Array(encoder));
}

const MALFORMED: readonly [string, Uint8Array][] = [
  ['nothing', message()],
  ['an unknown type', message(77)],
  ['a type that never ends', message(255, 255, 255, 255, 255, 255, 255, 255, 255, 255)],
  ['a sync message without a step', message(0)],
  ['an unknown sync step', message(0, 9, 0)],
  ['a length beyond its end', message(0, 2, 200, 1)],
  ['an update of noise', encodeUpdate(new Uint8Array(randomBytes(64)))],
  ['an update that claims 2^40 structs', encodeUpdate(message(255, 255, 255, 255, 255, 63, 1))],
  ['a state vector of noise', encodeStep1(message(250, 250, 250, 250))],
  ['awareness that is no JSON', awarenessOf('{"x":')],
  ['awareness that is cut off', encodeAwareness(message(3, 1))],
  ['a batch with a step 1 in it', encodeBatch([encodeStep1(message(0))])],
  ['a batch that is cut off', message(103, 200, 104)],
  ['a live frame that is cut off', encodeLiveFrame(buildFrame([1, 2])).subarray(0, 20)],
  ['a live frame that is too large', encodeLiveFrame(buildFrame(Array<number>(3_000).fill(1)))],
];

describe('a malformed message closes that socket only', () => {
  test.each(MALFORMED)('%s', async (_, bytes) => {
    const [ann, eve] = [await guests.come('ann'), await guests.come('eve')];
    eve.connection.sendBytes(bytes);
    await eventually(() => expect(eve.connection.closeCode).toBe(4400));
    addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
    expect(ann.connection.closeCode).toBeNull();
  });
});

describe('a malformed frame', () => {
  const sockets: WebSocket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.terminate()));

  function open(): WebSocket {
    const socket = new WebSocket(`${guests.running.url}/${guests.canvasId}?participant=eve`);
    sockets.push(socket);
    return socket;
  }

  test('of text is refused', async () => {
    const socket = open();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('hello'));
    expect(await closed).toBe(4400);
  });

  test('that is too large is refused', async () => {
    const socket = open();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send(new Uint8Array(MAX_SYNC_MESSAGE_BYTES + 1)));
    expect(await closed).toBe(1009);
  });

  test.each([
    ['with a reserved bit', [0xf2, 0x80, 0, 0, 0, 0]],
    ['that claims 4 GiB', [0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['without a mask', [0x82, 0x01, 0x00]],
    ['that begins in the middle', [0x00, 0x80, 0, 0, 0, 0]],
  ])('%s ends that socket only', async (_, bytes) => {
    const ann = await guests.come('ann');
    const { hostname, port } = new URL(guests.running.origin);
    const socket = connect(Number(port), hostname);
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write(
      [
        `GET /sync/${guests.canvasId} HTTP/1.1`,
        `Host: ${hostname}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    );
    socket.once('data', () => socket.write(Uint8Array.from(bytes)));
    await ended;
    addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
  });
});

describe('what a client may not write is taken back, and told', () => {
  async function tries(write: (eve: Guest) => void): Promise<{ ann: Guest; eve: Guest }> {
    const [ann, eve] = [await guests.come('ann'), await guests.come('eve')];
    addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    await eventually(() => expect(eve.canvas.ink.has('a')).toBe(true));
    write(eve);
    await eventually(() => expect(eve.connection.notices).toMatchObject([{ kind: 'refused' }]));
    await eventually(() => expect(eve.connection.isSaved).toBe(true));
    await eventually(() => expect(eve.canvas.doc.toJSON()).toEqual(ann.canvas.doc.toJSON()));
    return { ann, eve };
  }

  function idsOf({ canvas }: Guest): string[] {
    return readStrokes(canvas).map(({ id }) => id);
  }

  test('a stroke under another name', async () => {
    const { ann } = await tries(({ canvas }) => {
      addStroke(canvas, { id: 'e', sketchId: 's', ink: buildInk('ann') }, null);
    });
    expect(idsOf(ann)).toEqual(['a']);
    expect(guests.hub.metrics().refusedEntries).toBe(1);
  });

  test('one in place of somebody else’s', async () => {
    const { ann } = await tries(({ canvas }) => {
      canvas.ink.set('a', encodeStroke(buildInk('eve', { x: 99, y: 99 })));
    });
    expect(readStrokes(ann.canvas)).toMatchObject([{ id: 'a', ink: { authorId: 'ann' } }]);
  });

  test('taking away a stroke of somebody else', async () => {
    const { ann } = await tries(({ canvas }) => canvas.ink.delete('a'));
    expect(idsOf(ann)).toEqual(['a']);
  });

  test('ink, sketches and cuts that do not decode, and ids that are too long', async () => {
    const { ann } = await tries(({ canvas }) => {
      canvas.doc.transact(() => {
        canvas.ink.set('junk', 'a line');
        canvas.ink.set('x'.repeat(101), encodeStroke(buildInk('eve')));
        canvas.sketchOf.set('junk', 42);
        canvas.sketches.set('junk', { state: 'open' });
        canvas.cuts.set('a:e', 'all');
      });
    });
    expect(guests.hub.metrics().refusedEntries).toBe(5);
    expect(idsOf(ann)).toEqual(['a']);
    expect(JSON.stringify(ann.canvas.doc.toJSON())).not.toContain('junk');
  });

  test('forged ink that was prepared offline', async () => {
    const doc = new Y.Doc();
    addStroke(openCanvasDoc(doc), { id: 'e', sketchId: 's', ink: buildInk('ann') }, null);
    const ann = await guests.come('ann');
    const eve = guests.comeAsStock('eve', { doc });
    await eventually(() => expect(guests.hub.metrics().refusedEntries).toBe(2));
    await eventually(() => expect(openCanvasDoc(doc).ink.size).toBe(0));
    expect(idsOf(ann)).toEqual([]);
    eve.leave();
  });
});

describe('presence', () => {
  test('of somebody else cannot be taken', async () => {
    const [ann, ben] = [guests.comeAsStock('ann'), guests.comeAsStock('ben')];
    await eventually(() => expect(ann.provider.synced && ben.provider.synced).toBe(true));
    const { clientID } = ann.canvas.doc;
    const seen = (): unknown => ben.provider.awareness.getStates().get(clientID);
    ann.provider.awareness.setLocalStateField('nickname', 'Ann');
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ann' }));
    const eve = await guests.come('eve');
    const encoder = encoding.createEncoder();
    for (const number of [1, clientID, 1_000]) encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, '{"nickname":"Eve"}');
    eve.connection.sendBytes(encodeAwareness(encoding.toUint8Array(encoder)));
    ann.provider.awareness.setLocalStateField('cursor', 7);
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ann', cursor: 7 }));
  });

  test('that is too large is not passed on', async () => {
    const [ann, ben] = [guests.comeAsStock('ann'), guests.comeAsStock('ben')];
    await eventually(() => expect(ann.provider.synced && ben.provider.synced).toBe(true));
    const seen = (): unknown => ben.provider.awareness.getStates().get(ann.canvas.doc.clientID);
    ann.provider.awareness.setLocalState({ essay: 'x'.repeat(MAX_AWARENESS_BYTES) });
    ann.provider.awareness.setLocalState({ nickname: 'Ann' });
    await eventually(() => expect(seen()).toEqual({ nickname: 'Ann' }));
  });
});
