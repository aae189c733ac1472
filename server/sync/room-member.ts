import type { Role } from '../../shared/participant.ts';
import type { Notice } from '../../shared/sync-protocol.ts';
import { CLOSE_CODES, encodeAck, encodeNotice } from '../../shared/sync-protocol.ts';
import type { SyncCounters } from './counters.ts';

/** A slow reader loses live ink and presence above so much that waits for it ... */
const LOSSY_ABOVE_BYTES = 256 * 1024;
/** ... and its connection above so much. It comes back and gets one difference instead. */
const CLOSE_ABOVE_BYTES = 1024 * 1024;

/** What a room knows of a socket. */
export interface RoomConnection {
  readonly participantId: string;
  readonly role: Role;
  /** Whether it asked for the message types of our own. */
  readonly wantsExtras: boolean;
  readonly isOpen: boolean;
  /** Sent, but not yet taken by the network. */
  readonly bufferedBytes: number;
  send(message: Uint8Array): void;
  close(code: number, reason: string): void;
}

/** A connection in a room, with what the room remembers of it. */
export class RoomMember {
  readonly participantId: string;
  readonly canWrite: boolean;
  readonly wantsExtras: boolean;
  readonly #connection: RoomConnection;
  readonly #counters: SyncCounters;
  #writes = 0;
  #isAckable = true;
  #largestMessageBytes = 0;

  constructor(connection: RoomConnection, counters: SyncCounters) {
    this.participantId = connection.participantId;
    this.canWrite = connection.role !== 'viewer';
    this.wantsExtras = connection.wantsExtras;
    this.#connection = connection;
    this.#counters = counters;
  }

  /** Counts a step 2 or update message; the number is what its ack will say. */
  countWrite(): number {
    this.#writes += 1;
    return this.#writes;
  }

  /** A write was refused as a whole: from here on no ack could be true. */
  stopAcks(): void {
    this.#isAckable = false;
  }

  acknowledge(count: number): void {
    if (this.wantsExtras && this.#isAckable) this.deliver(encodeAck(count));
  }

  notify(notice: Notice): void {
    if (this.wantsExtras) this.deliver(encodeNotice(notice));
  }

  /** Sends what must arrive. A reader that has fallen too far behind is closed instead. */
  deliver(message: Uint8Array): void {
    if (!this.#connection.isOpen) return;
    // One large message, such as the whole canvas for who has just come, is no sign of slowness.
    if (this.#connection.bufferedBytes > CLOSE_ABOVE_BYTES + this.#largestMessageBytes) {
      this.#counters.slowCloses += 1;
      this.close(CLOSE_CODES.tooSlow, 'Too slow to follow');
      return;
    }
    this.#largestMessageBytes = Math.max(this.#largestMessageBytes, message.length);
    this.#connection.send(message);
  }

  /** Sends what heals by itself, unless the reader is behind. */
  offer(message: Uint8Array): void {
    if (!this.#connection.isOpen) return;
    if (this.#connection.bufferedBytes > LOSSY_ABOVE_BYTES) this.#counters.droppedMessages += 1;
    else this.#connection.send(message);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }
}
