import type { Role } from '../../shared/participant.ts';
import type { Notice } from '../../shared/sync-protocol.ts';
import { CLOSE_CODES, encodeAck, encodeNotice } from '../../shared/sync-protocol.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import type { Frame } from './web-socket-frame.ts';
import { frameOf } from './web-socket-frame.ts';

/** A reader for whom more than this waits is behind: he gets nothing until he has taken all of it. */
const BEHIND_ABOVE_BYTES = 256 * 1024;
/** A reader who is behind and has taken nothing for so long is closed. */
const CLOSE_AFTER_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/** What a room knows of a socket. */
export interface RoomConnection {
  readonly participantId: string;
  readonly role: Role;
  /** Whether it asked for the message types of our own. */
  readonly wantsExtras: boolean;
  readonly isOpen: boolean;
  /** Sent, but not yet taken by the network. */
  readonly bufferedBytes: number;
  /** Taken by the network since the beginning. */
  readonly takenBytes: number;
  /** Called when a reader for whom something waited has taken all of it. */
  set onDrained(tell: () => void);
  send(frames: Frame): void;
  /** Takes nothing more in, so that the sender is held back. */
  pauseReading(): void;
  resumeReading(): void;
  close(code: number, reason: string): void;
}

/** What somebody who is behind has to be told when he is back. */
export interface Missed {
  /** The document as far as it was sent to him. */
  readonly stateVector: Uint8Array;
  /** His last question what he lacks, if he asked meanwhile. */
  step1: Uint8Array | null;
  ack: number | null;
}

/** What the members of a room share. */
export interface RoomSeating {
  readonly clock: Clock;
  readonly counters: SyncCounters;
  /** How far the document has been sent to everybody, as a state vector. */
  readonly sentState: () => Uint8Array;
  /** Called when somebody who was behind has taken everything that waited for him. */
  readonly onCaughtUp: (member: RoomMember, missed: Missed) => void;
}

/**
 * A connection in a room, with what the room remembers of it. Who reads too slowly falls behind:
 * nothing more is queued for him, and when he has taken what there was he gets one difference.
 */
export class RoomMember {
  readonly participantId: string;
  readonly wantsExtras: boolean;
  readonly #connection: RoomConnection;
  readonly #seating: RoomSeating;
  #role: Role;
  #writes = 0;
  #isAckable = true;
  #missed: Missed | null = null;
  #stopLooking: (() => void) | null = null;

  constructor(connection: RoomConnection, seating: RoomSeating) {
    this.participantId = connection.participantId;
    this.wantsExtras = connection.wantsExtras;
    this.#role = connection.role;
    this.#connection = connection;
    this.#seating = seating;
  }

  get role(): Role {
    return this.#role;
  }

  get canWrite(): boolean {
    return this.#role !== 'viewer';
  }

  /** What this person may do has changed; it counts from here on. */
  changeRole(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    this.notify({ kind: 'role_changed', role });
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

  /** A step 2 was taken in: it holds whatever was refused before it. */
  resumeAcks(): void {
    this.#isAckable = true;
  }

  acknowledge(count: number): void {
    if (!this.wantsExtras || !this.#isAckable) return;
    if (this.#missed) this.#missed.ack = count;
    else this.#send(frameOf(encodeAck(count)));
  }

  notify(notice: Notice): void {
    // Whoever is behind could have himself told of refusals without end.
    if (!this.wantsExtras || (this.#missed && notice.kind === 'refused')) return;
    this.#connection.send(frameOf(encodeNotice(notice)));
  }

  /** Somebody who is behind asks what he lacks: he is told when he has taken the rest. */
  postponesStep1(stateVector: Uint8Array): boolean {
    if (!this.#missed) return false;
    this.#missed.step1 = stateVector.slice();
    return true;
  }

  /** Sends a message to this one. Whoever is behind gets the difference later instead. */
  deliver(message: Uint8Array): void {
    if (!this.#missed) this.#send(frameOf(message));
  }

  /** Sends what goes to everybody. `lossy` of its messages heal by themselves. */
  follow(frames: Frame, lossy = 0): boolean {
    if (this.#missed) {
      this.#seating.counters.droppedMessages += lossy;
      return false;
    }
    this.#send(frames);
    return true;
  }

  pauseReading(): void {
    this.#connection.pauseReading();
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  /** The connection has gone. */
  leave(): void {
    this.#stopLooking?.();
  }

  #send(frames: Frame): void {
    this.#connection.send(frames);
    if (this.#connection.bufferedBytes > BEHIND_ABOVE_BYTES) this.#fallBehind();
  }

  #fallBehind(): void {
    this.#missed = { stateVector: this.#seating.sentState(), step1: null, ack: null };
    this.#connection.onDrained = () => this.#catchUp();
    const now = this.#seating.clock.now();
    this.#lookAgain({ takenBytes: this.#connection.takenBytes, at: now });
  }

  #catchUp(): void {
    const missed = this.#missed;
    if (!missed) return;
    this.#stopLooking?.();
    this.#missed = null;
    this.#seating.onCaughtUp(this, missed);
    if (missed.ack !== null) this.acknowledge(missed.ack);
  }

  /** Judges progress, not size: a long canvas over a thin line takes its time. */
  #lookAgain(last: { readonly takenBytes: number; readonly at: number }): void {
    const { clock, counters } = this.#seating;
    this.#stopLooking = clock.after(LOOK_EVERY_MS, () => {
      const { takenBytes } = this.#connection;
      if (takenBytes > last.takenBytes) return this.#lookAgain({ takenBytes, at: clock.now() });
      if (clock.now() - last.at < CLOSE_AFTER_MS) return this.#lookAgain(last);
      counters.slowCloses += 1;
      this.close(CLOSE_CODES.tooSlow, 'Too slow to follow');
    });
  }
}
