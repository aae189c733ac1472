import type { Duplex } from 'node:stream';
import type { Frame } from './web-socket-frame.ts';
import { bytesOf } from './web-socket-frame.ts';

/** So much is handed to the network at a time; the rest waits here, as references to shared bytes. */
const IN_FLIGHT_BYTES = 64 * 1024;

/**
 * Writes frames to a socket at the pace at which its reader takes them, and knows how far that is.
 * Other writers (the WebSocket library's pings and closes) may write whole frames in between.
 */
export class PacedWriter {
  readonly #socket: Duplex;
  readonly #queue: Buffer[] = [];
  /** Called when a reader for whom something waited has taken it. */
  onDrained: (() => void) | null = null;
  #queuedBytes = 0;
  #writtenBytes = 0;
  #awaitsDrain = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Accepted, but not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Taken by the network since the beginning; it rises as long as the reader reads. */
  get takenBytes(): number {
    return this.#writtenBytes - this.#socket.writableLength;
  }

  write(frames: Frame): void {
    const [only] = frames;
    // As good as always: one frame, and a reader who has taken everything before it.
    if (only && frames.length === 1 && this.#queue.length === 0 && !this.#isFull)
      return this.#pass(only);
    this.#queue.push(...frames);
    this.#queuedBytes += bytesOf(frames);
    this.#passOn();
  }

  /** Nothing more is to be sent: what waits is given up. */
  clear(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  get #isFull(): boolean {
    return this.#socket.writableLength >= IN_FLIGHT_BYTES;
  }

  /** Most readers never need it: listening only then costs the others no memory. */
  #awaitDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#socket.once('drain', () => {
      this.#awaitsDrain = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#passOn();
    // Less than the socket's own mark may still be in flight: of that it says nothing any more.
    if (this.#queue.length === 0 && !this.#socket.writableNeedDrain) this.onDrained?.();
  }

  #passOn(): void {
    while (this.#queue.length > 0 && !this.#isFull) {
      const bytes = this.#queue.shift();
      if (!bytes) return;
      this.#queuedBytes -= bytes.length;
      this.#pass(bytes);
    }
  }

  #pass(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#writtenBytes += bytes.length;
    if (!this.#socket.write(bytes)) this.#awaitDrain();
  }
}
