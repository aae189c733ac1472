import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Role } from '../../shared/participant.ts';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import { PacedWriter } from './paced-writer.ts';
import type { RoomConnection } from './room-member.ts';
import type { Frame } from './web-socket-frame.ts';

/** How long a client has to answer a close before its line is cut. */
const GOODBYE_MS = 2_000;

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
  onDrained: () => void = () => undefined;
  readonly #webSocket: WebSocket;
  readonly #writer: PacedWriter;

  constructor({ webSocket, socket, participantId, role }: SocketConnectionOptions) {
    this.participantId = participantId;
    this.role = role;
    this.wantsExtras = webSocket.protocol === SYNC_SUBPROTOCOL;
    this.#webSocket = webSocket;
    this.#writer = new PacedWriter(socket, () => this.onDrained());
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
    this.#webSocket.close(code, reason);
    // Somebody who does not read does not answer either, and all that waits for him stays in memory.
    const timer = setTimeout(() => this.#webSocket.terminate(), GOODBYE_MS);
    this.#webSocket.once('close', () => clearTimeout(timer));
  }
}
