import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MESSAGE_SYNC, SYNC_STEP_1, SYNC_STEP_2 } from '../../shared/sync-protocol.ts';
import type { RawSocket } from './raw-socket.ts';
import type { ServerKind } from './servers.ts';

/** Hocuspocus' sign-in, and the answer to a step 1, which is a type of its own there. */
const HOCUSPOCUS_AUTH = 2;
const HOCUSPOCUS_SYNC_REPLY = 4;

/** The state vector of somebody who has nothing yet. */
const NOTHING = Uint8Array.of(0);

/** Where a room of a server is. */
export function addressOf({ kind, url }: { kind: ServerKind; url: string }, room: string): string {
  return kind === 'hocuspocus' ? url : `${url}/${room}`;
}

/** What has to be sent as soon as the connection is open: sign in where it is asked, then step 1. */
export function greetings(kind: ServerKind, room: string): Uint8Array[] {
  const step1 = encodeSync(kind, room, { step: SYNC_STEP_1, bytes: NOTHING });
  if (kind !== 'hocuspocus') return [step1];
  const signIn = encoding.createEncoder();
  encoding.writeVarString(signIn, room);
  encoding.writeVarUint(signIn, HOCUSPOCUS_AUTH);
  encoding.writeVarUint(signIn, 0);
  encoding.writeVarString(signIn, 'bench');
  return [encoding.toUint8Array(signIn), step1];
}

/** A sync message; Hocuspocus puts the name of the room before it. */
export function encodeSync(
  kind: ServerKind,
  room: string,
  message: { readonly step: number; readonly bytes: Uint8Array },
): Uint8Array {
  const encoder = encoding.createEncoder();
  if (kind === 'hocuspocus') encoding.writeVarString(encoder, room);
  encoding.writeVarUint(encoder, MESSAGE_SYNC);
  encoding.writeVarUint(encoder, message.step);
  encoding.writeVarUint8Array(encoder, message.bytes);
  return encoding.toUint8Array(encoder);
}

/** The update of a step 2, or null when the message is something else. */
export function readStep2(kind: ServerKind, payload: Uint8Array): Uint8Array | null {
  const decoder = decoding.createDecoder(payload);
  if (kind === 'hocuspocus') decoding.readVarString(decoder);
  const type = decoding.readVarUint(decoder);
  if (type !== MESSAGE_SYNC && type !== HOCUSPOCUS_SYNC_REPLY) return null;
  return decoding.readVarUint(decoder) === SYNC_STEP_2 ? decoding.readVarUint8Array(decoder) : null;
}

/** Greets a server on a line that is open, and waits until it has sent its document. */
export async function enter(
  socket: RawSocket,
  { kind, room }: { readonly kind: ServerKind; readonly room: string },
): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.onMessage = (payload) => {
      if (readStep2(kind, payload)) resolve();
    };
    for (const greeting of greetings(kind, room)) socket.send(greeting);
  });
}
