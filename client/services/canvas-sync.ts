import { readVarUint } from 'lib0/decoding';
import type { Doc } from 'yjs';
import * as Y from 'yjs';
import type { Participant, Role } from '../../shared/participant.ts';
import type { LiveFrame, Notice, SealedUpdate } from '../../shared/sync-protocol.ts';
import {
  CLOSE_CODES,
  encodeBatches,
  encodeLiveFrame,
  MESSAGE_ACK,
  MESSAGE_LIVE_INK,
  MESSAGE_NOTICE,
  MESSAGE_SEALED_UPDATE,
  readLiveFrame,
  readNotice,
  readSealedUpdate,
} from '../../shared/sync-protocol.ts';
import { LiveInk } from './live-ink.ts';
import type { OfflineCopy } from './offline-copy.ts';
import type { Presence } from './presence.ts';
import { People } from './presence.ts';
import type { SavingState } from './saving.ts';
import { meaningOfClose, savingStateOf } from './saving.ts';
import { SealedUpdates } from './sealed-updates.ts';
import { SyncLine } from './sync-line.ts';
import { UnsavedChanges } from './unsaved-changes.ts';

const FORGET_EVERY_MS = 5_000;

export interface CanvasSyncOptions {
  readonly doc: Doc;
  readonly canvasId: string;
  /** The generation of the document that this page holds. */
  readonly generation: number;
  /** Where `/sync` is, `ws://…/sync`. */
  readonly serverUrl: string;
  readonly role: Role;
  /** The copy in this browser, its content in the document already; null where there is none. */
  readonly copy: OfflineCopy | null;
  /** Whether a stroke is part of the document. */
  readonly hasInk: (strokeId: string) => boolean;
  /** From 0 to 1, for the waits between attempts to connect. */
  readonly random?: () => number;
}

/**
 * The connection of one canvas document to the server. Events: `state` (saving), `live` (ink that
 * others are drawing), `people`, `reconnect`, `role`, `other-generation` (this document is over),
 * and `notice` with the `Notice` as its detail.
 */
export class CanvasSync extends EventTarget {
  readonly liveInk: LiveInk;
  readonly #line: SyncLine;
  readonly #copy: OfflineCopy | null;
  readonly #sealed: SealedUpdates;
  readonly #people: People;
  readonly #doc: Doc;
  readonly #unsaved = new UnsavedChanges();
  readonly #forgetTimer: ReturnType<typeof setInterval>;
  #role: Role;
  #acknowledged = 0;
  #wasConnected = false;
  #isRefused = false;
  /** The canvas has begun anew: this document is not its document any more. */
  #isOver = false;
  /** Why nothing will be saved any more, or for the moment. */
  #refusal: string | null = null;
  #trouble: string | null = null;
  readonly #onUpdate = (_update: Uint8Array, origin: unknown): void => this.#countChange(origin);

  constructor(options: CanvasSyncOptions) {
    super();
    const { doc, copy, role, hasInk, random = Math.random } = options;
    this.#doc = doc;
    this.#copy = copy;
    this.#role = role;
    this.liveInk = new LiveInk(hasInk);
    this.#sealed = new SealedUpdates({ now: () => Date.now(), store: copy });
    this.#line = new SyncLine({ ...options, random });
    this.#people = new People(this.#line.awareness);
    this.#hearMessages();
    this.#hearConnection();
    // After the line: what it has sent by then has its number.
    doc.on('update', this.#onUpdate);
    this.#forgetTimer = setInterval(() => this.#forgetSealed(), FORGET_EVERY_MS);
    this.#line.open();
  }

  get state(): SavingState {
    const { isConnected, isSynced, failures, sent } = this.#line;
    return savingStateOf({
      ...{ isConnected, isSynced, failures, sent },
      wasConnected: this.#wasConnected,
      acknowledged: this.#acknowledged,
      unsaved: this.#unsaved.count,
      isKept: this.#copy?.isKept ?? false,
      role: this.#role,
      isRefused: this.#isRefused,
      refusal: this.#refusal ?? this.#trouble,
    });
  }

  /** What this person may do on the canvas. */
  get role(): Role {
    return this.#role;
  }

  /** How many changes of this page are not known to be on the server's disk. */
  get unsaved(): number {
    return this.#unsaved.count;
  }

  /** Changes would be lost with this page: not on the server's disk, and not in this browser. */
  get isAtRisk(): boolean {
    return this.unsaved > 0 && !this.#copy?.isKept;
  }

  /** Whether what is unsaved may still be saved, now or after a reconnect. */
  get maySaveLater(): boolean {
    return !this.#isOver && !this.#isRefused && this.#refusal === null;
  }

  /** Everybody on the canvas, oneself first; two tabs of one person count once. */
  get people(): readonly Presence[] {
    return this.#people.all;
  }

  /** Sends a piece of a stroke that is being drawn; false while there is no connection. */
  sendLive(frame: LiveFrame): boolean {
    this.liveInk.ignore(frame.strokeId);
    return this.#line.isConnected && this.#line.send(encodeLiveFrame(frame));
  }

  /** Tells the others who I am. */
  introduce(me: Participant): void {
    this.#people.introduce(me);
    this.#tell('people');
  }

  /** Tells the others where my pen is and on what; at most ten times a second. */
  point(at: Pick<Presence, 'cursor' | 'sketchId'>): void {
    this.#people.point(at);
  }

  /** My pen has left the paper. */
  hideCursor(): void {
    this.#people.hideCursor();
  }

  /** The server has said what this person may do from now on. */
  setRole(role: Role): void {
    if (role === this.#role) return;
    const wasViewer = this.#role === 'viewer';
    this.#role = role;
    // What was refused then is taken now: with a new connection all of it is told again.
    if (wasViewer && (this.#isRefused || this.#unsaved.count > 0) && this.#line.isConnected)
      this.#line.reopen();
    this.#tell('role');
    this.#tell('state');
  }

  close(): void {
    clearInterval(this.#forgetTimer);
    this.#doc.off('update', this.#onUpdate);
    this.#copy?.close();
    this.#people.close();
    this.#line.close();
  }

  #countChange(origin: unknown): void {
    const isOwn = origin !== this.#line.origin && !this.#copy?.isOrigin(origin);
    if (isOwn) this.#unsaved.add(this.#line.isConnected ? this.#line.sent : null);
    this.#tell('state');
  }

  #hearMessages(): void {
    this.#line.hear(MESSAGE_ACK, (decoder) => {
      this.#acknowledged = readVarUint(decoder);
      this.#unsaved.acknowledge(this.#acknowledged, this.#line.step2);
      this.#tell('state');
    });
    this.#line.hear(MESSAGE_LIVE_INK, (decoder) => {
      if (this.liveInk.apply(readLiveFrame(decoder))) this.#tell('live');
    });
    this.#line.hear(MESSAGE_NOTICE, (decoder) => {
      const notice = readNotice(decoder);
      if (notice) this.#applyNotice(notice);
    });
    this.#line.hear(MESSAGE_SEALED_UPDATE, (decoder) =>
      this.#applySealed(readSealedUpdate(decoder)),
    );
  }

  #hearConnection(): void {
    this.#line.addEventListener('connected', () => this.#onConnected());
    this.#line.addEventListener('asked', (event) => {
      if (event instanceof CustomEvent && event.detail instanceof Uint8Array)
        this.#onAsked(event.detail);
    });
    this.#line.addEventListener('lost', () => this.#onLost());
    this.#line.addEventListener('synced', () => this.#tell('state'));
    this.#line.addEventListener('closed', (event) => {
      if (event instanceof CustomEvent) this.#onClosed(Number(event.detail));
    });
    this.#line.awareness.on('change', () => this.#tell('people'));
    this.#copy?.addEventListener('failed', () => this.#tell('state'));
  }

  #onConnected(): void {
    this.#forgetConnection();
    this.#wasConnected = true;
    this.#isRefused = false;
    this.#trouble = null;
    this.#people.introduceAgain();
    this.#tell('reconnect');
    this.#tell('state');
  }

  /** Before the line tells what it has: the server must know first whose it is. */
  #onAsked(stateVector: Uint8Array): void {
    const missing = this.#sealed.missingFrom(stateVector);
    // By the thousand in a full class, and each message counts.
    for (const batch of encodeBatches(missing)) this.#line.send(batch);
  }

  #onLost(): void {
    this.#forgetConnection();
    this.#unsaved.disconnect();
    this.#tell('state');
  }

  #onClosed(code: number): void {
    const { isFinal, reason } = meaningOfClose(code);
    const isOtherGeneration = code === CLOSE_CODES.otherGeneration;
    // What it holds can never be sent again, whoever opens the canvas next.
    if (isOtherGeneration || code === CLOSE_CODES.gone) void this.#copy?.discard();
    if (isOtherGeneration) {
      // The page opens the canvas once more: it is as at the start.
      this.#wasConnected = false;
      this.#isOver = true;
      this.#tell('other-generation');
    } else if (isFinal) {
      this.#refusal = reason;
    } else {
      this.#trouble = reason;
    }
    this.#tell('state');
  }

  #forgetConnection(): void {
    this.#acknowledged = 0;
    this.liveInk.clear();
    this.#tell('live');
  }

  #applySealed(sealed: SealedUpdate): void {
    // Kept first: a change in the browser's copy must not be there without its seal.
    this.#sealed.keep(sealed);
    Y.applyUpdate(this.#doc, sealed.update, this.#line.origin);
  }

  #forgetSealed(): void {
    if (this.#line.isSynced && this.#trouble === null) this.#sealed.forgetOld();
  }

  #applyNotice(notice: Notice): void {
    switch (notice.kind) {
      case 'not_saving':
        this.#trouble = 'The server cannot save right now. It keeps trying; draw on.';
        break;
      case 'saving_again':
        this.#trouble = null;
        break;
      case 'stopping':
        this.#line.expectRestart();
        break;
      case 'role_changed':
        this.setRole(notice.role);
        break;
      case 'refused':
        if (this.#role === 'viewer') this.#isRefused = true;
        break;
      case 'nearly_full':
        break;
    }
    this.dispatchEvent(new CustomEvent('notice', { detail: notice }));
    this.#tell('state');
  }

  #tell(event: 'state' | 'live' | 'people' | 'reconnect' | 'role' | 'other-generation'): void {
    this.dispatchEvent(new Event(event));
  }
}
