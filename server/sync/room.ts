import type { KeyObject } from 'node:crypto';
import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { Role } from '../../shared/participant.ts';
import type { Notice, SealedUpdate } from '../../shared/sync-protocol.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import { Acks } from './acks.ts';
import { Answers } from './answers.ts';
import { Broadcast } from './broadcast.ts';
import type { CanvasWriter } from './canvas-writer.ts';
import type { ClientMessage } from './client-message.ts';
import { encodeAwareness, readClientMessage } from './client-message.ts';
import {
  applyClientUpdate,
  applySealedUpdate,
  ChangeOrigin,
  heldBackBytes,
} from './client-update.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import { DocumentSize } from './document-size.ts';
import { leftMemory } from './left-memory.ts';
import { Presence } from './presence.ts';
import { ReadPause } from './read-pause.ts';
import { RoomLiveInk } from './room-live-ink.ts';
import type { RoomConnection, RoomSeating } from './room-member.ts';
import { RoomMember } from './room-member.ts';
import { Seals } from './seals.ts';
import type { SketchChange } from './sketch-feed.ts';
import { SketchFeed } from './sketch-feed.ts';
import { UnsavedChanges } from './unsaved-changes.ts';

/** An update with no content and no deletions. */
const EMPTY_UPDATE_BYTES = 2;
/** Yjs goes through all that is held back again with each piece of it. */
const MAX_HELD_BACK_BYTES = 64 * 1024;
const LOOK_ONLY = 'You can look at this canvas, but not draw on it.';

export interface RoomOptions {
  readonly canvasId: string;
  /** Which beginning of the document this is: it rises when the document is begun anew. */
  readonly generation: number;
  readonly doc: Y.Doc;
  /** Bytes that are stored of the document. */
  readonly storedBytes: number;
  readonly writer: CanvasWriter;
  readonly clock: Clock;
  readonly counters: SyncCounters;
  /** What this server, and every other one of the same data, seals changes with. */
  readonly sealKey: KeyObject;
  readonly onSketchChanged: (change: SketchChange) => void;
}

/** What Yjs tells of a change. */
type DocumentUpdate = readonly [Uint8Array, unknown, Y.Doc, Y.Transaction];

/**
 * One canvas: its document, the people on it and their live ink. It knows no socket and no SQL.
 * Every change goes the same way: applied in memory, sent to everybody at once, appended to the
 * log, and acknowledged when the log has committed it.
 */
export class Room {
  readonly canvasId: string;
  readonly generation: number;
  readonly sketches: SketchFeed;
  readonly writer: CanvasWriter;
  readonly #canvas: CanvasDoc;
  readonly #options: RoomOptions;
  readonly #size: DocumentSize;
  readonly #seals: Seals;
  readonly #broadcast: Broadcast;
  readonly #presence: Presence;
  readonly #liveInk: RoomLiveInk;
  readonly #answers: Answers;
  readonly #unsaved: UnsavedChanges;
  readonly #members = new Set<RoomMember>();
  readonly #seating: RoomSeating;
  readonly #acks = new Acks();
  readonly #readPause: ReadPause;
  #isDestroyed = false;

  constructor(options: RoomOptions) {
    const { canvasId, generation, doc, writer, clock, counters } = options;
    this.#options = options;
    this.canvasId = canvasId;
    this.generation = generation;
    this.writer = writer;
    const canvas = openCanvasDoc(doc);
    this.#canvas = canvas;
    this.#size = new DocumentSize(doc, options.storedBytes);
    this.sketches = new SketchFeed({
      ...{ canvasId, canvas, loadedAt: clock.now(), onChange: options.onSketchChanged },
    });
    const members = this.#members;
    this.#seals = new Seals(options.sealKey, `${canvasId} ${generation}`);
    const broadcast = new Broadcast({ doc, members, seals: this.#seals, clock, counters });
    this.#broadcast = broadcast;
    this.#unsaved = new UnsavedChanges(writer, this.#seals);
    this.#presence = new Presence({
      ...{ doc, clock, countMembers: () => members.size },
      send: (update) => broadcast.presence(encodeAwareness(update)),
    });
    this.#liveInk = new RoomLiveInk({ canvas, sketches: this.sketches, broadcast, clock });
    this.#answers = new Answers({
      ...{ doc, presence: this.#presence, liveInk: this.#liveInk, unsaved: this.#unsaved },
    });
    this.#seating = {
      ...{ clock, counters, sentState: () => broadcast.sentState },
      onCaughtUp: (member, missed) => this.#answers.makeUp(member, missed),
    };
    doc.on('update', (...[update, origin, , transaction]: DocumentUpdate) =>
      this.#spread(update, origin, transaction.beforeState),
    );
    writer.onSavingChanged = (isSaving) =>
      this.notify({ kind: isSaving ? 'saving_again' : 'not_saving' });
    this.#readPause = new ReadPause(writer, members);
  }

  get memberCount(): number {
    return this.#members.size;
  }

  get members(): readonly RoomMember[] {
    return [...this.#members];
  }

  /** The document, for a snapshot. */
  get doc(): Y.Doc {
    return this.#canvas.doc;
  }

  /** Seats a connection: from here on it gets every change. */
  join(connection: RoomConnection): RoomMember {
    const member = new RoomMember(connection, this.#seating);
    this.#members.add(member);
    this.#answers.askForRest(member);
    this.#answers.presence(member);
    if (!this.writer.isSaving) member.notify({ kind: 'not_saving' });
    if (this.#size.isNearlyFull) member.notify({ kind: 'nearly_full' });
    return member;
  }

  /** Takes in a message. Throws when it is malformed; the caller closes that socket only. */
  receive(member: RoomMember, bytes: Uint8Array): void {
    const message = readClientMessage(bytes);
    switch (message.type) {
      case 'step_1':
        return this.#answers.toStep1(member, message.stateVector);
      case 'write':
        return this.#write(member, message);
      case 'sealed_updates':
        return this.#bringBack(member, message.sealed);
      case 'awareness':
        return this.#presence.receive(message.update, member);
      case 'query_awareness':
        return this.#answers.presence(member);
      case 'live_ink':
        if (!member.canWrite) return this.#refuse(member);
        if (!this.#liveInk.receive(message.frame, bytes, member))
          this.#options.counters.refusedMessages += 1;
        return;
      case 'ignored':
        return;
    }
  }

  /** The connection has gone. */
  leave(member: RoomMember): void {
    if (!this.#members.delete(member)) return;
    member.leave();
    if (this.#isDestroyed) return;
    this.#readPause.forget(member);
    this.#presence.leave(member);
    this.#liveInk.leave(member);
  }

  /** What somebody may do here has changed; null: nothing any more. */
  changeRole(member: RoomMember, role: Role | null): void {
    if (member.role === role) return;
    const couldWrite = member.canWrite;
    if (role === null) member.close(CLOSE_CODES.forbidden, 'Not allowed any more');
    else member.changeRole(role);
    if (role === null || !member.canWrite) this.#liveInk.giveUp(member.participantId);
    // What was refused so far is asked for again.
    else if (!couldWrite) this.#answers.askForRest(member);
  }

  /** Changes the document in the name of a participant, or of the server; logged like any other. */
  async change<T>(
    authorId: string | null,
    edit: (canvas: CanvasDoc, origin: unknown) => T,
  ): Promise<T> {
    if (this.#isDestroyed) throw leftMemory();
    const result = edit(this.#canvas, new ChangeOrigin(authorId));
    await this.writer.whenSaved();
    return result;
  }

  /** Puts all live ink into the document, whoever draws it. */
  finishLiveInk(): void {
    this.#liveInk.finishAll();
  }

  notify(notice: Notice): void {
    for (const member of this.#members) member.notify(notice);
  }

  closeAll(code: number, reason: string): void {
    for (const member of this.#members) member.close(code, reason);
  }

  /** It leaves memory: its document is not to be used from here on. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#liveInk.destroy();
    this.#broadcast.destroy();
    this.#presence.destroy();
    this.doc.destroy();
  }

  #write(member: RoomMember, message: ClientMessage & { type: 'write' }): void {
    const count = member.countWrite();
    if (!member.canWrite && !addsNothing(message)) return this.#refuse(member);
    if (this.#size.isFullFor(message.update.length) && !addsNothing(message))
      return member.close(CLOSE_CODES.documentFull, 'This canvas is full');
    if (member.canWrite && message.isStep2) member.resumeAcks();
    if (member.canWrite) this.#apply(member, message);
    // Also when nothing was new: it may have come in by another connection a moment ago.
    this.writer.afterCommit(() => this.#acks.add(member, count));
    this.#readPause.check();
  }

  #apply(member: RoomMember, message: ClientMessage & { type: 'write' }): void {
    const clientIds = (): ReadonlySet<number> => this.#presence.idsOf(member);
    const written = { ...message, clientIds };
    const { refused, leftOut, isHeldBack } = applyClientUpdate(this.#canvas, written, member);
    this.#options.counters.leftOutStrokes += leftOut;
    if (isHeldBack) this.#keepHeldBack(message.update, member.participantId);
    if (isHeldBack && heldBackBytes(this.doc) > MAX_HELD_BACK_BYTES)
      member.close(CLOSE_CODES.notReady, 'Too much that builds on what is missing');
    if (refused === 0) return;
    this.#options.counters.refusedEntries += refused;
    member.notify({ kind: 'refused', reason: 'A part of your change could not be kept.' });
  }

  /** Changes of others that were sent to everybody, and perhaps never reached the disk. */
  #bringBack(member: RoomMember, all: readonly SealedUpdate[]): void {
    const genuine = all.filter(({ authorId, update, seal }) =>
      this.#seals.isGenuine(authorId, update, seal),
    );
    for (const { authorId, update } of genuine) {
      const origin = new ChangeOrigin(authorId, member);
      const { isHeldBack } = applySealedUpdate(this.#canvas, update, origin);
      if (isHeldBack) this.#keepHeldBack(update, authorId);
    }
    const forged = all.length - genuine.length;
    if (forged === 0) return;
    this.#options.counters.refusedMessages += forged;
    member.notify({ kind: 'refused', reason: 'Ink of others could not be brought back.' });
  }

  #keepHeldBack(update: Uint8Array, authorId: string | null): void {
    this.#unsaved.append(update.slice(), authorId);
    this.#size.grow(update.length);
  }

  #refuse(member: RoomMember): void {
    this.#options.counters.refusedMessages += 1;
    member.stopAcks();
    member.notify({ kind: 'refused', reason: LOOK_ONLY });
  }

  #spread(update: Uint8Array, origin: unknown, before: ReadonlyMap<number, number>): void {
    this.#answers.outdate();
    const { authorId, refused, sender } =
      origin instanceof ChangeOrigin ? origin : new ChangeOrigin(null);
    // Its author has it already, unless a part was taken back.
    this.#broadcast.update({ update, authorId, sender: refused === 0 ? sender : null, before });
    this.#unsaved.append(update, authorId);
    const wasNearlyFull = this.#size.isNearlyFull;
    this.#size.grow(update.length);
    if (!wasNearlyFull && this.#size.isNearlyFull) this.notify({ kind: 'nearly_full' });
  }
}

/** Whether it may also be sent by somebody who only looks: every client answers a step 1. */
function addsNothing({ isStep2, update }: ClientMessage & { type: 'write' }): boolean {
  if (update.length === EMPTY_UPDATE_BYTES) return true;
  return isStep2 && Y.decodeUpdate(update).structs.length === 0;
}
