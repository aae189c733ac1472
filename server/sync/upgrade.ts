import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { MAX_CONNECTIONS_PER_ROOM, MAX_SYNC_MESSAGE_BYTES } from '../../shared/limits.ts';
import type { Role } from '../../shared/participant.ts';
import { CLOSE_CODES, SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';
import type { SyncCounters } from './counters.ts';
import type { RoomLease, Rooms, SyncLogger } from './rooms.ts';
import type { RoomMember } from './room-member.ts';
import { SocketConnection } from './socket-connection.ts';

/** What comes in before the room is ready is kept up to so much. */
const MAX_WAITING_BYTES = 256 * 1024;
const PING_EVERY_MS = 20_000;
/** How long a client has to answer a close. */
const GOODBYE_MS = 500;
const CANVAS_PATH = /^\/sync\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export type Authorisation =
  | { readonly ok: true; readonly participantId: string; readonly role: Role }
  | { readonly ok: false; readonly closeCode: number };

export interface SyncUpgradeOptions {
  readonly rooms: Rooms;
  /** Who asks, and what they may do on this canvas. */
  readonly authorise: (request: IncomingMessage, canvasId: string) => Promise<Authorisation>;
  readonly logger: SyncLogger;
  readonly counters: SyncCounters;
  /** How often each client has to show that it is there. */
  readonly pingEveryMs?: number | undefined;
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
  const stopPings = pingAll(server, options.pingEveryMs ?? PING_EVERY_MS);
  return {
    handle: (request, socket, head) => {
      // A peer that resets the line during the handshake is no reason to stop.
      socket.on('error', () => socket.destroy());
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // Without a server of its own, ws leaves this event to us; the pings wait for it.
        server.emit('connection', webSocket, request);
        const seat = new Seat(webSocket, options);
        void seat.take(request);
      });
    },
    close: async () => {
      stopPings();
      await Promise.all([...server.clients].map((client) => endSocket(client)));
      server.close();
    },
  };
}

/** A socket on its way into a room, and in it. */
class Seat {
  readonly #socket: WebSocket;
  readonly #options: SyncUpgradeOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #place: { readonly member: RoomMember; readonly lease: RoomLease } | null = null;

  /** Listens at once: what arrives, or breaks, before the room is ready must find somebody. */
  constructor(socket: WebSocket, options: SyncUpgradeOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('error', () => this.#countBadMessage());
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('close', () => this.#leave());
  }

  async take(request: IncomingMessage): Promise<void> {
    try {
      const canvasId = canvasIdOf(request);
      if (!canvasId) return this.#socket.close(CLOSE_CODES.gone, 'No such canvas');
      const person = await this.#options.authorise(request, canvasId);
      if (!person.ok) return this.#socket.close(person.closeCode, 'Not allowed');
      const lease = await this.#options.rooms.hold(canvasId);
      this.#sit(lease, new SocketConnection(this.#socket, person));
    } catch (error) {
      const { code, reason } = closeCodeOf(error);
      if (!(error instanceof AppError))
        this.#options.logger.error({ err: error }, 'sync.join_failed');
      this.#socket.close(code, reason);
    }
  }

  #sit(lease: RoomLease, connection: SocketConnection): void {
    if (!connection.isOpen) return lease.release();
    if (lease.room.memberCount >= MAX_CONNECTIONS_PER_ROOM) {
      lease.release();
      return connection.close(CLOSE_CODES.notReady, 'This canvas is full');
    }
    this.#place = { lease, member: lease.room.join(connection) };
    for (const bytes of this.#waiting.splice(0)) this.#receive(bytes);
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!isBinary || !(data instanceof Uint8Array)) return this.#refuseMessage('Not binary');
    if (this.#place) return this.#receive(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#waiting = [];
      return this.#socket.close(CLOSE_CODES.notReady, 'Too much before the canvas was ready');
    }
    this.#waiting.push(data);
  }

  #receive(bytes: Uint8Array): void {
    // Frames that were read together with the one that closed it.
    if (!this.#place || this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      this.#place.lease.room.receive(this.#place.member, bytes);
    } catch (error) {
      this.#options.logger.warn({ reason: String(error) }, 'sync.bad_message');
      this.#refuseMessage('Malformed message');
    }
  }

  #refuseMessage(reason: string): void {
    this.#countBadMessage();
    this.#socket.close(CLOSE_CODES.badMessage, reason);
  }

  #countBadMessage(): void {
    this.#options.counters.badMessages += 1;
  }

  #leave(): void {
    this.#waiting = [];
    if (!this.#place) return;
    const { lease, member } = this.#place;
    this.#place = null;
    lease.room.leave(member);
    lease.release();
  }
}

function canvasIdOf(request: IncomingMessage): string | null {
  const [path = ''] = (request.url ?? '').split('?');
  return CANVAS_PATH.exec(path)?.[1]?.toLowerCase() ?? null;
}

function closeCodeOf(error: unknown): { readonly code: number; readonly reason: string } {
  if (!(error instanceof AppError)) return { code: CLOSE_CODES.notReady, reason: 'Not ready' };
  const { code, message: reason } = error;
  if (code === 'canvas.unknown') return { code: CLOSE_CODES.gone, reason };
  if (code === 'server.stopping') return { code: CLOSE_CODES.restarting, reason };
  return { code: CLOSE_CODES.notReady, reason };
}

/** Closes a socket with a word, and without one when that is not answered. */
async function endSocket(socket: WebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(CLOSE_CODES.restarting, 'Restarting');
  });
}

/** Ends connections that have not answered for a whole interval. Returns its undo. */
function pingAll(server: WebSocketServer, everyMs: number): () => void {
  const silent = new WeakSet<WebSocket>();
  server.on('connection', (socket: WebSocket) => socket.on('pong', () => silent.delete(socket)));
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, everyMs);
  return () => clearInterval(timer);
}
