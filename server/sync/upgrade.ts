import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { MAX_SYNC_MESSAGE_BYTES } from '../../shared/limits.ts';
import type { Role } from '../../shared/participant.ts';
import { CLOSE_CODES, MESSAGE_SYNC, SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import type { SyncCounters } from './counters.ts';
import type { RoomLease, Rooms, SyncLogger } from './rooms.ts';
import type { RoomMember } from './room-member.ts';
import type { SocketConnectionOptions } from './socket-connection.ts';
import { hangUp, SocketConnection } from './socket-connection.ts';
import type { Traffic } from './traffic.ts';

/** What comes in before the room is ready is kept up to so much. */
const MAX_WAITING_BYTES = 256 * 1024;
/** How long a client has to answer when the server ends. */
const GOODBYE_MS = 500;
const CANVAS_PATH = /^\/sync\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** A client sends one when it comes, and one more now and then. */
const STEP_1_COSTS_MESSAGES = 12;

interface Refusal {
  readonly code: number;
  readonly reason: string;
}

const ROOM_IS_FULL: Refusal = { code: CLOSE_CODES.notReady, reason: 'This canvas is full' };
const OTHER_GENERATION: Refusal = {
  code: CLOSE_CODES.otherGeneration,
  reason: 'This canvas was begun anew',
};
const RESTARTING: Refusal = { code: CLOSE_CODES.restarting, reason: 'Restarting' };
const TOO_MANY_CANVASES: Refusal = {
  code: CLOSE_CODES.rateLimited,
  reason: 'You have too many canvases open',
};
const TOO_MUCH_SENT: Refusal = { code: CLOSE_CODES.rateLimited, reason: 'Too much at once' };

export type Authorisation =
  | { readonly ok: true; readonly participantId: string; readonly role: Role }
  | { readonly ok: false; readonly closeCode: number };

export interface SyncUpgradeOptions {
  readonly rooms: Rooms;
  /** Who asks, and what they may do on this canvas. */
  readonly authorise: (request: IncomingMessage, canvasId: string) => Promise<Authorisation>;
  readonly logger: SyncLogger;
  readonly counters: SyncCounters;
  readonly traffic: Traffic;
  /** Told who has just come into a room. */
  readonly onJoined: (participantId: string) => void;
  /** How often each client has to show that it is there. */
  readonly pingEveryMs: number;
  readonly maxConnectionsPerRoom: number;
}

export interface SyncUpgrade {
  /** Takes an HTTP upgrade for `/sync/<canvasId>`. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells everybody to come back later, and ends who does not answer soon. */
  close(): Promise<void>;
}

/**
 * Turns HTTP upgrades into people in rooms. Every upgrade is finished first and refused by a close
 * code after: a browser cannot see why an upgrade failed, and stock clients retry one for ever.
 */
export function createSyncUpgrade(options: SyncUpgradeOptions): SyncUpgrade {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_SYNC_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(SYNC_SUBPROTOCOL) ? SYNC_SUBPROTOCOL : false),
  });
  const stopPings = pingAll(server, options.pingEveryMs);
  // One function for all, which takes no memory for each.
  const countBadMessage = (): void => {
    options.counters.badMessages += 1;
  };
  return {
    handle: (request, socket, head) => {
      socket.on('error', endOnError);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('error', endOnError);
        // Without a server of its own, ws leaves this event to us; the pings wait for it.
        server.emit('connection', webSocket, request);
        webSocket.on('error', countBadMessage);
        void new Seat(webSocket, options).take(request, socket);
      });
    },
    close: async () => {
      stopPings();
      const goodbye = { code: CLOSE_CODES.restarting, reason: 'Restarting', withinMs: GOODBYE_MS };
      await Promise.all([...server.clients].map((client) => hangUp(client, goodbye)));
      server.close();
    },
  };
}

/** A peer that resets the line during the handshake is no reason to stop. */
function endOnError(this: Duplex): void {
  this.destroy();
}

/** What came before its sender was seated. */
interface Waiting {
  readonly messages: Uint8Array[];
  bytes: number;
}

/** A socket on its way into a room, and in it. */
class Seat {
  readonly #webSocket: WebSocket;
  readonly #options: SyncUpgradeOptions;
  #waiting: Waiting | null = { messages: [], bytes: 0 };
  #lease: RoomLease | null = null;
  #member: RoomMember | null = null;

  /** Listens at once: what arrives, or breaks, before the room is ready must find somebody. */
  constructor(webSocket: WebSocket, options: SyncUpgradeOptions) {
    this.#webSocket = webSocket;
    this.#options = options;
    webSocket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on('close', () => this.#leave());
  }

  /** `socket` is the line below the WebSocket. */
  async take(request: IncomingMessage, socket: Duplex): Promise<void> {
    try {
      const asked = readAddress(request);
      if (!asked) return this.#close(CLOSE_CODES.gone, 'No such canvas');
      const person = await this.#options.authorise(request, asked.canvasId);
      if (!person.ok) return this.#close(person.closeCode, 'Not allowed');
      const lease = await this.#options.rooms.hold(asked.canvasId);
      const refusal = this.#refusalOf(lease, asked);
      if (!refusal && this.#options.traffic.enter(person.participantId))
        return this.#sit(lease, { ...person, webSocket: this.#webSocket, socket });
      lease.release();
      this.#refuse(refusal ?? TOO_MANY_CANVASES);
    } catch (error) {
      const { code, reason } = closeCodeOf(error);
      if (!(error instanceof AppError))
        this.#options.logger.error({ err: error }, 'sync.join_failed');
      this.#close(code, reason);
    }
  }

  #refusalOf({ room }: RoomLease, { generation }: Address): Refusal | null {
    if (this.#options.rooms.isClosing) return RESTARTING;
    if (generation !== null && generation !== room.generation) return OTHER_GENERATION;
    return room.memberCount >= this.#options.maxConnectionsPerRoom ? ROOM_IS_FULL : null;
  }

  #sit(lease: RoomLease, whoAndHow: SocketConnectionOptions): void {
    const connection = new SocketConnection(whoAndHow);
    const early = this.#waiting?.messages ?? [];
    this.#waiting = null;
    this.#lease = lease;
    this.#member = lease.room.join(connection);
    if (!connection.isOpen) return this.#leave();
    for (const bytes of early) this.#receive(bytes);
    this.#options.onJoined(connection.participantId);
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!isBinary || !(data instanceof Uint8Array)) return this.#refuseMessage('Not binary');
    if (!this.#waiting) return this.#receive(data);
    this.#waiting.bytes += data.length;
    this.#waiting.messages.push(data);
    if (this.#waiting.bytes <= MAX_WAITING_BYTES) return;
    this.#waiting.messages.length = 0;
    this.#close(CLOSE_CODES.notReady, 'Too much before the canvas was ready');
  }

  #receive(bytes: Uint8Array): void {
    const member = this.#member;
    // Frames that were read together with the one that closed it.
    if (!member || this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const messages = isStep1(bytes) ? STEP_1_COSTS_MESSAGES : 1;
    if (!this.#options.traffic.spend(member.participantId, { messages, bytes: bytes.length }))
      return this.#refuse(TOO_MUCH_SENT);
    try {
      this.#lease?.room.receive(member, bytes);
    } catch (error) {
      this.#options.logger.warn({ reason: String(error) }, 'sync.bad_message');
      this.#refuseMessage('Malformed message');
    }
  }

  #refuse({ code, reason }: Refusal): void {
    if (code === CLOSE_CODES.rateLimited) this.#options.counters.rateLimited += 1;
    this.#close(code, reason);
  }

  #refuseMessage(reason: string): void {
    this.#options.counters.badMessages += 1;
    this.#close(CLOSE_CODES.badMessage, reason);
  }

  #close(code: number, reason: string): void {
    void hangUp(this.#webSocket, { code, reason });
  }

  #leave(): void {
    this.#waiting = null;
    const [lease, member] = [this.#lease, this.#member];
    if (!lease || !member) return;
    this.#lease = null;
    this.#member = null;
    this.#options.traffic.leave(member.participantId);
    lease.room.leave(member);
    lease.release();
  }
}

/** What an upgrade asks for. */
interface Address {
  readonly canvasId: string;
  /** Which generation of the document the client holds; null: it does not say. */
  readonly generation: number | null;
}

function readAddress(request: IncomingMessage): Address | null {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canvasId = CANVAS_PATH.exec(path)?.[1]?.toLowerCase();
  if (canvasId === undefined) return null;
  const generation = new URLSearchParams(query).get('generation');
  return { canvasId, generation: generation === null ? null : Number(generation) };
}

/** A step 1 asks for a difference, which can cost a hundred times what other messages do. */
function isStep1(bytes: Uint8Array): boolean {
  return bytes[0] === MESSAGE_SYNC && bytes[1] === 0;
}

function closeCodeOf(error: unknown): Refusal {
  if (!(error instanceof AppError)) return { code: CLOSE_CODES.notReady, reason: 'Not ready' };
  const { code, message: reason } = error;
  if (code === 'canvas.unknown') return { code: CLOSE_CODES.gone, reason };
  if (code === 'server.stopping') return { code: CLOSE_CODES.restarting, reason };
  return { code: CLOSE_CODES.notReady, reason };
}

/** Ends connections that have not answered for a whole interval. Returns its undo. */
function pingAll(server: WebSocketServer, everyMs: number): () => void {
  const silent = new WeakSet<WebSocket>();
  // One function for all, which takes no memory for each.
  function hear(this: WebSocket): void {
    silent.delete(this);
  }
  server.on('connection', (socket: WebSocket) => socket.on('pong', hear));
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      // Whom the hub itself does not read cannot be heard either.
      if (socket.isPaused) continue;
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, everyMs);
  return () => clearInterval(timer);
}
