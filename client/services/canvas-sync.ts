import type * as decoding from 'lib0/decoding';
import { readVarUint } from 'lib0/decoding';
import type { Doc } from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import { z } from 'zod';
import type { Participant } from '../../shared/participant.ts';
import type { LiveFrame, Notice } from '../../shared/sync-protocol.ts';
import {
  encodeLiveFrame,
  MESSAGE_ACK,
  MESSAGE_LIVE_INK,
  MESSAGE_NOTICE,
  readLiveFrame,
  readNotice,
  SYNC_SUBPROTOCOL,
} from '../../shared/sync-protocol.ts';
import { CountingSocket } from './counting-socket.ts';
import { LiveInk } from './live-ink.ts';
import type { SavingState } from './saving.ts';
import { reasonOfClose, savingStateOf } from './saving.ts';

/** Somebody who has this canvas open, as he tells it himself. */
const Presence = z.object({
  participantId: z.string(),
  nickname: z.string(),
  color: z.string().regex(/^#[0-9a-f]{6}$/i),
  cursor: z.object({ x: z.number(), y: z.number() }).optional(),
  sketchId: z.string().optional(),
});
export type Presence = z.infer<typeof Presence>;

const PRESENCE_EVERY_MS = 100;

/**
 * The connection of one canvas document to the server. Events: `state` (saving), `live` (ink that
 * others are drawing), `people`, `reconnect`.
 */
export class CanvasSync extends EventTarget {
  readonly liveInk = new LiveInk();
  readonly #provider: WebsocketProvider;
  #acknowledged = 0;
  #wasConnected = false;
  /** Why nothing will be saved any more, or for the moment. */
  #refusal: string | null = null;
  #trouble: string | null = null;
  #presence: Presence | null = null;
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(doc: Doc, canvasId: string, serverUrl: string) {
    super();
    this.#provider = new WebsocketProvider(serverUrl, canvasId, doc, {
      disableBc: true,
      // Not all at once when a server comes back.
      maxBackoffTime: 2_000 + Math.random() * 2_000,
      protocols: [SYNC_SUBPROTOCOL],
      WebSocketPolyfill: CountingSocket,
    });
    this.#hearMessages();
    this.#hearConnection();
    doc.on('update', () => this.#tell('state'));
  }

  get state(): SavingState {
    const { ws, wsconnected, synced } = this.#provider;
    return savingStateOf({
      wasConnected: this.#wasConnected,
      isConnected: wsconnected,
      isSynced: synced,
      sent: ws instanceof CountingSocket ? ws.countedMessages : 0,
      acknowledged: this.#acknowledged,
      refusal: this.#refusal ?? this.#trouble,
    });
  }

  /** Everybody on the canvas, oneself first; two tabs of one person count once. */
  get people(): readonly Presence[] {
    const byId = new Map<string, Presence>();
    if (this.#presence) byId.set(this.#presence.participantId, this.#presence);
    for (const state of this.#provider.awareness.getStates().values()) {
      const parsed = Presence.safeParse(state);
      if (parsed.success && !byId.has(parsed.data.participantId))
        byId.set(parsed.data.participantId, parsed.data);
    }
    return [...byId.values()];
  }

  /** Sends a piece of a stroke that is being drawn; false while there is no connection. */
  sendLive(frame: LiveFrame): boolean {
    const { ws, wsconnected } = this.#provider;
    if (!ws || !wsconnected || ws.readyState !== WebSocket.OPEN) return false;
    ws.send(Uint8Array.from(encodeLiveFrame(frame)));
    return true;
  }

  /** Tells the others who I am. */
  introduce({ id, nickname, color }: Participant): void {
    this.#presence = { ...this.#presence, participantId: id, nickname, color };
    this.#publishPresence();
    this.#tell('people');
  }

  /** Tells the others where my pen is and on what; at most ten times a second. */
  point(at: Pick<Presence, 'cursor' | 'sketchId'>): void {
    if (!this.#presence) return;
    this.#presence = { ...this.#presence, ...at };
    this.#presenceTimer ??= setTimeout(() => this.#publishPresence(), PRESENCE_EVERY_MS);
  }

  /** My pen has left the paper. */
  hideCursor(): void {
    if (!this.#presence) return;
    const { participantId, nickname, color } = this.#presence;
    this.#presence = { participantId, nickname, color };
    this.#publishPresence();
  }

  close(): void {
    clearTimeout(this.#presenceTimer);
    this.#provider.destroy();
  }

  #publishPresence(): void {
    clearTimeout(this.#presenceTimer);
    this.#presenceTimer = undefined;
    this.#provider.awareness.setLocalState(this.#presence);
  }

  #hearMessages(): void {
    const handlers = this.#provider.messageHandlers;
    handlers[MESSAGE_ACK] = (_encoder: unknown, decoder: decoding.Decoder) => {
      this.#acknowledged = readVarUint(decoder);
      this.#tell('state');
    };
    handlers[MESSAGE_LIVE_INK] = (_encoder: unknown, decoder: decoding.Decoder) => {
      this.#applyLive(decoder);
    };
    handlers[MESSAGE_NOTICE] = (_encoder: unknown, decoder: decoding.Decoder) => {
      const notice = readNotice(decoder);
      if (notice) this.#applyNotice(notice);
    };
  }

  #hearConnection(): void {
    this.#provider.on('status', ({ status }: { status: string }) => {
      this.#acknowledged = 0;
      this.liveInk.clear();
      this.#tell('live');
      if (status === 'connected') {
        this.#wasConnected = true;
        this.#trouble = null;
        this.#tell('reconnect');
      }
      this.#tell('state');
    });
    this.#provider.on('sync', () => this.#tell('state'));
    this.#provider.on('closed', ({ code }: { code: number }) => {
      this.#refusal = reasonOfClose(code);
      this.#tell('state');
    });
    this.#provider.awareness.on('change', () => this.#tell('people'));
  }

  #applyLive(decoder: decoding.Decoder): void {
    const frame = readLiveFrame(decoder);
    this.liveInk.apply(frame);
    this.#tell('live');
  }

  #applyNotice(notice: Notice): void {
    switch (notice.kind) {
      case 'not_saving':
        this.#trouble = 'The server cannot save right now. It keeps trying.';
        break;
      case 'saving_again':
        this.#trouble = null;
        break;
      case 'refused':
        this.dispatchEvent(new CustomEvent('refused', { detail: notice.reason }));
        break;
      case 'stopping':
      case 'role_changed':
      case 'nearly_full':
        break;
    }
    this.#tell('state');
  }

  #tell(event: 'state' | 'live' | 'people' | 'reconnect'): void {
    this.dispatchEvent(new Event(event));
  }
}
