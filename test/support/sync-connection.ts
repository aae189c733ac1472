import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import type { LiveFrame, Notice, SealedUpdate } from '../../shared/sync-protocol.ts';
import {
  encodeBatches,
  encodeLiveFrame,
  encodeSealedUpdate,
  MESSAGE_ACK,
  MESSAGE_BATCH,
  MESSAGE_LIVE_INK,
  MESSAGE_NOTICE,
  MESSAGE_SEALED_UPDATE,
  MESSAGE_SYNC,
  readBatch,
  readLiveFrame,
  readNotice,
  readSealedUpdate,
  SYNC_SUBPROTOCOL,
} from '../../shared/sync-protocol.ts';

/** A live frame with the moment of its arrival (`performance.now()`). */
export interface ArrivedFrame {
  readonly at: number;
  readonly frame: LiveFrame;
}

/** Who connects, and what he has kept of an earlier connection. */
export interface Visitor {
  readonly cookie: string;
  /** Continues with this document. */
  readonly doc?: Y.Doc;
  /** Changes of others under the hub's seal: brought back at once, and those of now added. */
  readonly kept?: SealedUpdate[];
}

/** One connection to `/sync/<canvasId>` that speaks our subprotocol, over the real socket. */
export class SyncConnection {
  readonly doc: Y.Doc;
  /** Changes of others as the hub sealed them. */
  readonly kept: SealedUpdate[];
  readonly liveFrames: ArrivedFrame[] = [];
  readonly notices: (Notice | null)[] = [];
  /** How many step-2 and update messages have gone out, and how many the server has on disk. */
  sent = 0;
  acknowledged = 0;
  /** The number of the step 2 among what was sent: the document as it was then. */
  step2Number: number | null = null;
  isSynced = false;
  closeCode: number | null = null;
  onAck: (count: number) => void = () => undefined;
  /** Told at once of every live frame of others. */
  onLiveFrame: (arrived: ArrivedFrame) => void = (arrived) => void this.liveFrames.push(arrived);
  readonly #socket: WebSocket;

  constructor(url: string, canvasId: string, visitor: string | Visitor) {
    const { cookie, doc, kept }: Visitor =
      typeof visitor === 'string' ? { cookie: visitor } : visitor;
    this.doc = doc ?? new Y.Doc();
    this.kept = kept ?? [];
    const address = `${url.replace(/^http/, 'ws')}/sync/${canvasId}`;
    this.#socket = new WebSocket(address, [SYNC_SUBPROTOCOL], { headers: { cookie } });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.on('open', () => {
      const kept = this.kept.map(encodeSealedUpdate);
      for (const batch of encodeBatches(kept)) this.#socket.send(batch);
      this.#sendStep1();
    });
    this.#socket.on('message', (data) => this.#receive(new Uint8Array(data as ArrayBuffer)));
    const pass = (update: Uint8Array, origin: unknown): void => {
      if (origin !== this) this.#sendUpdate(update);
    };
    this.doc.on('update', pass);
    this.#socket.on('close', (code) => {
      this.closeCode = code;
      this.doc.off('update', pass);
    });
    // A lost connection is told by its close; tests look at closeCode.
    this.#socket.on('error', () => undefined);
  }

  /** Everything sent is on the server's disk. */
  get isSaved(): boolean {
    return this.isSynced && this.acknowledged >= this.sent;
  }

  /** Sends bytes as they are, good or bad. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  sendLiveFrame(frame: LiveFrame): void {
    this.#socket.send(encodeLiveFrame(frame));
  }

  /** Takes nothing more from the network, as a page that hangs. */
  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }

  /** Goes away without a word, as a lost network does. */
  terminate(): void {
    this.#socket.terminate();
  }

  #sendStep1(): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    syncProtocol.writeSyncStep1(encoder, this.doc);
    this.#socket.send(encoding.toUint8Array(encoder));
  }

  #sendUpdate(update: Uint8Array): void {
    // What is written before the connection is open travels in step 2.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    syncProtocol.writeUpdate(encoder, update);
    this.sent += 1;
    this.#socket.send(encoding.toUint8Array(encoder));
  }

  #receive(bytes: Uint8Array): void {
    const at = performance.now();
    const decoder = decoding.createDecoder(bytes);
    switch (decoding.readVarUint(decoder)) {
      case MESSAGE_SYNC:
        return this.#receiveSync(decoder);
      case MESSAGE_ACK:
        this.acknowledged = decoding.readVarUint(decoder);
        return this.onAck(this.acknowledged);
      case MESSAGE_LIVE_INK:
        return this.onLiveFrame({ at, frame: readLiveFrame(decoder) });
      case MESSAGE_NOTICE:
        this.notices.push(readNotice(decoder));
        return;
      case MESSAGE_BATCH:
        for (const message of readBatch(decoder)) this.#receive(message);
        return;
      case MESSAGE_SEALED_UPDATE:
        return this.#receiveSealed(readSealedUpdate(decoder));
      default:
    }
  }

  #receiveSealed(sealed: SealedUpdate): void {
    // The bytes are the message's own, which the next one may take.
    this.kept.push({ ...sealed, update: sealed.update.slice(), seal: sealed.seal.slice() });
    Y.applyUpdate(this.doc, sealed.update, this);
  }

  #receiveSync(decoder: decoding.Decoder): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    const type = syncProtocol.readSyncMessage(decoder, encoder, this.doc, this);
    if (type === syncProtocol.messageYjsSyncStep2) this.isSynced = true;
    if (encoding.length(encoder) <= 1) return;
    this.sent += 1;
    this.step2Number = this.sent;
    this.#socket.send(encoding.toUint8Array(encoder));
  }
}
