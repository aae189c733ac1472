import type { WebSocket } from 'ws';
import type { Role } from '../../shared/participant.ts';
import { SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import type { RoomConnection } from './room-member.ts';

/** A WebSocket as a room sees it. */
export class SocketConnection implements RoomConnection {
  readonly participantId: string;
  readonly role: Role;
  readonly wantsExtras: boolean;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, person: { readonly participantId: string; readonly role: Role }) {
    this.#socket = socket;
    this.participantId = person.participantId;
    this.role = person.role;
    this.wantsExtras = socket.protocol === SYNC_SUBPROTOCOL;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: Uint8Array): void {
    this.#socket.send(message);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
