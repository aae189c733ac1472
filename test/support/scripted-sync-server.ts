import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { encodeAck, MESSAGE_SYNC, SYNC_SUBPROTOCOL } from '../../shared/sync-protocol.ts';

/** One connection as the server has seen it. */
export interface SeenConnection {
  /** The path and query it was opened with. */
  readonly url: string;
  readonly openedAt: number;
  /** The types of the messages that came, in their order. */
  readonly types: number[];
  /** Whole messages that came. */
  readonly messages: Uint8Array[];
  send(message: Uint8Array): void;
  close(code: number): void;
}

/**
 * A sync server that does what a test says: it keeps one document in memory, acknowledges everything
 * unless told otherwise, and sends whatever bytes it is given.
 */
export class ScriptedSyncServer {
  readonly connections: SeenConnection[] = [];
  readonly doc = new Y.Doc();
  /** False: nothing is acknowledged. */
  saves = true;
  /** Every connection is closed with it as soon as it is open. */
  refusesWith: number | null = null;
  readonly url: string;
  readonly #http: ReturnType<typeof createServer>;
  readonly #sockets: WebSocketServer;

  private constructor(http: ReturnType<typeof createServer>) {
    const { port } = http.address() as AddressInfo;
    this.url = `ws://127.0.0.1:${port}/sync`;
    this.#http = http;
    this.#sockets = new WebSocketServer({ server: http, handleProtocols: () => SYNC_SUBPROTOCOL });
    this.#sockets.on('connection', (socket, request) => this.#seat(socket, request.url ?? ''));
  }

  static async start(): Promise<ScriptedSyncServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new ScriptedSyncServer(http);
  }

  /** The newest connection. */
  get last(): SeenConnection {
    const last = this.connections.at(-1);
    if (!last) throw new Error('Nobody has come yet');
    return last;
  }

  async stop(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #seat(socket: WebSocket, url: string): void {
    const seen: SeenConnection = {
      ...{ url, openedAt: performance.now(), types: [], messages: [] },
      send: (message) => socket.send(message),
      close: (code) => socket.close(code),
    };
    this.connections.push(seen);
    if (this.refusesWith !== null) return socket.close(this.refusesWith);
    let writes = 0;
    socket.on('message', (data: Buffer) => {
      const bytes = new Uint8Array(data);
      seen.messages.push(bytes);
      seen.types.push(bytes[0] ?? -1);
      const answer = this.#read(bytes);
      if (answer.isWrite) writes += 1;
      if (answer.reply) socket.send(answer.reply);
      if (answer.isWrite && this.saves) socket.send(encodeAck(writes));
    });
    const hello = encoding.createEncoder();
    encoding.writeVarUint(hello, MESSAGE_SYNC);
    syncProtocol.writeSyncStep1(hello, this.doc);
    socket.send(encoding.toUint8Array(hello));
  }

  #read(bytes: Uint8Array): { isWrite: boolean; reply: Uint8Array | null } {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readVarUint(decoder) !== MESSAGE_SYNC) return { isWrite: false, reply: null };
    const reply = encoding.createEncoder();
    encoding.writeVarUint(reply, MESSAGE_SYNC);
    const step = syncProtocol.readSyncMessage(decoder, reply, this.doc, this);
    const isWrite = step !== syncProtocol.messageYjsSyncStep1;
    return { isWrite, reply: isWrite ? null : encoding.toUint8Array(reply) };
  }
}
