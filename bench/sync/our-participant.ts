import { randomUUID } from 'node:crypto';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import {
  encodeLiveFrame,
  MESSAGE_ACK,
  MESSAGE_BATCH,
  MESSAGE_LIVE_INK,
  MESSAGE_NOTICE,
  readNotice,
  SYNC_SUBPROTOCOL,
  SYNC_UPDATE,
} from '../../shared/sync-protocol.ts';
import { finishedStroke, frameOf, framePoints, placeOf, STYLE } from './hand-strokes.ts';
import type { Participant, Seat } from './participant.ts';
import { RawSocket } from './raw-socket.ts';
import { addressOf, encodeSync, enter } from './wire.ts';

/** Strokes that are drawn as one sketch. */
const STROKES_PER_SKETCH = 4;
/** An id of the page is a UUID of 36 characters; ours say author and stroke at fixed places. */
const ID_CHARACTERS = 36;
const AUTHOR_AT = 4;
const STROKE_AT = 9;
const DIGITS = 4;
/** Type and length of the id go before it in a live frame, the id of the sketch after it. */
const SEQUENCE_AT = 2 + ID_CHARACTERS + 1 + ID_CHARACTERS;

/** A participant who speaks our subprotocol, with acks. */
export class OurParticipant implements Participant {
  readonly #seat: Seat;
  readonly #participantId: string;
  readonly #socket: RawSocket;
  readonly #canvas = openCanvasDoc(new Y.Doc());
  /** When each write was sent that has no ack yet, oldest first. */
  readonly #waiting: number[] = [];
  #acknowledged = 0;
  #now = 0;

  private constructor(seat: Seat, socket: RawSocket, participantId: string) {
    this.#seat = seat;
    this.#socket = socket;
    this.#participantId = participantId;
    const { kind, room } = seat;
    this.#canvas.doc.on('update', (bytes: Uint8Array) =>
      socket.send(encodeSync(kind, room, { step: SYNC_UPDATE, bytes })),
    );
  }

  static async join(seat: Seat): Promise<OurParticipant> {
    const participantId = randomUUID();
    const address = `${addressOf(seat, seat.room)}?participant=${participantId}`;
    const socket = await RawSocket.open(address, SYNC_SUBPROTOCOL);
    const participant = new OurParticipant(seat, socket, participantId);
    await enter(socket, seat);
    socket.onMessage = (payload) => participant.#receive(payload);
    return participant;
  }

  get closeCode(): number | null {
    return this.#socket.closeCode;
  }

  get unacknowledged(): number {
    return this.#waiting.length;
  }

  drawFrame(now: number): void {
    const { author, tally } = this.#seat;
    const frame = tally.framesOf(author);
    const { stroke, sequence, isLast } = placeOf(frame);
    const [strokeId, sketchId] = [idOf(author, stroke), this.#sketchIdOf(stroke)];
    const points = framePoints(author, frame);
    tally.sent(author, now);
    const where = { strokeId, sketchId, sequence, isCancelled: false };
    this.#socket.send(encodeLiveFrame({ ...where, style: STYLE, points }));
    if (!isLast) return;
    this.#waiting.push(now);
    tally.writes += 1;
    const ink = finishedStroke(author, stroke, this.#participantId);
    addStroke(this.#canvas, { id: strokeId, sketchId, ink }, 'drawn');
  }

  pause(): void {
    this.#socket.pause();
  }

  leave(): void {
    this.#socket.destroy();
    this.#canvas.doc.destroy();
  }

  #sketchIdOf(stroke: number): string {
    return idOf(this.#seat.author, Math.floor(stroke / STROKES_PER_SKETCH), 's');
  }

  #receive(payload: Buffer): void {
    this.#now = performance.now();
    this.#seat.tally.messages += 1;
    this.#seat.tally.bytes += payload.length;
    this.#read(payload, 0);
  }

  #read(bytes: Buffer, from: number): void {
    switch (bytes[from] ?? -1) {
      case MESSAGE_LIVE_INK:
        return this.#readLiveInk(bytes, from);
      case MESSAGE_BATCH:
        return this.#readBatch(bytes, from + 1);
      case MESSAGE_ACK:
        return this.#readAck(decoding.createDecoder(bytes.subarray(from + 1)));
      case MESSAGE_NOTICE: {
        const notice = readNotice(decoding.createDecoder(bytes.subarray(from + 1)));
        this.#seat.tally.notices.add(notice?.kind ?? 'unknown');
        return;
      }
      default:
        // Presence, and finished strokes of others: that those are stored is told by the acks.
        return;
    }
  }

  /** As `readBatch`, but without an array and a view for each message. */
  #readBatch(bytes: Buffer, from: number): void {
    let at = from;
    while (at < bytes.length) {
      let [length, shift] = [0, 0];
      for (; (bytes[at] ?? 0) > 127; at += 1, shift += 7)
        length |= ((bytes[at] ?? 0) & 127) << shift;
      length |= (bytes[at] ?? 0) << shift;
      this.#read(bytes, at + 1);
      at += 1 + length;
    }
  }

  #readLiveInk(bytes: Buffer, from: number): void {
    const { author: self, tally } = this.#seat;
    const author = digitsAt(bytes, from + 2 + AUTHOR_AT);
    if (author === self) return;
    const stroke = digitsAt(bytes, from + 2 + STROKE_AT);
    // Fewer than 128 points, so a byte.
    const sequence = bytes[from + SEQUENCE_AT] ?? 0;
    tally.arrived(author, frameOf(stroke, sequence), this.#now);
  }

  #readAck(decoder: decoding.Decoder): void {
    const count = decoding.readVarUint(decoder);
    const { tally } = this.#seat;
    for (const sentAt of this.#waiting.splice(0, count - this.#acknowledged)) {
      tally.ackLatency.add(this.#now - sentAt);
      tally.acknowledged += 1;
    }
    this.#acknowledged = count;
  }
}

/** `k000aaaa-ssss-4000-8000-000000000000`, with author and number in decimal digits. */
function idOf(author: number, count: number, kind = 'f'): string {
  const [a, n] = [author, count].map((value) => String(value).padStart(DIGITS, '0'));
  return `${kind}000${a}-${n}-4000-8000-000000000000`;
}

function digitsAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + DIGITS; i++) value = value * 10 + (bytes[i] ?? 48) - 48;
  return value;
}
