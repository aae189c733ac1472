import { CLOSE_CODES } from '../../shared/sync-protocol.ts';

/** The first wait is drawn from so long a span, and each further one from twice as long a one ... */
const FIRST_SPAN_MS = 500;
/** ... up to this. */
const LONGEST_SPAN_MS = 5_000;
/** After a restart everybody comes back at the same time, at least over so long a span. */
const RESTART_SPAN_MS = 2_000;
/** Who sent too much waits at least so long. */
const RATE_LIMITED_MS = 5_000;

/** A lost connection, as far as it matters for when to come back. */
export interface LostConnection {
  readonly code: number;
  /** How many attempts in a row have failed before. */
  readonly failures: number;
}

/** How long to wait, in ms; `share` is a random number from 0 to 1. */
export function reconnectDelay({ code, failures }: LostConnection, share: number): number {
  const span = Math.min(LONGEST_SPAN_MS, FIRST_SPAN_MS * 2 ** Math.min(failures, 10));
  if (code === CLOSE_CODES.rateLimited) return RATE_LIMITED_MS + share * span;
  const isForAll = code === CLOSE_CODES.restarting || code === CLOSE_CODES.notReady;
  return share * (isForAll ? Math.max(RESTART_SPAN_MS, span) : span);
}

/** Opens a lost connection again: not all pages at once, and at once when something says "now". */
export class Reconnects {
  readonly #connect: () => void;
  readonly #random: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;

  constructor(connect: () => void, random: () => number) {
    this.#connect = connect;
    this.#random = random;
  }

  /** How many attempts in a row have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** The connection was lost, or could not be made. */
  lost(code: number): void {
    this.stop();
    const delay = reconnectDelay({ code, failures: this.#failures }, this.#random());
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#try(), delay);
  }

  /** The connection does its work: the next loss is a new one. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** It may work now, if there is something to wait for. */
  hurry(): void {
    if (this.#timer !== null) this.#try();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #try(): void {
    this.stop();
    this.#connect();
  }
}
