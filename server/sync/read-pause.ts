import { MAX_UNSAVED_BYTES } from '../../shared/limits.ts';
import type { CanvasWriter } from './canvas-writer.ts';
import type { RoomMember } from './room-member.ts';

/**
 * Holds the people on a canvas back while too much of it waits for the database: they are not read,
 * so that what they send waits with them. Read again when half of it is saved.
 */
export class ReadPause {
  readonly #writer: CanvasWriter;
  readonly #members: ReadonlySet<RoomMember>;
  readonly #paused = new Set<RoomMember>();

  constructor(writer: CanvasWriter, members: ReadonlySet<RoomMember>) {
    this.#writer = writer;
    this.#members = members;
    writer.onCommitted = () => this.#readOn();
  }

  /** Something was written. */
  check(): void {
    if (this.#writer.unsaved.bytes <= MAX_UNSAVED_BYTES) return;
    for (const member of this.#members) {
      member.pauseReading();
      this.#paused.add(member);
    }
  }

  forget(member: RoomMember): void {
    this.#paused.delete(member);
  }

  #readOn(): void {
    if (this.#writer.unsaved.bytes > MAX_UNSAVED_BYTES / 2) return;
    for (const member of this.#paused) member.resumeReading();
    this.#paused.clear();
  }
}
