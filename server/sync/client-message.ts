import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MAX_LIVE_FRAME_BYTES } from '../../shared/limits.ts';
import type { LiveFrame, SealedUpdate } from '../../shared/sync-protocol.ts';
import {
  encodeSync,
  MESSAGE_AUTH,
  MESSAGE_AWARENESS,
  MESSAGE_BATCH,
  MESSAGE_LIVE_INK,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SEALED_UPDATE,
  MESSAGE_SYNC,
  readLiveFrame,
  readSealedBatch,
  readSealedUpdate,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from '../../shared/sync-protocol.ts';

/** What a client can say. */
export type ClientMessage =
  | { readonly type: 'step_1'; readonly stateVector: Uint8Array }
  | { readonly type: 'write'; readonly isStep2: boolean; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly update: Uint8Array }
  | { readonly type: 'query_awareness' }
  | { readonly type: 'live_ink'; readonly frame: LiveFrame }
  | { readonly type: 'sealed_updates'; readonly sealed: readonly SealedUpdate[] }
  /** Well-formed, but nothing a server answers. */
  | { readonly type: 'ignored' };

/** Reads a message of a client. Throws on everything that is not one: the socket is closed then. */
export function readClientMessage(bytes: Uint8Array): ClientMessage {
  const decoder = decoding.createDecoder(bytes);
  const type = decoding.readVarUint(decoder);
  switch (type) {
    case MESSAGE_SYNC:
      return readSyncMessage(decoder);
    case MESSAGE_AWARENESS:
      return { type: 'awareness', update: decoding.readVarUint8Array(decoder) };
    case MESSAGE_QUERY_AWARENESS:
      return { type: 'query_awareness' };
    case MESSAGE_LIVE_INK:
      if (bytes.length > MAX_LIVE_FRAME_BYTES) throw new Error('Live frame too large');
      return { type: 'live_ink', frame: readLiveFrame(decoder) };
    case MESSAGE_SEALED_UPDATE:
      return { type: 'sealed_updates', sealed: [readSealedUpdate(decoder)] };
    case MESSAGE_BATCH:
      return { type: 'sealed_updates', sealed: readSealedBatch(decoder) };
    case MESSAGE_AUTH:
      return { type: 'ignored' };
    default:
      throw new Error(`Unknown message type ${type}`);
  }
}

function readSyncMessage(decoder: decoding.Decoder): ClientMessage {
  const step = decoding.readVarUint(decoder);
  const bytes = decoding.readVarUint8Array(decoder);
  switch (step) {
    case SYNC_STEP_1:
      return { type: 'step_1', stateVector: bytes };
    case SYNC_STEP_2:
      return { type: 'write', isStep2: true, update: bytes };
    case SYNC_UPDATE:
      return { type: 'write', isStep2: false, update: bytes };
    default:
      throw new Error(`Unknown sync step ${step}`);
  }
}

/** "This is what I have; send me the rest." */
export function encodeStep1(stateVector: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_1, stateVector);
}

/** The answer to a step 1. */
export function encodeStep2(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_2, update);
}

/** A change of the document. */
export function encodeUpdate(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_UPDATE, update);
}

/** States of people present, as y-protocols packs them. */
export function encodeAwareness(update: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, MESSAGE_AWARENESS);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}
