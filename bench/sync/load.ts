import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../shared/random.ts';
import type { Participant, Seat } from './participant.ts';
import { takeSeats } from './participant.ts';
import type { MeasuredServer, ProfiledFunction, ServerKind, Usage } from './servers.ts';
import { Tally } from './tally.ts';

/** Who draws where, and how fast. */
export interface LoadShape {
  readonly rooms: number;
  readonly perRoom: number;
  /** How many of each room draw; the others look on. All if not said. */
  readonly drawing?: number;
  /** Between two frames of one author. */
  readonly everyMs: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LoadFigures {
  readonly server: ServerKind;
  /** Server CPU seconds per 100,000 deliveries. */
  readonly cpu: number;
  /** Deliveries that were counted, from the warm-up's end until all had come. */
  readonly delivered: number;
  /** Of what was sent, 0 to 1. */
  readonly deliveredShare: number;
  /** Messages of live ink that the server says it left out for slow readers. */
  readonly dropped: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From sending a finished stroke to its ack; 0 where there are none. */
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  /** Finished strokes that were acknowledged, 0 to 1. */
  readonly ackShare: number;
  /** Messages that the server made of a delivery. */
  readonly messagesPerDelivery: number;
  readonly bytesPerDelivery: number;
  /** How late the generator was; above 30 ms the run says nothing of the server. */
  readonly lagP99Ms: number;
  readonly rssMiB: number;
  /** Why the run does not count; empty when it does. */
  readonly faults: readonly string[];
  readonly profile: readonly ProfiledFunction[];
}

const MAX_LAG_MS = 30;
/** After so long without a single arrival nothing more is waited for. */
const SILENCE_MS = 3_000;
/** A server that has fallen so far behind is not waited for. */
const GIVE_UP_AFTER_MS = 60_000;
const MIB = 1_048_576;

/** Runs one load against a fresh server and stops it. */
export async function runLoad(
  server: MeasuredServer,
  shape: LoadShape,
  isProfiled = false,
): Promise<LoadFigures> {
  const tally = new Tally();
  const participants = await takeSeats(seatsOf(server, shape, tally));
  const drawing = participants.filter((_, i) => i % shape.perRoom < drawingOf(shape));
  const draw = { drawing, tally, everyMs: shape.everyMs, readers: shape.perRoom - 1 };
  let expected = await drawFor(shape.warmUpSeconds, draw);
  // It is idle now, so it answers at once; an overloaded one would only after minutes.
  if (isProfiled) await server.startProfile();
  tally.startMeasuring();
  const before = { usage: await server.usage(), ...countsOf(tally) };
  expected += await drawFor(shape.seconds, draw);
  const after = { usage: await server.usage(), ...countsOf(tally) };
  const profile = isProfiled ? await server.stopProfile() : [];
  const dropped = await server.droppedMessages();
  const faults = faultsOf(tally, participants);
  for (const participant of participants) participant.leave();
  await server.stop();
  return {
    server: server.kind,
    ...between(before, after),
    deliveredShare: tally.delivered / expected,
    dropped,
    p50Ms: tally.latency.quantile(0.5),
    p99Ms: tally.latency.quantile(0.99),
    ackP50Ms: tally.ackLatency.quantile(0.5),
    ackP99Ms: tally.ackLatency.quantile(0.99),
    ackShare: tally.writes > 0 ? tally.acknowledged / tally.writes : 1,
    lagP99Ms: tally.lag.quantile(0.99),
    rssMiB: after.usage.rssBytes / MIB,
    faults,
    profile,
  };
}

function drawingOf(shape: LoadShape): number {
  return shape.drawing ?? shape.perRoom;
}

function seatsOf(server: MeasuredServer, shape: LoadShape, tally: Tally): Seat[] {
  const { kind, url, rooms } = server;
  return Array.from({ length: shape.rooms * shape.perRoom }, (_, author) => {
    const room = rooms[Math.floor(author / shape.perRoom)];
    if (room === undefined) throw new Error('The server has too few rooms for this load');
    return { kind, url, room, author, tally };
  });
}

interface Counts {
  readonly delivered: number;
  readonly messages: number;
  readonly bytes: number;
}

function countsOf({ delivered, messages, bytes }: Tally): Counts {
  return { delivered, messages, bytes };
}

type Reading = Counts & { readonly usage: Usage };

function between(
  before: Reading,
  after: Reading,
): Pick<LoadFigures, 'cpu' | 'delivered' | 'messagesPerDelivery' | 'bytesPerDelivery'> {
  const delivered = after.delivered - before.delivered;
  const cpuSeconds = after.usage.cpuSeconds - before.usage.cpuSeconds;
  return {
    cpu: (cpuSeconds * 100_000) / delivered,
    delivered,
    messagesPerDelivery: (after.messages - before.messages) / delivered,
    bytesPerDelivery: (after.bytes - before.bytes) / delivered,
  };
}

/** Who draws, at which beat, and for how many others each. */
interface Drawing {
  readonly drawing: readonly Participant[];
  readonly tally: Tally;
  readonly everyMs: number;
  readonly readers: number;
}

/** Lets all draw so long and waits for what is on its way; how many deliveries there should be. */
async function drawFor(seconds: number, { drawing, tally, ...how }: Drawing): Promise<number> {
  const before = tally.delivered;
  const pacer = new Pacer(drawing, tally, how.everyMs);
  await pause(seconds * 1_000);
  const expected = pacer.stop() * how.readers;
  await drained(tally, before + expected);
  return expected;
}

/** Waits until everything has arrived and is acknowledged, or until nothing more comes. */
async function drained(tally: Tally, expected: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  let [seen, seenAt] = [0, performance.now()];
  while (tally.delivered < expected || tally.acknowledged < tally.writes) {
    const arrived = tally.delivered + tally.acknowledged;
    if (arrived !== seen) [seen, seenAt] = [arrived, performance.now()];
    if (performance.now() - seenAt > SILENCE_MS || performance.now() > giveUpAt) return;
    await pause(5);
  }
}

function faultsOf(tally: Tally, participants: readonly Participant[]): string[] {
  const lag = tally.lag.quantile(0.99);
  const closed = participants.filter(({ closeCode }) => closeCode !== null);
  return [
    ...(lag > MAX_LAG_MS ? [`the generator was ${lag.toFixed(0)} ms late`] : []),
    ...(closed.length > 0 ? [`${closed.length} closed with ${closed[0]?.closeCode}`] : []),
    ...[...tally.notices].map((kind) => `notice ${kind}`),
  ];
}

/** Lets each author send a frame at its own beat, whatever the server does. */
class Pacer {
  readonly #authors: { readonly participant: Participant; dueAt: number }[];
  readonly #tally: Tally;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #sent = 0;

  constructor(participants: readonly Participant[], tally: Tally, everyMs: number) {
    this.#tally = tally;
    this.#everyMs = everyMs;
    const random = seededRandom(1);
    const startsAt = performance.now() + everyMs;
    // People are not in step.
    this.#authors = participants
      .map((participant) => ({ participant, dueAt: startsAt + random() * everyMs }))
      .sort((a, b) => a.dueAt - b.dueAt);
    this.#timer = setInterval(() => this.#sendDue(), 1);
  }

  /** Ends it; how many frames there were. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#sent;
  }

  #sendDue(): void {
    const now = performance.now();
    for (;;) {
      const author = this.#authors[this.#next];
      if (!author || author.dueAt > now) return;
      this.#tally.lag.add(now - author.dueAt);
      author.participant.drawFrame(performance.now());
      author.dueAt += this.#everyMs;
      this.#sent += 1;
      this.#next = (this.#next + 1) % this.#authors.length;
    }
  }
}
