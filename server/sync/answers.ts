import * as Y from 'yjs';
import { encodeAwareness, encodeStep1, encodeStep2, encodeUpdate } from './client-message.ts';
import type { Presence } from './presence.ts';
import type { RoomLiveInk } from './room-live-ink.ts';
import type { Missed, RoomMember } from './room-member.ts';
import type { UnsavedChanges } from './unsaved-changes.ts';

export interface AnswersOptions {
  readonly doc: Y.Doc;
  readonly presence: Presence;
  readonly liveInk: RoomLiveInk;
  readonly unsaved: UnsavedChanges;
}

/** What one member is told of a canvas as it stands: when he comes, asks, or has caught up. */
export class Answers {
  readonly #options: AnswersOptions;
  /** Step 2 for whoever has nothing yet: the same for all who join between two changes. */
  #wholeStep2: Uint8Array | null = null;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The document has changed. */
  outdate(): void {
    this.#wholeStep2 = null;
  }

  /** Asks a member for what the server lacks. */
  askForRest(member: RoomMember): void {
    member.deliver(encodeStep1(Y.encodeStateVector(this.#options.doc)));
  }

  toStep1(member: RoomMember, stateVector: Uint8Array): void {
    if (member.postponesStep1(stateVector)) return;
    const isEmpty = stateVector.length === 1 && stateVector[0] === 0;
    member.deliver(isEmpty ? this.#step2OfAll() : this.#step2Since(stateVector));
    this.#sendUnfinished(member);
  }

  presence(member: RoomMember): void {
    const everybody = this.#options.presence.everybody();
    if (everybody) member.deliver(encodeAwareness(everybody));
  }

  /** Somebody was behind and has caught up: one difference stands for all that was held back. */
  makeUp(member: RoomMember, { stateVector, step1 }: Missed): void {
    if (step1) member.deliver(this.#step2Since(step1));
    else member.deliver(encodeUpdate(Y.encodeStateAsUpdate(this.#options.doc, stateVector)));
    this.presence(member);
    this.#sendUnfinished(member);
  }

  /** What the document does not tell: which changes are on disk, and what is being drawn. */
  #sendUnfinished(member: RoomMember): void {
    if (!member.wantsExtras) return;
    for (const change of this.#options.unsaved.sealed()) member.deliver(change);
    for (const frame of this.#options.liveInk.frames()) member.deliver(frame);
  }

  #step2OfAll(): Uint8Array {
    this.#wholeStep2 ??= encodeStep2(Y.encodeStateAsUpdate(this.#options.doc));
    return this.#wholeStep2;
  }

  #step2Since(stateVector: Uint8Array): Uint8Array {
    return encodeStep2(Y.encodeStateAsUpdate(this.#options.doc, stateVector));
  }
}
