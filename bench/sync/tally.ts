const BUCKETS_PER_MS = 20;
const LONGEST_MS = 60_000;

/** Milliseconds, counted in steps of 0.05, so that millions of them cost nothing. */
export class Histogram {
  readonly #counts = new Uint32Array(LONGEST_MS * BUCKETS_PER_MS + 1);
  #total = 0;

  add(milliseconds: number): void {
    const bucket = Math.floor(Math.max(0, milliseconds) * BUCKETS_PER_MS);
    const at = Math.min(bucket, this.#counts.length - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#total += 1;
  }

  /** The nearest-rank quantile; 0 where there is nothing. */
  quantile(share: number): number {
    const rank = Math.ceil(share * this.#total);
    let seen = 0;
    for (let i = 0; i < this.#counts.length && this.#total > 0; i++) {
      seen += this.#counts[i] ?? 0;
      if (seen >= rank) return (i + 0.5) / BUCKETS_PER_MS;
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

/**
 * What a load has sent and what of it has arrived. A delivery is one frame of one author at one
 * other participant, however many frames came in one message; own frames that come back are none.
 */
export class Tally {
  delivered = 0;
  /** Finished strokes sent, and how many of them the server has said are on disk. */
  writes = 0;
  acknowledged = 0;
  /** Messages from the server, batches counted once. */
  messages = 0;
  bytes = 0;
  /** What our server wanted the person to know: nothing, when all is well. */
  readonly notices = new Set<string>();
  /** From sending a frame to its decoding at each other participant. */
  readonly latency = new Histogram();
  /** From sending a finished stroke to its ack. */
  readonly ackLatency = new Histogram();
  /** How late the generator was with each frame. */
  readonly lag = new Histogram();
  readonly #sentAt: number[][] = [];

  /** A frame of an author goes out; frames are counted from 0. */
  sent(author: number, now: number): void {
    (this.#sentAt[author] ??= []).push(now);
  }

  /** How many frames an author has sent. */
  framesOf(author: number): number {
    return this.#sentAt[author]?.length ?? 0;
  }

  arrived(author: number, frame: number, now: number): void {
    const sentAt = this.#sentAt[author]?.[frame];
    if (sentAt === undefined) throw new Error('A frame arrived that nobody has sent');
    this.delivered += 1;
    this.latency.add(now - sentAt);
  }

  /** From here on is what counts for times. */
  startMeasuring(): void {
    for (const histogram of [this.latency, this.ackLatency, this.lag]) histogram.clear();
  }
}
