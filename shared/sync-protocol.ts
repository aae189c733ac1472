import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { z } from 'zod';
import { MAX_KEY_CHARACTERS } from './limits.ts';
import { Role } from './participant.ts';
import type { InkPoints, InkStyle } from './stroke-codec.ts';
import { readPoints, readStyle, writePoints, writeStyle } from './stroke-codec.ts';

/**
 * What travels on `/sync/<canvasId>`: the y-websocket protocol (types 0 to 3), and five message
 * types more for clients that ask for them by subprotocol. Such a client may also say by
 * `?generation=<n>` which generation of the document it holds.
 */
export const SYNC_SUBPROTOCOL = 'tc.v1';

export const MESSAGE_SYNC = 0;
export const MESSAGE_AWARENESS = 1;
export const MESSAGE_AUTH = 2;
export const MESSAGE_QUERY_AWARENESS = 3;
/** Server to client: how many step-2 and update messages of this connection are on disk. */
export const MESSAGE_ACK = 100;
/** Both ways: points of a stroke that is still being drawn. */
export const MESSAGE_LIVE_INK = 101;
/** Server to client: something the person should know. */
export const MESSAGE_NOTICE = 102;
/** Several messages in one: what was due at the same time; from a client only sealed updates. */
export const MESSAGE_BATCH = 103;
/** Both ways: a change that somebody else has made, under the hub's seal. */
export const MESSAGE_SEALED_UPDATE = 104;

/** Sub-types of a sync message, as in y-protocols. */
export const SYNC_STEP_1 = 0;
export const SYNC_STEP_2 = 1;
export const SYNC_UPDATE = 2;

/** y-websocket clients take 4400 to 4499 as final and retry the others. */
export const CLOSE_CODES = {
  badMessage: 4400,
  unauthorised: 4401,
  forbidden: 4403,
  gone: 4404,
  /** The document was begun anew; what the client holds is of another generation. */
  otherGeneration: 4409,
  documentFull: 4413,
  notReady: 4503,
  tooSlow: 4508,
  rateLimited: 4529,
  restarting: 1012,
} as const;

export const Notice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('not_saving') }),
  z.object({ kind: z.literal('saving_again') }),
  z.object({ kind: z.literal('refused'), reason: z.string() }),
  z.object({ kind: z.literal('stopping') }),
  /** What this person may do here has changed; the connection stays. */
  z.object({ kind: z.literal('role_changed'), role: Role }),
  /** The document is past its soft limit of bytes. */
  z.object({ kind: z.literal('nearly_full') }),
]);
export type Notice = z.infer<typeof Notice>;

/**
 * A piece of live ink. Stateless: each frame carries the style and absolute first point, so that
 * whoever joins in mid-stroke can draw from any frame on. `sequence` is the index of its first point.
 */
export interface LiveFrame {
  readonly strokeId: string;
  readonly sketchId: string;
  /** How many points of this stroke were sent before. */
  readonly sequence: number;
  /** True: the stroke was given up; forget it. */
  readonly isCancelled: boolean;
  readonly style: InkStyle;
  readonly points: InkPoints;
}

/** The whole message, type included. */
export function encodeLiveFrame(frame: LiveFrame): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_LIVE_INK);
  encoding.writeVarString(encoder, frame.strokeId);
  encoding.writeVarString(encoder, frame.sketchId);
  encoding.writeVarUint(encoder, frame.sequence);
  encoding.writeUint8(encoder, frame.isCancelled ? 1 : 0);
  writeStyle(encoder, frame.style);
  writePoints(encoder, frame.points);
  return encoding.toUint8Array(encoder);
}

/** Reads the rest of a message whose type has been read. Throws when it is malformed. */
export function readLiveFrame(decoder: decoding.Decoder): LiveFrame {
  return {
    strokeId: readKey(decoder),
    sketchId: readKey(decoder),
    sequence: decoding.readVarUint(decoder),
    isCancelled: decoding.readUint8(decoder) === 1,
    style: readStyle(decoder),
    points: readPoints(decoder),
  };
}

function readKey(decoder: decoding.Decoder): string {
  const key = decoding.readVarString(decoder);
  if (key.length === 0 || key.length > MAX_KEY_CHARACTERS) throw new Error('Not an id');
  return key;
}

/** A sync message of y-websocket, type included. */
export function encodeSync(step: number, bytes: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_SYNC);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}

/** The ack message: `count` messages of this connection are durable. */
export function encodeAck(count: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_ACK);
  encoding.writeVarUint(encoder, count);
  return encoding.toUint8Array(encoder);
}

/** The notice message. */
export function encodeNotice(notice: Notice): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_NOTICE);
  encoding.writeVarString(encoder, JSON.stringify(notice));
  return encoding.toUint8Array(encoder);
}

/** Reads the rest of a notice message; null when it is of a newer kind. */
export function readNotice(decoder: decoding.Decoder): Notice | null {
  const parsed = Notice.safeParse(JSON.parse(decoding.readVarString(decoder)));
  return parsed.success ? parsed.data : null;
}

/** Messages that travel as one. */
export function encodeBatch(messages: readonly Uint8Array[]): Uint8Array {
  // By hand into one array: a busy canvas sends 60 of them a second.
  const bytes = messages.reduce((sum, { length }) => sum + MAX_LENGTH_BYTES + length, 1);
  const batch = new Uint8Array(bytes);
  batch[0] = MESSAGE_BATCH;
  let at = 1;
  for (const message of messages) {
    at = putVarUint(batch, { value: message.length, at });
    batch.set(message, at);
    at += message.length;
  }
  return batch.subarray(0, at);
}

const BATCH_BYTES = 256 * 1024;

/** Messages that are many, in batches, in their order; what is alone or large goes by itself. */
export function encodeBatches(messages: readonly Uint8Array[]): Uint8Array[] {
  const batches: Uint8Array[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    bytes += message.length;
    if (bytes > BATCH_BYTES) {
      batches.push([]);
      bytes = message.length;
    }
    batches.at(-1)?.push(message);
  }
  return batches.map((batch) => (batch.length === 1 && batch[0] ? batch[0] : encodeBatch(batch)));
}

/** A variable-length integer needs so many bytes below 2^28. */
const MAX_LENGTH_BYTES = 4;

function putVarUint(into: Uint8Array, { value, at }: { value: number; at: number }): number {
  let rest = value;
  let next = at;
  while (rest > 0x7f) {
    into[next++] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  into[next++] = rest;
  return next;
}

/** Reads the rest of a batch message: whole messages, types included. */
export function readBatch(decoder: decoding.Decoder): Uint8Array[] {
  const messages: Uint8Array[] = [];
  while (decoding.hasContent(decoder)) messages.push(decoding.readVarUint8Array(decoder));
  return messages;
}

/**
 * A change as the hub passes it on before it is on disk. Should the server be killed now, whoever
 * got it can bring it back in its author's name: the seal says that it came by the author himself.
 */
export interface SealedUpdate {
  /** Null: the server itself made the change. */
  readonly authorId: string | null;
  /** A Yjs update (v1 encoding). */
  readonly update: Uint8Array;
  readonly seal: Uint8Array;
}

/** The whole message, type included. */
export function encodeSealedUpdate({ authorId, update, seal }: SealedUpdate): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_SEALED_UPDATE);
  encoding.writeVarString(encoder, authorId ?? '');
  encoding.writeVarUint8Array(encoder, update);
  encoding.writeVarUint8Array(encoder, seal);
  return encoding.toUint8Array(encoder);
}

/** Reads the rest of a batch of a client. Throws when it holds anything but sealed updates. */
export function readSealedBatch(decoder: decoding.Decoder): SealedUpdate[] {
  return readBatch(decoder).map((message) => {
    const rest = decoding.createDecoder(message);
    if (decoding.readVarUint(rest) !== MESSAGE_SEALED_UPDATE)
      throw new Error('Not a sealed update');
    return readSealedUpdate(rest);
  });
}

/** Reads the rest of a sealed update. Throws when it is malformed. */
export function readSealedUpdate(decoder: decoding.Decoder): SealedUpdate {
  const authorId = decoding.readVarString(decoder);
  if (authorId.length > MAX_KEY_CHARACTERS) throw new Error('Not an id');
  return {
    authorId: authorId === '' ? null : authorId,
    update: decoding.readVarUint8Array(decoder),
    seal: decoding.readVarUint8Array(decoder),
  };
}
