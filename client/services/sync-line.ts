import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Awareness } from 'y-protocols/awareness';
import { messageYjsSyncStep1 } from 'y-protocols/sync';
import type { Doc } from 'yjs';
import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import {
  CLOSE_CODES,
  MESSAGE_BATCH,
  MESSAGE_SYNC,
  readBatch,
  SYNC_SUBPROTOCOL,
} from '../../shared/sync-protocol.ts';
import { CountingSocket } from './counting-socket.ts';
import { whenReachable } from './reachability.ts';
import { Reconnects } from './reconnects.ts';
import { meaningOfClose } from './saving.ts';
import { encodeInParts } from './step2-parts.ts';

/** What the browser says when a connection ends without a word. */
const NO_WORD = 1006;

export interface SyncLineOptions {
  readonly doc: Doc;
  readonly canvasId: string;
  /** Where `/sync` is, `ws://…/sync`. */
  readonly serverUrl: string;
  /** The generation of the document that this page holds. */
  readonly generation: number;
  /** From 0 to 1, for the waits between attempts. */
  readonly random: () => number;
}

type Handler = WebsocketProvider['messageHandlers'][number];

/**
 * The line of one document to the server: the `y-websocket` client, with batches, counted messages,
 * and a way of its own to come back. Events: `connected`, `asked` (the server has told its state
 * vector, the detail, and is about to get the step 2), `synced`, `lost`, and `closed` with the code.
 */
export class SyncLine extends EventTarget {
  readonly #provider: WebsocketProvider;
  readonly #reconnects: Reconnects;
  readonly #unwatch: () => void;
  #isStopping = false;

  constructor({ doc, canvasId, serverUrl, generation, random }: SyncLineOptions) {
    super();
    this.#provider = new WebsocketProvider(serverUrl, canvasId, doc, {
      connect: false,
      disableBc: true,
      params: { generation: String(generation) },
      protocols: [SYNC_SUBPROTOCOL],
      // Its own way has no jitter: a server that restarts would meet everybody at once.
      shouldReconnect: () => false,
      WebSocketPolyfill: CountingSocket,
    });
    this.#reconnects = new Reconnects(() => this.#provider.connect(), random);
    this.#unwatch = whenReachable(() => this.#hurry());
    this.#hearMessages();
    this.#hearConnection();
  }

  get awareness(): Awareness {
    return this.#provider.awareness;
  }

  /** The origin of all changes that come by this line. */
  get origin(): unknown {
    return this.#provider;
  }

  get isConnected(): boolean {
    return this.#provider.wsconnected;
  }

  get isSynced(): boolean {
    return this.#provider.synced;
  }

  /** How many attempts to connect have failed in a row. */
  get failures(): number {
    return this.#reconnects.failures;
  }

  /** How many step-2 and update messages were sent on this connection. */
  get sent(): number {
    return this.#socket?.countedMessages ?? 0;
  }

  /** Which of them was the step 2; null before it. */
  get step2(): number | null {
    return this.#socket?.step2 ?? null;
  }

  /** Connects, once everybody listens. */
  open(): void {
    this.#provider.connect();
  }

  /** Hears a type of message; its decoder stands behind the type. */
  hear(type: number, read: (decoder: decoding.Decoder) => void): void {
    this.#provider.messageHandlers[type] = (_encoder: unknown, decoder: decoding.Decoder) =>
      read(decoder);
  }

  /** Sends a whole message; false while there is no connection. */
  send(message: Uint8Array): boolean {
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(Uint8Array.from(message));
    return true;
  }

  /** The server is about to restart: the next loss of the connection is everybody's. */
  expectRestart(): void {
    this.#isStopping = true;
  }

  /** Hangs up and connects anew, at once. */
  reopen(): void {
    this.#provider.disconnect();
    this.#reconnects.stop();
    this.#provider.connect();
  }

  close(): void {
    this.#unwatch();
    this.#reconnects.stop();
    this.#provider.destroy();
  }

  get #socket(): CountingSocket | null {
    const { ws } = this.#provider;
    return ws instanceof CountingSocket ? ws : null;
  }

  #hurry(): void {
    this.#reconnects.hurry();
    // An attempt over the network of before may hang for minutes.
    if (this.#provider.wsconnecting) this.reopen();
  }

  #hearConnection(): void {
    this.#provider.on('status', ({ status }) => {
      if (status === 'connected') this.dispatchEvent(new Event('connected'));
      if (status === 'disconnected') this.dispatchEvent(new Event('lost'));
    });
    this.#provider.on('sync', (isSynced) => {
      if (!isSynced) return;
      this.#isStopping = false;
      this.#reconnects.succeeded();
      this.dispatchEvent(new Event('synced'));
    });
    this.#provider.on('closed', ({ code }) => this.#onClosed(code));
    this.#provider.on('connection-close', (event) => {
      // Hung up by the client itself, because nothing was heard for long. Not its own way back.
      if (event !== null || !this.#provider.shouldConnect) return;
      this.#provider.shouldConnect = false;
      this.#onClosed(NO_WORD);
    });
  }

  #onClosed(code: number): void {
    const isRestart = this.#isStopping && !meaningOfClose(code).isFinal;
    if (!meaningOfClose(code).isFinal)
      this.#reconnects.lost(isRestart ? CLOSE_CODES.restarting : code);
    this.dispatchEvent(new CustomEvent('closed', { detail: code }));
  }

  #hearMessages(): void {
    const handlers = this.#provider.messageHandlers;
    handlers[MESSAGE_SYNC] = this.#answeringInParts(handlers[MESSAGE_SYNC]);
    this.hear(MESSAGE_BATCH, (decoder) => this.#readTogether(readBatch(decoder)));
  }

  /** What was drawn offline for hours may be more than the server takes in one message. */
  #answeringInParts(stock: Handler | undefined): Handler {
    return (encoder, decoder, ...rest) => {
      this.#tellAsked(decoding.clone(decoder));
      const answer = encoding.createEncoder();
      stock?.(answer, decoder, ...rest);
      const parts = encodeInParts(encoding.toUint8Array(answer));
      for (const part of parts.slice(0, -1)) this.send(part);
      encoding.writeUint8Array(encoder, parts.at(-1) ?? new Uint8Array());
    };
  }

  #tellAsked(decoder: decoding.Decoder): void {
    if (decoding.readVarUint(decoder) !== messageYjsSyncStep1) return;
    const detail = decoding.readVarUint8Array(decoder);
    this.dispatchEvent(new CustomEvent('asked', { detail }));
  }

  /**
   * Each message as if it had come alone, but as one change of the document: what listens to it
   * works once. One that cannot be read does not take the others with it.
   */
  #readTogether(messages: readonly Uint8Array[]): void {
    const faults: unknown[] = [];
    const readAll = (): void => {
      for (const message of messages)
        try {
          this.#read(message);
        } catch (error) {
          faults.push(error);
        }
    };
    Y.transact(this.#provider.doc, readAll, this.#provider, false);
    if (faults.length > 0) throw faults[0];
  }

  #read(message: Uint8Array): void {
    const decoder = decoding.createDecoder(message);
    const answer = encoding.createEncoder();
    const type = decoding.readVarUint(decoder);
    if (type === MESSAGE_BATCH) throw new Error('A batch in a batch');
    this.#provider.messageHandlers[type]?.(answer, decoder, this.#provider, true, type);
    if (encoding.length(answer) > 1) this.send(encoding.toUint8Array(answer));
  }
}
