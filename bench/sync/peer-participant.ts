import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { SYNC_UPDATE } from '../../shared/sync-protocol.ts';
import { writePoints } from '../../shared/stroke-codec.ts';
import { framePoints } from './hand-strokes.ts';
import type { Participant, Seat } from './participant.ts';
import { RawSocket } from './raw-socket.ts';
import { addressOf, encodeSync, enter } from './wire.ts';

/** Found again in whatever a server makes of an update: a frame that it merges still has it. */
const MARK = Buffer.from([0xf5, 0x9a, 0x1c, 0xe7]);
const AUTHOR_AT = MARK.length;
const FRAME_AT = AUTHOR_AT + 2;
const MARKED_BYTES = FRAME_AT + 4;

/** A participant of a peer, who appends the same points to a Y.Array, frame by frame. */
export class PeerParticipant implements Participant {
  readonly unacknowledged = 0;
  readonly #seat: Seat;
  readonly #socket: RawSocket;
  readonly #doc = new Y.Doc();

  private constructor(seat: Seat, socket: RawSocket) {
    this.#seat = seat;
    this.#socket = socket;
    const { kind, room } = seat;
    this.#doc.on('update', (bytes: Uint8Array) =>
      socket.send(encodeSync(kind, room, { step: SYNC_UPDATE, bytes })),
    );
  }

  static async join(seat: Seat): Promise<PeerParticipant> {
    const socket = await RawSocket.open(addressOf(seat, seat.room));
    const participant = new PeerParticipant(seat, socket);
    await enter(socket, seat);
    socket.onMessage = (payload) => participant.#receive(payload);
    return participant;
  }

  get closeCode(): number | null {
    return this.#socket.closeCode;
  }

  drawFrame(now: number): void {
    const { author, tally } = this.#seat;
    const frame = tally.framesOf(author);
    tally.sent(author, now);
    this.#doc.getArray('points').push([markedChunk(author, frame)]);
  }

  pause(): void {
    this.#socket.pause();
  }

  leave(): void {
    this.#socket.destroy();
    this.#doc.destroy();
  }

  #receive(payload: Buffer): void {
    const now = performance.now();
    const { author: self, tally } = this.#seat;
    tally.messages += 1;
    tally.bytes += payload.length;
    for (let at = payload.indexOf(MARK); at >= 0; at = payload.indexOf(MARK, at + MARKED_BYTES)) {
      const author = payload.readUInt16BE(at + AUTHOR_AT);
      if (author !== self) tally.arrived(author, payload.readUInt32BE(at + FRAME_AT), now);
    }
  }
}

/** The points as our live ink packs them, behind a mark with author and frame. */
function markedChunk(author: number, frame: number): Uint8Array {
  const encoder = encoding.createEncoder();
  const mark = Buffer.alloc(MARKED_BYTES);
  mark.set(MARK);
  mark.writeUInt16BE(author, AUTHOR_AT);
  mark.writeUInt32BE(frame, FRAME_AT);
  encoding.writeUint8Array(encoder, mark);
  writePoints(encoder, framePoints(author, frame));
  return encoding.toUint8Array(encoder);
}
