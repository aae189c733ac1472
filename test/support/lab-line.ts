import type { RoomConnection } from '../../server/sync/room-member.ts';
import type { Frame } from '../../server/sync/web-socket-frame.ts';
import type { Role } from '../../shared/participant.ts';

/** What a reader who has stopped seems to have waiting for him: enough to be behind. */
const STALLED_BYTES = 300 * 1024;

export interface LabLineOptions {
  readonly participantId: string;
  readonly wantsExtras: boolean;
  readonly role?: Role;
  /** Told once when the hub closes the connection. */
  readonly onClosed: (code: number) => void;
}

/** A connection without a socket, whose messages wait until the test delivers them. */
export class LabLine implements RoomConnection {
  readonly participantId: string;
  readonly role: Role;
  readonly wantsExtras: boolean;
  isOpen = true;
  onDrained: () => void = () => undefined;
  /** Messages on their way to the hub, and from it. */
  readonly toHub: Uint8Array[] = [];
  readonly toPeer: Uint8Array[] = [];
  /** How many step-2 and update messages have reached the hub: what it has to acknowledge. */
  written = 0;
  isPaused = false;
  takenBytes = 0;
  /** Set, the reader has stopped: nothing is taken from the hub. */
  isStalled = false;
  readonly #onClosed: (code: number) => void;

  constructor({ participantId, wantsExtras, role, onClosed }: LabLineOptions) {
    this.participantId = participantId;
    this.wantsExtras = wantsExtras;
    this.role = role ?? 'contributor';
    this.#onClosed = onClosed;
  }

  get bufferedBytes(): number {
    return this.isStalled ? STALLED_BYTES : 0;
  }

  send(frames: Frame): void {
    if (this.isOpen) this.toPeer.push(messageOf(frames));
  }

  /** The reader reads again. */
  readOn(): void {
    if (!this.isStalled) return;
    this.isStalled = false;
    this.takenBytes += STALLED_BYTES;
    this.onDrained();
  }

  pauseReading(): void {
    this.isPaused = true;
  }

  resumeReading(): void {
    this.isPaused = false;
  }

  close(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#onClosed(code);
  }
}

/** The message that unmasked WebSocket frames carry. */
function messageOf(frames: Frame): Uint8Array {
  return Buffer.concat(frames.map((frame) => frame.subarray(headerBytes(frame))));
}

function headerBytes(frame: Buffer): number {
  return (frame[1] ?? 0) === 126 ? 4 : 2;
}
