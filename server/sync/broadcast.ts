import * as Y from 'yjs';
import { encodeBatch, encodeSealedUpdate } from '../../shared/sync-protocol.ts';
import { encodeUpdate } from './client-message.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import type { RoomMember } from './room-member.ts';
import type { Seals } from './seals.ts';
import { frameOf } from './web-socket-frame.ts';

/** Who has just been sent something is sent the next thing after so long, with all that came ... */
const FLUSH_EVERY_MS = 16;
/** ... or up to so much sooner: all rooms keep one beat, so that the process wakes for many at once. */
const BEAT_MS = 8;

interface Due {
  readonly message: Uint8Array;
  readonly sender: RoomMember | null;
  readonly kind: 'update' | 'live' | 'presence';
}

/** A change of the document on its way to everybody. */
export interface SpreadUpdate {
  readonly update: Uint8Array;
  readonly authorId: string | null;
  /** Who has it already. */
  readonly sender: RoomMember | null;
  /** The document's state before it, clocks by client. */
  readonly before: ReadonlyMap<number, number>;
}

export interface BroadcastOptions {
  readonly doc: Y.Doc;
  readonly members: ReadonlySet<RoomMember>;
  readonly seals: Seals;
  readonly clock: Clock;
  readonly counters: SyncCounters;
}

/**
 * What goes to everybody on a canvas. The first thing goes at once; what comes in the 8 to 16 ms
 * after it goes together, as one frame that is built once. So a quiet canvas is as fast as the line, and
 * on a busy one the work grows with the people, not with their square.
 */
export class Broadcast {
  readonly #options: BroadcastOptions;
  #due: Due[] = [];
  /** The document before the first update that is due. */
  #sentState: ReadonlyMap<number, number> | null = null;
  #stopWaiting: (() => void) | null = null;

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  /** How far the document has been sent to everybody, as a state vector. */
  get sentState(): Uint8Array {
    const before = this.#sentState;
    return before ? Y.encodeStateVector(new Map(before)) : Y.encodeStateVector(this.#options.doc);
  }

  /** A change of the document. Clients of our own can bring it back should the hub die with it. */
  update({ update, authorId, sender, before }: SpreadUpdate): void {
    const others = [...this.#options.members].filter((member) => member !== sender);
    if (others.some(({ wantsExtras }) => wantsExtras)) {
      const seal = this.#options.seals.seal(authorId, update);
      this.#sentState ??= before;
      this.#add({
        message: encodeSealedUpdate({ authorId, update, seal }),
        sender,
        kind: 'update',
      });
    }
    const stock = others.filter(({ wantsExtras }) => !wantsExtras);
    if (stock.length === 0) return;
    const frames = frameOf(encodeUpdate(update));
    for (const member of stock) member.follow(frames);
  }

  /** A piece of live ink; stock clients would not understand it. */
  live(message: Uint8Array, sender: RoomMember | null): void {
    this.#add({ message, sender, kind: 'live' });
  }

  /** A change of who is there. Also to whom it came from: a stock client takes silence for death. */
  presence(message: Uint8Array): void {
    this.#add({ message, sender: null, kind: 'presence' });
    const frames = frameOf(message);
    for (const member of this.#options.members) if (!member.wantsExtras) member.follow(frames, 1);
  }

  destroy(): void {
    this.#stopWaiting?.();
    this.#due = [];
  }

  #add(due: Due): void {
    this.#due.push(due);
    if (!this.#stopWaiting) this.#flush();
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    this.#sentState = null;
    this.#send(due);
    const { clock } = this.#options;
    this.#stopWaiting = clock.after(FLUSH_EVERY_MS - (clock.now() % BEAT_MS), () => {
      this.#stopWaiting = null;
      if (this.#due.length > 0) this.#flush();
    });
  }

  #send(due: readonly Due[]): void {
    const [first] = due;
    if (!first) return;
    const { members, counters } = this.#options;
    const lossy = due.filter(({ kind }) => kind !== 'update').length;
    const live = due.filter(({ kind }) => kind === 'live').length;
    // Everybody gets the same frame; only who would get nothing but his own is left out.
    const author = due.every(({ sender }) => sender === first.sender) ? first.sender : null;
    const frames = frameOf(
      due.length === 1 ? first.message : encodeBatch(due.map(({ message }) => message)),
    );
    for (const member of members) {
      if (!member.wantsExtras || member === author) continue;
      if (member.follow(frames, lossy)) counters.liveFramesDelivered += live;
    }
  }
}
