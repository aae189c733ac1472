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

/** How often changes of presence go out, all in one message. */
const TICK_MS = 50;
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

/**
 * Who is on a canvas: y-protocols' awareness, with states bounded, owned by their connection and
 * sent once a tick. The last value wins, so a state that is overtaken costs nothing.
 */
export class Presence {
  readonly #awareness: Awareness;
  readonly #clock: Clock;
  readonly #send: (update: Uint8Array) => void;
  readonly #owners = new Map<number, PresenceOwner>();
  readonly #changed = new Set<number>();
  #stopTick: (() => void) | null = null;

  constructor(doc: Y.Doc, clock: Clock, send: (update: Uint8Array) => void) {
    this.#awareness = new Awareness(doc);
    // The server is no person on the canvas.
    this.#awareness.setLocalState(null);
    this.#clock = clock;
    this.#send = send;
    this.#awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>) =>
      this.#sendSoon([...changes.added, ...changes.updated, ...changes.removed]),
    );
  }

  /** Takes in what a connection says of itself. Throws when it is malformed. */
  receive(update: Uint8Array, owner: PresenceOwner): void {
    const states = readStates(update).filter((state) => this.#isOwn(state, owner));
    for (const { clientId, json } of states) {
      if (json !== 'null') this.#owners.set(clientId, owner);
    }
    applyAwarenessUpdate(this.#awareness, writeStates(states), owner);
  }

  /** Everybody's state as one update, or null when nobody is there. */
  everybody(): Uint8Array | null {
    const ids = [...this.#awareness.getStates().keys()];
    return ids.length > 0 ? encodeAwarenessUpdate(this.#awareness, ids) : null;
  }

  /** A connection has gone, and its states with it. */
  leave(owner: PresenceOwner): void {
    const ids = [...this.#owners].filter(([, of]) => of === owner).map(([id]) => id);
    for (const id of ids) this.#owners.delete(id);
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
    this.#stopTick ??= this.#clock.after(TICK_MS, () => {
      this.#stopTick = null;
      const changed = [...this.#changed].filter((id) => this.#awareness.meta.has(id));
      this.#changed.clear();
      if (changed.length > 0) this.#send(encodeAwarenessUpdate(this.#awareness, changed));
    });
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
