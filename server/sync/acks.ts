import type { RoomMember } from './room-member.ts';

/** Acknowledgements on their way: one a member and commit, whatever it covers. */
export class Acks {
  readonly #due = new Map<RoomMember, number>();

  /** So many step-2 and update messages of the member are durable. */
  add(member: RoomMember, count: number): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#send());
    this.#due.set(member, count);
  }

  #send(): void {
    for (const [member, count] of this.#due) member.acknowledge(count);
    this.#due.clear();
  }
}
