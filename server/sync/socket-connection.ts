import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Role } from '../../shared/participant.ts';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import { PacedWriter } from './paced-writer.ts';
import type { RoomConnection } from './room-member.ts';
import type { Frame } from './web-socket-frame.ts';

/** How long a client has to answer a close before its line is cut. */
const GOODBYE_MS = 2_000;

/** Closes a socket with a word, and without one when that is not answered. */
export function hangUp(
  webSocket: WebSocket,
  { code, reason, withinMs = GOODBYE_MS }: HangUp,
): Promise<void> {
  if (webSocket.readyState === webSocket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    // Somebody who does not read does not answer, and all that waits for him stays in memory.
    const timer = setTimeout(() => webSocket.terminate(), withinMs);
    webSocket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    webSocket.close(code, reason);
  });
}

interface HangUp {
  readonly code: number;
  readonly reason: string;
  readonly withinMs?: number;
}

export interface SocketConnectionOptions {
  readonly webSocket: WebSocket;
  /** The line below it: frames that are ready are written there. */
  readonly socket: Duplex;
  readonly participantId: string;
  readonly role: Role;
}

/** A WebSocket as a room sees it. */
export class SocketConnection implements RoomConnection {
  readonly participantId: string;
  readonly role: Role;
  readonly wantsExtras: boolean;
  readonly #webSocket: WebSocket;
  readonly #writer: PacedWriter;

  constructor({ webSocket, socket, participantId, role }: SocketConnectionOptions) {
    this.participantId = participantId;
    this.role = role;
    this.wantsExtras = webSocket.protocol === SYNC_SUBPROTOCOL;
    this.#webSocket = webSocket;
    this.#writer = new PacedWriter(socket);
  }

  set onDrained(tell: () => void) {
    this.#writer.onDrained = tell;
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#writer.bufferedBytes;
  }

  get takenBytes(): number {
    return this.#writer.takenBytes;
  }

  send(frames: Frame): void {
    if (this.isOpen) this.#writer.write(frames);
  }

  pauseReading(): void {
    this.#webSocket.pause();
  }

  resumeReading(): void {
    this.#webSocket.resume();
  }

  close(code: number, reason: string): void {
    this.#writer.clear();
    void hangUp(this.#webSocket, { code, reason });
  }
}
