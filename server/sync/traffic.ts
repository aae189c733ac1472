import {
  MAX_CONNECTIONS_PER_PARTICIPANT,
  SYNC_BYTES_AT_ONCE,
  SYNC_BYTES_PER_SECOND,
  SYNC_MESSAGES_AT_ONCE,
  SYNC_MESSAGES_PER_SECOND,
} from '../../shared/limits.ts';
import type { Clock } from './clock.ts';

/** What one person may do on all canvases together. */
export interface TrafficLimits {
  readonly connections: number;
  readonly messagesPerSecond: number;
  readonly messagesAtOnce: number;
  readonly bytesPerSecond: number;
  readonly bytesAtOnce: number;
}

const TRAFFIC_LIMITS: TrafficLimits = {
  connections: MAX_CONNECTIONS_PER_PARTICIPANT,
  messagesPerSecond: SYNC_MESSAGES_PER_SECOND,
  messagesAtOnce: SYNC_MESSAGES_AT_ONCE,
  bytesPerSecond: SYNC_BYTES_PER_SECOND,
  bytesAtOnce: SYNC_BYTES_AT_ONCE,
};

/** What a person has left (token buckets, which fill up again with time). */
interface Allowance {
  connections: number;
  messages: number;
  bytes: number;
  filledAt: number;
}

/** What everybody sends, counted by person: two windows, or a thousand, share one allowance. */
export class Traffic {
  readonly #clock: Clock;
  readonly #limits: TrafficLimits;
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: Clock, limits: Partial<TrafficLimits> = {}) {
    this.#clock = clock;
    this.#limits = { ...TRAFFIC_LIMITS, ...limits };
  }

  /** Somebody comes with one more connection; false when he has too many. */
  enter(participantId: string): boolean {
    const allowance = this.#allowanceOf(participantId);
    if (allowance.connections >= this.#limits.connections) return false;
    allowance.connections += 1;
    return true;
  }

  /** Ends one `enter` that was granted. */
  leave(participantId: string): void {
    const allowance = this.#allowanceOf(participantId);
    allowance.connections -= 1;
    this.#forgetTheRested();
  }

  /** Whether so much more may be sent now. What may not costs nothing: it is not taken in. */
  spend(participantId: string, { messages, bytes }: { messages: number; bytes: number }): boolean {
    const allowance = this.#allowanceOf(participantId);
    this.#fill(allowance);
    if (allowance.messages < messages || allowance.bytes < bytes) return false;
    allowance.messages -= messages;
    allowance.bytes -= bytes;
    return true;
  }

  #allowanceOf(participantId: string): Allowance {
    const known = this.#allowances.get(participantId);
    if (known) return known;
    const { messagesAtOnce: messages, bytesAtOnce: bytes } = this.#limits;
    const allowance = { connections: 0, messages, bytes, filledAt: this.#clock.now() };
    this.#allowances.set(participantId, allowance);
    return allowance;
  }

  #fill(allowance: Allowance): void {
    const { messagesPerSecond, messagesAtOnce, bytesPerSecond, bytesAtOnce } = this.#limits;
    const now = this.#clock.now();
    const seconds = Math.max(0, now - allowance.filledAt) / 1_000;
    allowance.filledAt = now;
    allowance.messages = Math.min(messagesAtOnce, allowance.messages + seconds * messagesPerSecond);
    allowance.bytes = Math.min(bytesAtOnce, allowance.bytes + seconds * bytesPerSecond);
  }

  /** Who has gone is remembered only as long as coming back would give him anything. */
  #forgetTheRested(): void {
    const { messagesAtOnce, bytesAtOnce } = this.#limits;
    for (const [participantId, allowance] of this.#allowances) {
      if (allowance.connections > 0) continue;
      this.#fill(allowance);
      const isRested = allowance.messages >= messagesAtOnce && allowance.bytes >= bytesAtOnce;
      if (isRested) this.#allowances.delete(participantId);
    }
  }
}
