import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, readStrokes } from '../../shared/canvas-doc.ts';
import { decodeStroke, encodeStroke } from '../../shared/stroke-codec.ts';
import {
  CLOSE_CODES,
  readBatch,
  readLiveFrame,
  readNotice,
  readSealedUpdate,
} from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { HubGuests } from '../../test/support/hub-guests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { mutate, recordSession } from '../../test/support/recorded-session.ts';
import { LabPeer } from '../../test/support/lab-peer.ts';
import { SyncLab } from '../../test/support/sync-lab.ts';
import { encodeAwareness, readClientMessage } from './client-message.ts';
import { Presence } from './presence.ts';
import { readStoredCanvas } from './stored-canvas.ts';

/** See CONTRIBUTING.md, "Long tests". */
const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? 3_000);
const SEED = Number(process.env['PROPERTY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const WITHIN_MS = 20_000 + 5 * FUZZ_RUNS;
const SOCKETS = 100;
const MAX_MS = 3_000;
const MAX_MEBIBYTES = 32;

/** A value or an error, soon: whatever it reads, it does no more than that. */
function readsOrThrows(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  const startedAt = performance.now();
  try {
    read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
  expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
}

function rest<T>(read: (decoder: decoding.Decoder) => T): (bytes: Uint8Array) => T {
  return (bytes) => read(decoding.createDecoder(bytes));
}

const presence = new Presence({
  ...{ doc: new Y.Doc(), clock: new ManualClock(), countMembers: () => 1 },
  send: () => undefined,
});
const READERS: readonly [string, (bytes: Uint8Array) => unknown][] = [
  ['a message of a client', readClientMessage],
  ['a live frame', rest(readLiveFrame)],
  ['a stroke', decodeStroke],
  ['a sealed update', rest(readSealedUpdate)],
  ['a batch', rest(readBatch)],
  ['a notice', rest(readNotice)],
  ['presence', (bytes) => presence.receive(bytes, { participantId: 'eve' })],
];

/** Bodies without the type and step before them, for the readers that take only the rest. */
const session = await recordSession();
const bodies = session.flatMap((message) => [message, message.subarray(1), message.subarray(3)]);
const strokes = [0, 9].map((x) => encodeStroke(buildInk('ann', { x, y: x })));
const mutated = fc
  .tuple(
    fc.nat(),
    fc.array(fc.tuple(fc.nat(5), fc.nat(), fc.nat()), { minLength: 1, maxLength: 4 }),
  )
  .map(([which, changes]) => mutate([...bodies, ...strokes], which, changes));

describe.each(READERS)(`reading %s (seed ${SEED})`, (_, read) => {
  test(
    'of noise gives a value or an error',
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readsOrThrows(read, bytes)),
        { seed: SEED, numRuns: FUZZ_RUNS },
      );
    },
    WITHIN_MS,
  );

  test(
    'of a recorded session, damaged, gives a value or an error',
    () => {
      fc.assert(
        fc.property(mutated, (bytes) => readsOrThrows(read, bytes)),
        { seed: SEED, numRuns: FUZZ_RUNS },
      );
    },
    WITHIN_MS,
  );
});

function numbers(...values: number[]): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const value of values) encoding.writeVarUint(encoder, value);
  return encoding.toUint8Array(encoder);
}

/** What claims to be far longer than it is. */
const LIES: readonly [string, Uint8Array][] = [
  ['an update of 4 GiB', numbers(0, 2, 2 ** 32)],
  ['a state vector of 2^40 clients', numbers(0, 0, 6, 2 ** 40)],
  ['a sealed update of 4 GiB by nobody', numbers(104, 0, 2 ** 32)],
  ['an author whose name has 4 GiB', numbers(104, 2 ** 32)],
  ['presence of 2^40 people', encodeAwareness(numbers(2 ** 40, 1, 1))],
  ['live ink whose name has 4 GiB', numbers(101, 2 ** 32)],
  ['an update of 30 million structs', numbers(0, 2, 7, 1, 30_000_000, 1, 0)],
  ['a step 2 of 30 million structs', numbers(0, 1, 7, 1, 30_000_000, 1, 0)],
  ['an update of 2^32 - 1 clients', numbers(0, 2, 6, 2 ** 32 - 1, 1)],
  ['an update that deletes for 2^40 clients', numbers(0, 2, 7, 0, 2 ** 40)],
  ['arrays in arrays, 200,000 deep', nested(200_000)],
];

/** An update with one entry, a value of arrays in arrays. */
function nested(depth: number): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, 1, 77, 0]) encoding.writeVarUint(encoder, number);
  // ContentAny under a key of a map of the document.
  encoding.writeUint8(encoder, 8 | 32);
  encoding.writeVarUint(encoder, 1);
  for (const name of ['sketches', 'deep']) encoding.writeVarString(encoder, name);
  encoding.writeVarUint(encoder, 1);
  for (let i = 0; i < depth; i++) encoding.writeUint8Array(encoder, Uint8Array.of(117, 1));
  encoding.writeUint8Array(encoder, Uint8Array.of(126, 0));
  const message = encoding.createEncoder();
  for (const number of [0, 2]) encoding.writeVarUint(message, number);
  encoding.writeVarUint8Array(message, encoding.toUint8Array(encoder));
  return encoding.toUint8Array(message);
}

describe('what claims to be longer than it is', () => {
  test.each(LIES)('%s costs neither time nor memory', async (_, bytes) => {
    const eve = new LabPeer({ name: 'eve', wantsExtras: true, firstClientId: 7 });
    const lab = new SyncLab([eve], 1);
    await lab.come(eve);
    const before = memoryBytes();
    const startedAt = performance.now();
    eve.line?.toHub.splice(0, Infinity, bytes);
    expect(() => lab.deliver(eve, { at: 0, twice: false })).toThrow();
    expect(performance.now() - startedAt).toBeLessThan(MAX_MS);
    expect(memoryBytes() - before).toBeLessThan(MAX_MEBIBYTES * 2 ** 20);
  });
});

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sends a message as it is; whoever sends what is no message is put out, and comes again. */
async function send(lab: SyncLab, eve: LabPeer, bytes: Uint8Array): Promise<void> {
  await lab.come(eve);
  eve.line?.toHub.splice(0, Infinity, bytes);
  readsOrThrows(() => lab.deliver(eve, { at: 0, twice: false }), bytes);
  if (bytes.length % 3 === 0) lab.leave(eve);
}

describe('a recorded session, damaged and sent again', () => {
  test(
    `keeps the hub from nothing, and nobody from drawing (seed ${SEED})`,
    async () => {
      const [ann, ben] = [1_000, 2_000].map(
        (firstClientId) => new LabPeer({ name: 'ann', wantsExtras: true, firstClientId }),
      );
      if (!ann || !ben) throw new Error('Two of them');
      const eve = new LabPeer({ name: 'eve', wantsExtras: true, firstClientId: 3_000 });
      const lab = new SyncLab([ann, ben], 1);
      const sends = fc.asyncProperty(mutated, (bytes) => send(lab, eve, bytes));
      await fc.assert(sends, { seed: SEED, numRuns: FUZZ_RUNS, endOnFailure: true });
      lab.leave(eve);
      await lab.come(ann);
      addStroke(ann.canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, ann.origin);
      await lab.rest();
      expect(readStrokes(ben.canvas).map(({ id }) => id)).toContain('a');
      expect(Y.equalSnapshots(Y.snapshot(ann.doc), Y.snapshot(ben.doc))).toBe(true);
      const stored = await lab.log.load(lab.canvasId);
      const { doc } = readStoredCanvas(stored ?? { snapshot: null, updates: [] });
      expect(Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(ben.doc))).toBe(true);
    },
    WITHIN_MS,
  );
});

describe('over a socket', () => {
  const guests = HubGuests.forEachTest();

  test(`only who sends damaged messages is put out (seed ${SEED})`, async () => {
    const ann = await guests.come('ann');
    const ben = guests.knock('ben', 'contributor', randomUUID());
    const damaged = fc.sample(mutated, { seed: SEED, numRuns: SOCKETS });
    const eves = damaged.map((_, i) => guests.knock(`eve-${i}`));
    await eventually(() => {
      for (const { connection } of [ben, ...eves]) expect(connection.isSynced).toBe(true);
    });
    eves.forEach(({ connection }, i) => connection.sendBytes(damaged[i] ?? new Uint8Array()));
    const closeCodes = (): number[] =>
      eves.map(({ connection }) => connection.closeCode).filter((code) => code !== null);
    await eventually(() => expect(closeCodes().length).toBeGreaterThan(SOCKETS / 10));
    for (const [authorId, { connection, canvas }] of Object.entries({ ann, ben })) {
      addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk(authorId) }, null);
      await eventually(() => expect(connection.isSaved).toBe(true));
      expect(connection.closeCode).toBeNull();
    }
    expect(new Set(closeCodes())).toEqual(new Set([CLOSE_CODES.badMessage]));
    expect(guests.hub.metrics().badMessages).toBe(closeCodes().length);
  });
});
