import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import {
  encodeSealedUpdate,
  MESSAGE_ACK,
  MESSAGE_BATCH,
  MESSAGE_NOTICE,
  MESSAGE_SEALED_UPDATE,
  MESSAGE_SYNC,
  readBatch,
  readNotice,
  readSealedUpdate,
} from '../../shared/sync-protocol.ts';
import type { Notice, SealedUpdate } from '../../shared/sync-protocol.ts';
import type { LabLine } from './lab-line.ts';

export interface LabPeerOptions {
  readonly name: string;
  /** Whether it speaks the message types of our own. */
  readonly wantsExtras: boolean;
  readonly firstClientId: number;
}

/** Origin of what came from the hub. */
const NETWORK = Symbol('network');

/**
 * Somebody with a document of his own who speaks the sync protocol as the page does (or the stock
 * client, without the message types of our own), over whatever line he is given.
 */
export class LabPeer {
  readonly name: string;
  readonly wantsExtras: boolean;
  readonly origin = Symbol('own ink');
  canvas: CanvasDoc;
  undo: Y.UndoManager;
  line: LabLine | null = null;
  readonly kept: SealedUpdate[] = [];
  /** Every client id that his documents have had. */
  readonly clientIds = new Set<number>();
  readonly notices: (Notice | null)[] = [];
  /** The highest ack of this connection. */
  acknowledged = 0;
  isSynced = false;

  #nextClientId: number;

  /** Yjs settles conflicts by client id: the test gives them, each document its own. */
  constructor({ name, wantsExtras, firstClientId }: LabPeerOptions) {
    this.name = name;
    this.wantsExtras = wantsExtras;
    this.#nextClientId = firstClientId;
    this.canvas = this.#open(new Uint8Array([0, 0]));
    this.undo = this.#undoManager();
  }

  get doc(): Y.Doc {
    return this.canvas.doc;
  }

  /** The page is loaded anew, from the copy in its browser. */
  reload(): void {
    const copy = Y.encodeStateAsUpdate(this.doc);
    this.undo.destroy();
    this.doc.destroy();
    this.canvas = this.#open(copy);
    this.undo = this.#undoManager();
  }

  /** The line is open: what is kept goes first, then the question what is missing. */
  sit(line: LabLine): void {
    this.line = line;
    this.acknowledged = 0;
    this.isSynced = false;
    if (this.wantsExtras) for (const sealed of this.kept) this.#send(encodeSealedUpdate(sealed));
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    syncProtocol.writeSyncStep1(encoder, this.doc);
    this.#send(encoding.toUint8Array(encoder));
  }

  receive(bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    if (type >= MESSAGE_ACK && !this.wantsExtras) throw new Error('Not for a stock client');
    switch (type) {
      case MESSAGE_SYNC:
        return this.#receiveSync(decoder);
      case MESSAGE_ACK:
        this.acknowledged = Math.max(this.acknowledged, decoding.readVarUint(decoder));
        return;
      case MESSAGE_BATCH:
        for (const message of readBatch(decoder)) this.receive(message);
        return;
      case MESSAGE_SEALED_UPDATE:
        return this.#receiveSealed(readSealedUpdate(decoder));
      case MESSAGE_NOTICE:
        this.notices.push(readNotice(decoder));
        return;
      default:
    }
  }

  #receiveSealed(sealed: SealedUpdate): void {
    this.kept.push({ ...sealed, update: sealed.update.slice(), seal: sealed.seal.slice() });
    Y.applyUpdate(this.doc, sealed.update, NETWORK);
  }

  #receiveSync(decoder: decoding.Decoder): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    const type = syncProtocol.readSyncMessage(decoder, encoder, this.doc, NETWORK);
    if (type === syncProtocol.messageYjsSyncStep2) this.isSynced = true;
    if (encoding.length(encoder) > 1) this.#send(encoding.toUint8Array(encoder));
  }

  #send(message: Uint8Array): void {
    if (this.line?.isOpen) this.line.toHub.push(message);
  }

  #open(state: Uint8Array): CanvasDoc {
    const canvas = openCanvasDoc(new Y.Doc());
    canvas.doc.clientID = this.#nextClientId++;
    Y.applyUpdate(canvas.doc, state, NETWORK);
    this.clientIds.add(canvas.doc.clientID);
    canvas.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === NETWORK) return;
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, MESSAGE_SYNC);
      syncProtocol.writeUpdate(encoder, update);
      this.#send(encoding.toUint8Array(encoder));
    });
    return canvas;
  }

  /** As the page's ink editor sets it up. */
  #undoManager(): Y.UndoManager {
    const { ink, sketchOf, sketches, cuts } = this.canvas;
    return new Y.UndoManager([ink, sketchOf, sketches, cuts], {
      trackedOrigins: new Set([this.origin]),
      captureTimeout: Number.POSITIVE_INFINITY,
    });
  }
}
