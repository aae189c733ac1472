import type { Clock } from './clock.ts';
import type { Room } from './room.ts';

/**
 * The life of one room in memory:
 *
 *     loading --> live <--> draining --> gone
 *        |          |           |         ^
 *        +----------+-----------+---------+  load fails, or the room is abandoned
 *
 * It is live while somebody holds it and for a while after. Draining stores a snapshot; who comes
 * meanwhile makes it live again, because a snapshot does no harm to a room that goes on. Abandoned
 * is what is not to be stored any more: its canvas was deleted, or begun anew.
 */
type State =
  | { readonly phase: 'loading'; readonly loaded: Promise<Room> }
  | { readonly phase: 'live'; readonly room: Room; readonly stopIdling: () => void }
  | { readonly phase: 'draining'; readonly room: Room }
  | { readonly phase: 'gone' };

/** Where a room in memory is on its way. */
export type RoomPhase = Exclude<State['phase'], 'gone'>;

export interface RoomLifeOptions {
  readonly load: () => Promise<Room>;
  /** Makes everything durable and stores a snapshot. Never throws: the log has it all anyway. */
  readonly store: (room: Room) => Promise<void>;
  readonly onLive: (room: Room) => void;
  /** The room left memory; null when it never got there. */
  readonly onGone: (room: Room | null) => void;
  readonly clock: Clock;
  readonly unloadAfterMs: number;
}

/** One room's way through memory. Everything that uses the room holds it in between. */
export class RoomLife {
  readonly #options: RoomLifeOptions;
  #state: State;
  #holders = 0;

  constructor(options: RoomLifeOptions) {
    this.#options = options;
    const loaded = options.load();
    this.#state = { phase: 'loading', loaded };
    loaded.then(
      (room) => this.#goLive(room),
      () => this.#goAway(null),
    );
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  /** The room, where it is loaded. */
  get room(): Room | null {
    const state = this.#state;
    return state.phase === 'live' || state.phase === 'draining' ? state.room : null;
  }

  /** Holds the room in memory until `release`. All who come during the load share it. */
  async hold(): Promise<Room> {
    this.#holders += 1;
    const state = this.#state;
    switch (state.phase) {
      case 'loading':
        return state.loaded;
      case 'live':
        state.stopIdling();
        return state.room;
      case 'draining':
        this.#state = { phase: 'live', room: state.room, stopIdling: () => undefined };
        return state.room;
      case 'gone':
        throw new Error('The room has left memory');
    }
  }

  /** Ends one `hold`. */
  release(): void {
    this.#holders -= 1;
    if (this.#state.phase === 'live') this.#idleUnlessHeld(this.#state.room);
  }

  /** Stores and forgets the room now, whoever holds it. */
  async end(): Promise<void> {
    const state = this.#state;
    switch (state.phase) {
      case 'loading':
        await state.loaded.then(
          () => this.end(),
          () => undefined,
        );
        return;
      case 'live':
        state.stopIdling();
        return this.#drain(state.room);
      case 'draining':
        return this.#drain(state.room);
      case 'gone':
        return;
    }
  }

  /** Forgets the room now, whoever holds it, without storing anything. */
  abandon(): void {
    const state = this.#state;
    switch (state.phase) {
      case 'loading':
        // What is being loaded is put away when it comes, see `#goLive`.
        this.#state = { phase: 'gone' };
        return;
      case 'live':
        state.stopIdling();
        return this.#goAway(state.room);
      case 'draining':
        return this.#goAway(state.room);
      case 'gone':
        return;
    }
  }

  #goLive(room: Room): void {
    if (this.#state.phase === 'gone') return this.#goAway(room);
    this.#idleUnlessHeld(room);
    // Only now: whoever hears of it looks the room up and reads its sketches.
    this.#options.onLive(room);
  }

  #idleUnlessHeld(room: Room): void {
    const { clock, unloadAfterMs } = this.#options;
    const isIdle = this.#holders === 0;
    const stopIdling = isIdle
      ? clock.after(unloadAfterMs, () => void this.#drain(room))
      : () => undefined;
    this.#state = { phase: 'live', room, stopIdling };
  }

  async #drain(room: Room): Promise<void> {
    const draining: State = { phase: 'draining', room };
    this.#state = draining;
    await this.#options.store(room);
    // Somebody may have come meanwhile, and made it live again.
    if (this.#state === draining) this.#goAway(room);
  }

  #goAway(room: Room | null): void {
    this.#state = { phase: 'gone' };
    this.#options.onGone(room);
  }
}
