import { randomUUID } from 'node:crypto';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import { RawSocket } from './raw-socket.ts';
import type { MeasuredServer } from './servers.ts';
import { addressOf, greetings, readStep2 } from './wire.ts';

/** A connection in a room that has got its document, and how long that took. */
export interface Joined {
  readonly socket: RawSocket;
  readonly participantId: string;
  /** The document as one update. */
  readonly step2: Uint8Array;
  /** From the first packet to the last byte of the document. */
  readonly milliseconds: number;
}

/** Connects, asks for the document as somebody who has nothing yet, and waits for it. */
export async function join(server: MeasuredServer, room: string): Promise<Joined> {
  const startedAt = performance.now();
  const participantId = randomUUID();
  const address = addressOf(server, room);
  const socket =
    server.kind === 'ours'
      ? await RawSocket.open(`${address}?participant=${participantId}`, SYNC_SUBPROTOCOL)
      : await RawSocket.open(address);
  const step2 = await new Promise<Uint8Array>((resolve) => {
    socket.onMessage = (payload) => {
      const update = readStep2(server.kind, payload);
      // A copy: the payload is the network's.
      if (update) resolve(update.slice());
    };
    for (const greeting of greetings(server.kind, room)) socket.send(greeting);
  });
  const milliseconds = performance.now() - startedAt;
  socket.onMessage = () => undefined;
  return { socket, participantId, step2, milliseconds };
}

/** Joins rooms, some at a time: the queue of new connections is not what is measured. */
export async function joinAll(
  server: MeasuredServer,
  rooms: readonly string[],
  atOnce = 50,
): Promise<Joined[]> {
  const joined: Joined[] = [];
  for (let from = 0; from < rooms.length; from += atOnce) {
    const some = rooms.slice(from, from + atOnce);
    joined.push(...(await Promise.all(some.map((room) => join(server, room)))));
  }
  return joined;
}
