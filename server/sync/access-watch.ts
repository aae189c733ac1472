import type {
  Dismissals,
  LiveSeat,
  MembershipChange,
  Standing,
  Whereabouts,
} from '../domain/standing.ts';
import type { Clock } from './clock.ts';
import type { SyncLogger } from './rooms.ts';

/** News can be lost with the connection that brings them: so often everybody is looked at. */
const RECHECK_EVERY_MS = 30_000;
const RETRY_AFTER_MS = 2_000;
/** A database that says nothing for so long is taken for away. */
const ANSWER_WITHIN_MS = 10_000;
/** Somebody who was let in before a change may sit down so long after it. */
const REMEMBER_MS = 60_000;
/** Places asked for in one statement. */
const ASKED_AT_ONCE = 1_000;

export interface AccessWatchOptions {
  /** Everybody who is connected, over whichever transport. */
  readonly seats: () => Iterable<LiveSeat>;
  /** What each may do at his place, in the order asked. */
  readonly readStandings: (asked: readonly Whereabouts[]) => Promise<Standing[]>;
  readonly dismissals: Dismissals;
  readonly clock: Clock;
  readonly logger: SyncLogger;
}

/** Whose standing has to be read. */
interface Due {
  isEverybody: boolean;
  readonly people: Set<string>;
  readonly changes: Set<MembershipChange>;
}

/**
 * Makes changed roles count for those who are connected already: at once on news of the database,
 * and for everybody now and then in case news were lost. One question at a time, so that what is
 * settled last is what was read last. While the database is away everybody stays as he is, and the
 * question is asked again until it is answered.
 */
export class AccessWatch {
  readonly #options: AccessWatchOptions;
  readonly #changedAt = new Map<string, number>();
  #due = nobody();
  #isAsking = false;
  #isClosed = false;
  #stopTimer: () => void;
  #stopRetry: () => void = () => undefined;

  constructor(options: AccessWatchOptions) {
    this.#options = options;
    this.#stopTimer = this.#recheckLater();
  }

  /** A role has changed; null: any may have. */
  changed(change: MembershipChange | null): void {
    if (change) {
      this.#due.people.add(change.participantId);
      this.#due.changes.add(change);
      this.#changedAt.set(change.participantId, this.#options.clock.now());
    } else {
      this.#due.isEverybody = true;
    }
    void this.#ask();
  }

  /** Somebody sat down, who may have been let in just before his role changed. */
  joined(participantId: string): void {
    if (!this.#changedAt.has(participantId)) return;
    this.#due.people.add(participantId);
    void this.#ask();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
    this.#stopRetry();
  }

  #recheckLater(): () => void {
    const { clock } = this.#options;
    return clock.after(RECHECK_EVERY_MS, () => {
      this.#stopTimer = this.#recheckLater();
      const forgetBefore = clock.now() - REMEMBER_MS;
      for (const [id, at] of this.#changedAt) if (at < forgetBefore) this.#changedAt.delete(id);
      this.changed(null);
    });
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (isSomebody(this.#due) && !this.#isClosed) {
      const due = this.#due;
      this.#due = nobody();
      if (await this.#settleAll(this.#seatsOf(due))) continue;
      this.#due = both(due, this.#due);
      this.#stopRetry();
      this.#stopRetry = this.#options.clock.after(RETRY_AFTER_MS, () => void this.#ask());
      break;
    }
    this.#isAsking = false;
  }

  #seatsOf({ isEverybody, people, changes }: Due): LiveSeat[] {
    const seats = [...this.#options.seats()].filter(
      ({ participantId }) => isEverybody || people.has(participantId),
    );
    // Also who is not connected this moment must not come back by merely connecting again.
    const absent = [...changes].map(({ projectId, participantId }) => ({
      ...{ participantId, place: { projectId } },
      settle: () => undefined,
    }));
    return [...seats, ...absent];
  }

  /** False when the database could not be asked. */
  async #settleAll(seats: readonly LiveSeat[]): Promise<boolean> {
    for (const group of groupsOf(seats)) {
      const standings = await this.#read(group.map(([seat]) => seat));
      if (!standings || this.#isClosed) return false;
      standings.forEach((standing, i) => {
        for (const seat of group[i] ?? []) this.#settle(seat, standing);
      });
    }
    return true;
  }

  async #read(asked: readonly Whereabouts[]): Promise<Standing[] | null> {
    const { readStandings, clock, logger } = this.#options;
    let stopWaiting = (): void => undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      stopWaiting = clock.after(ANSWER_WITHIN_MS, () => reject(new Error('No answer in time')));
    });
    try {
      return await Promise.race([readStandings(asked), tooLate]);
    } catch (err) {
      // Whoever is in stays in: an outage must not empty the canvases.
      logger.warn({ err, people: asked.length }, 'access.recheck_failed');
      return null;
    } finally {
      stopWaiting();
    }
  }

  #settle(seat: LiveSeat, standing: Standing): void {
    const { dismissals, logger } = this.#options;
    if (standing.kind === 'stranger')
      dismissals.add({ projectId: standing.projectId, participantId: seat.participantId });
    try {
      seat.settle(standing);
    } catch (err) {
      // One connection that cannot be told must not keep the others as they are.
      logger.error({ err }, 'access.not_applied');
    }
  }
}

function nobody(): Due {
  return { isEverybody: false, people: new Set(), changes: new Set() };
}

function isSomebody({ isEverybody, people }: Due): boolean {
  return isEverybody || people.size > 0;
}

function both(one: Due, other: Due): Due {
  return {
    isEverybody: one.isEverybody || other.isEverybody,
    people: new Set([...one.people, ...other.people]),
    changes: new Set([...one.changes, ...other.changes]),
  };
}

/** The connections of one person at one place. */
type Together = readonly [LiveSeat, ...LiveSeat[]];

/** What is asked once for all connections of a person at a place, in portions of one statement. */
function groupsOf(seats: readonly LiveSeat[]): Together[][] {
  const byKey = new Map<string, [LiveSeat, ...LiveSeat[]]>();
  for (const seat of seats) {
    const key = JSON.stringify([seat.participantId, seat.place]);
    const known = byKey.get(key);
    if (known) known.push(seat);
    else byKey.set(key, [seat]);
  }
  const all = [...byKey.values()];
  const groups: Together[][] = [];
  for (let from = 0; from < all.length; from += ASKED_AT_ONCE)
    groups.push(all.slice(from, from + ASKED_AT_ONCE));
  return groups;
}
