import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { MAX_AWARENESS_BYTES } from '../../shared/limits.ts';
import type { Clock } from './clock.ts';

/** How often changes of presence go out, all in one message: so often for every 20 people. */
const TICK_MS = 50;
const PEOPLE_PER_TICK = 20;
/** What is more than this goes out with the next tick. */
const MAX_BYTES_PER_TICK = 64 * 1024;
/** More states than a client and its reconnects need are not one person's. */
const MAX_STATES_PER_OWNER = 4;

/** The connection that a state came in by. */
export interface PresenceOwner {
  readonly participantId: string;
}

interface State {
  readonly clientId: number;
  readonly clock: number;
  readonly json: string;
}

export interface PresenceOptions {
  readonly doc: Y.Doc;
  readonly clock: Clock;
  /** How many would be told. */
  readonly countMembers: () => number;
  readonly send: (update: Uint8Array) => void;
}

/**
 * Who is on a canvas: y-protocols' awareness, with states bounded, owned by their connection and
 * sent once a tick. The last value wins, so a state that is overtaken costs nothing. Everybody's
 * state goes to everybody: the more there are, the rarer the ticks.
 */
export class Presence {
  readonly #awareness: Awareness;
  readonly #options: PresenceOptions;
  readonly #owners = new Map<number, PresenceOwner>();
  readonly #changed = new Set<number>();
  /** How long each state is, encoded. */
  readonly #bytes = new Map<number, number>();
  #stopTick: (() => void) | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#awareness = new Awareness(options.doc);
    // The server is no person on the canvas.
    this.#awareness.setLocalState(null);
    this.#awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>) =>
      this.#sendSoon([...changes.added, ...changes.updated, ...changes.removed]),
    );
  }

  /** Takes in what a connection says of itself. Throws when it is malformed. */
  receive(update: Uint8Array, owner: PresenceOwner): void {
    const states = readStates(update).filter((state) => this.#isOwn(state, owner));
    for (const { clientId, json } of states) {
      if (json !== 'null') this.#owners.set(clientId, owner);
      this.#bytes.set(clientId, json.length);
    }
    applyAwarenessUpdate(this.#awareness, writeStates(states), owner);
  }

  /** Everybody's state as one update, or null when nobody is there. */
  everybody(): Uint8Array | null {
    const ids = [...this.#awareness.getStates().keys()];
    return ids.length > 0 ? encodeAwarenessUpdate(this.#awareness, ids) : null;
  }

  /** The Yjs client ids by which a connection is there. */
  idsOf(owner: PresenceOwner): ReadonlySet<number> {
    return new Set([...this.#owners].filter(([, of]) => of === owner).map(([id]) => id));
  }

  /** A connection has gone, and its states with it. */
  leave(owner: PresenceOwner): void {
    const ids = [...this.idsOf(owner)];
    for (const id of ids) {
      this.#owners.delete(id);
      this.#bytes.delete(id);
    }
    removeAwarenessStates(this.#awareness, ids, owner);
  }

  destroy(): void {
    // In this order: leaving is itself a change that would be sent with the next tick.
    this.#awareness.destroy();
    this.#stopTick?.();
  }

  /**
   * Clients echo the states of others: only what comes from a state's own connection counts, or
   * what is newer from the same person, whose earlier connection has not been missed yet.
   */
  #isOwn(state: State, owner: PresenceOwner): boolean {
    if (state.json.length > MAX_AWARENESS_BYTES) return false;
    const holder = this.#owners.get(state.clientId);
    if (holder === owner) return true;
    const known = this.#awareness.meta.get(state.clientId);
    if (state.json === 'null' || state.clock <= (known?.clock ?? -1)) return false;
    if (holder) return holder.participantId === owner.participantId;
    return [...this.#owners.values()].filter((of) => of === owner).length < MAX_STATES_PER_OWNER;
  }

  #sendSoon(ids: readonly number[]): void {
    for (const id of ids) this.#changed.add(id);
    if (this.#changed.size === 0) return;
    const ticks = Math.max(1, Math.ceil(this.#options.countMembers() / PEOPLE_PER_TICK));
    this.#stopTick ??= this.#options.clock.after(ticks * TICK_MS, () => {
      this.#stopTick = null;
      this.#sendChanged();
    });
  }

  #sendChanged(): void {
    const due: number[] = [];
    let bytes = 0;
    for (const id of this.#changed) {
      if (bytes > MAX_BYTES_PER_TICK) break;
      this.#changed.delete(id);
      if (!this.#awareness.meta.has(id)) continue;
      due.push(id);
      bytes += this.#bytes.get(id) ?? 0;
    }
    if (due.length > 0) this.#options.send(encodeAwarenessUpdate(this.#awareness, due));
    this.#sendSoon([]);
  }
}

function readStates(update: Uint8Array): State[] {
  const decoder = decoding.createDecoder(update);
  const count = decoding.readVarUint(decoder);
  const states: State[] = [];
  for (let i = 0; i < count; i++) {
    const clientId = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    states.push({ clientId, clock, json: decoding.readVarString(decoder) });
  }
  return states;
}

function writeStates(states: readonly State[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, states.length);
  for (const { clientId, clock, json } of states) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, json);
  }
  return encoding.toUint8Array(encoder);
}
