import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { Role } from '../../shared/participant.ts';
import type { Notice } from '../../shared/sync-protocol.ts';
import { CLOSE_CODES, encodeLiveFrame } from '../../shared/sync-protocol.ts';
import type { CanvasWriter } from './canvas-writer.ts';
import type { ClientMessage } from './client-message.ts';
import {
  encodeAwareness,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  readClientMessage,
} from './client-message.ts';
import { applyClientUpdate, ChangeOrigin } from './client-update.ts';
import type { Clock } from './clock.ts';
import type { SyncCounters } from './counters.ts';
import type { LiveStroke } from './live-ink.ts';
import { toCancelFrame, toFrame, toInkStroke } from './live-ink.ts';
import { Presence } from './presence.ts';
import type { RoomConnection } from './room-member.ts';
import { RoomMember } from './room-member.ts';
import type { SketchChange } from './sketch-feed.ts';
import { SketchFeed } from './sketch-feed.ts';

/** An author who vanished in mid-stroke has so long to come back before the hub finishes it. */
const FINISH_ORPHANS_AFTER_MS = 5_000;
/** An update with no content and no deletions. */
const EMPTY_UPDATE_BYTES = 2;

export interface RoomOptions {
  readonly canvasId: string;
  readonly doc: Y.Doc;
  readonly writer: CanvasWriter;
  readonly clock: Clock;
  readonly counters: SyncCounters;
  readonly onSketchChanged: (change: SketchChange) => void;
}

/**
 * One canvas: its document, the people on it and their live ink. It knows no socket and no SQL.
 * Every change goes the same way: applied in memory, sent to everybody at once, appended to the
 * log, and acknowledged when the log has committed it.
 */
export class Room {
  readonly canvasId: string;
  readonly #canvas: CanvasDoc;
  readonly #writer: CanvasWriter;
  readonly #clock: Clock;
  readonly #counters: SyncCounters;
  readonly #sketches: SketchFeed;
  readonly #presence: Presence;
  readonly #members = new Set<RoomMember>();
  readonly #acks = new Map<RoomMember, number>();
  readonly #orphanTimers = new Set<() => void>();
  /** Step 2 for whoever has nothing yet: the same for all who join between two changes. */
  #wholeStep2: Uint8Array | null = null;

  constructor(options: RoomOptions) {
    const { canvasId, doc, writer, clock, counters, onSketchChanged: onChange } = options;
    this.canvasId = canvasId;
    this.#canvas = openCanvasDoc(doc);
    this.#writer = writer;
    this.#clock = clock;
    this.#counters = counters;
    this.#sketches = new SketchFeed({
      canvasId,
      canvas: this.#canvas,
      loadedAt: clock.now(),
      onChange,
    });
    this.#presence = new Presence(doc, clock, (update) => this.#offerAll(encodeAwareness(update)));
    doc.on('update', (update: Uint8Array, origin: unknown) => this.#spread(update, origin));
    writer.onSavingChanged = (isSaving) =>
      this.notify({ kind: isSaving ? 'saving_again' : 'not_saving' });
  }

  get memberCount(): number {
    return this.#members.size;
  }

  get members(): readonly RoomMember[] {
    return [...this.#members];
  }

  get sketches(): SketchFeed {
    return this.#sketches;
  }

  /** Seats a connection: from here on it gets every change. */
  join(connection: RoomConnection): RoomMember {
    const member = new RoomMember(connection, this.#counters);
    this.#members.add(member);
    member.deliver(encodeStep1(Y.encodeStateVector(this.#canvas.doc)));
    this.#sendPresence(member);
    if (!this.#writer.isSaving) member.notify({ kind: 'not_saving' });
    return member;
  }

  /** Takes in a message. Throws when it is malformed; the caller closes that socket only. */
  receive(member: RoomMember, bytes: Uint8Array): void {
    const message = readClientMessage(bytes);
    switch (message.type) {
      case 'step_1':
        return this.#answerStep1(member, message.stateVector);
      case 'write':
        return this.#write(member, message);
      case 'awareness':
        return this.#presence.receive(message.update, member);
      case 'query_awareness':
        return this.#sendPresence(member);
      case 'live_ink':
        return this.#drawLive(member, message, bytes);
      case 'ignored':
        return;
    }
  }

  /** The connection has gone. */
  leave(member: RoomMember): void {
    if (!this.#members.delete(member)) return;
    this.#presence.leave(member);
    for (const stroke of this.#sketches.orphan(member)) this.#finishLater(stroke);
  }

  /** What somebody may do here has changed; null: nothing any more. */
  changeRole(member: RoomMember, role: Role | null): void {
    if (member.role === role) return;
    const couldWrite = member.canWrite;
    if (role === null) member.close(CLOSE_CODES.forbidden, 'Not allowed any more');
    else member.changeRole(role);
    if (role === null || !member.canWrite) this.#giveUpLiveInk(member.participantId);
    // What was refused so far is asked for again.
    else if (!couldWrite) member.deliver(encodeStep1(Y.encodeStateVector(this.#canvas.doc)));
  }

  /** Changes the document in the name of a participant, or of the server; logged like any other. */
  async change<T>(
    authorId: string | null,
    edit: (canvas: CanvasDoc, origin: unknown) => T,
  ): Promise<T> {
    const result = edit(this.#canvas, new ChangeOrigin(authorId));
    await this.#writer.whenSaved();
    return result;
  }

  /** Puts all live ink into the document, whoever draws it. */
  finishLiveInk(): void {
    for (const stroke of this.#sketches.liveStrokes) this.#finish(stroke);
  }

  notify(notice: Notice): void {
    for (const member of this.#members) member.notify(notice);
  }

  closeAll(code: number, reason: string): void {
    for (const member of this.#members) member.close(code, reason);
  }

  /** The document, for a snapshot. */
  get doc(): Y.Doc {
    return this.#canvas.doc;
  }

  get writer(): CanvasWriter {
    return this.#writer;
  }

  destroy(): void {
    for (const stop of this.#orphanTimers) stop();
    this.#presence.destroy();
    this.#canvas.doc.destroy();
  }

  #answerStep1(member: RoomMember, stateVector: Uint8Array): void {
    const isEmpty = stateVector.length === 1 && stateVector[0] === 0;
    member.deliver(isEmpty ? this.#step2OfAll() : this.#step2Since(stateVector));
    if (!member.wantsExtras) return;
    for (const stroke of this.#sketches.liveStrokes)
      member.deliver(encodeLiveFrame(toFrame(stroke)));
  }

  #step2OfAll(): Uint8Array {
    this.#wholeStep2 ??= encodeStep2(Y.encodeStateAsUpdate(this.#canvas.doc));
    return this.#wholeStep2;
  }

  #step2Since(stateVector: Uint8Array): Uint8Array {
    return encodeStep2(Y.encodeStateAsUpdate(this.#canvas.doc, stateVector));
  }

  #write(member: RoomMember, message: ClientMessage & { type: 'write' }): void {
    const count = member.countWrite();
    if (!member.canWrite && !isHarmless(message)) return this.#refuse(member);
    if (member.canWrite) this.#apply(member, message.update);
    if (member.canWrite && message.isStep2) member.resumeAcks();
    // Also when nothing was new: it may have come in by another connection a moment ago.
    this.#writer.afterCommit(() => this.#acknowledge(member, count));
  }

  #apply(member: RoomMember, update: Uint8Array): void {
    const { refused, isHeldBack } = applyClientUpdate(this.#canvas, update, member);
    if (isHeldBack) this.#writer.append(update.slice(), member.participantId);
    if (refused === 0) return;
    this.#counters.refusedEntries += refused;
    member.notify({ kind: 'refused', reason: 'A part of your change could not be kept.' });
  }

  #refuse(member: RoomMember): void {
    this.#counters.refusedMessages += 1;
    member.stopAcks();
    member.notify({ kind: 'refused', reason: 'You can look at this canvas, but not draw on it.' });
  }

  #spread(update: Uint8Array, origin: unknown): void {
    this.#wholeStep2 = null;
    const change = origin instanceof ChangeOrigin ? origin : new ChangeOrigin(null);
    // Its author has it already, unless a part was taken back.
    const knows = change.refused === 0 ? change.sender : null;
    const message = encodeUpdate(update);
    for (const member of this.#members) if (member !== knows) member.deliver(message);
    this.#writer.append(update, change.authorId);
  }

  #drawLive(
    member: RoomMember,
    { frame }: ClientMessage & { type: 'live_ink' },
    bytes: Uint8Array,
  ): void {
    if (!member.canWrite) return this.#refuse(member);
    const change = this.#sketches.receive(frame, member, this.#clock.now());
    if (change.kind === 'refused') {
      this.#counters.refusedMessages += 1;
      return;
    }
    this.#offerLive(bytes, member);
    if (change.kind === 'grown' && change.evicted)
      this.#offerLive(encodeLiveFrame(toCancelFrame(change.evicted)), null);
  }

  #giveUpLiveInk(participantId: string): void {
    for (const stroke of this.#sketches.liveStrokes) {
      if (stroke.participantId !== participantId) continue;
      this.#sketches.drop(stroke);
      this.#offerLive(encodeLiveFrame(toCancelFrame(stroke)), null);
    }
  }

  #offerLive(message: Uint8Array, except: RoomMember | null): void {
    for (const member of this.#members)
      if (member.wantsExtras && member !== except) member.offer(message);
  }

  #offerAll(message: Uint8Array): void {
    // The sender as well: a stock client that hears nothing for 30 s takes the line for dead.
    for (const member of this.#members) member.offer(message);
  }

  #sendPresence(member: RoomMember): void {
    const everybody = this.#presence.everybody();
    if (everybody) member.deliver(encodeAwareness(everybody));
  }

  #finishLater(stroke: LiveStroke): void {
    const stop = this.#clock.after(FINISH_ORPHANS_AFTER_MS, () => {
      this.#orphanTimers.delete(stop);
      if (stroke.owner === null) this.#finish(stroke);
    });
    this.#orphanTimers.add(stop);
  }

  #finish(stroke: LiveStroke): void {
    if (!this.#sketches.liveStrokes.includes(stroke)) return;
    const ink = toInkStroke(stroke);
    if (ink.points.xs.length === 0) return this.#sketches.drop(stroke);
    const { id, sketchId, participantId } = stroke;
    addStroke(this.#canvas, { id, sketchId, ink }, new ChangeOrigin(participantId));
  }

  /** One ack a member and commit, whatever it covers. */
  #acknowledge(member: RoomMember, count: number): void {
    if (this.#acks.size === 0) queueMicrotask(() => this.#sendAcks());
    this.#acks.set(member, count);
  }

  #sendAcks(): void {
    for (const [member, count] of this.#acks) member.acknowledge(count);
    this.#acks.clear();
  }
}

/** Whether somebody who may only look may send it: every client answers a step 1. */
function isHarmless({ isStep2, update }: ClientMessage & { type: 'write' }): boolean {
  if (update.length === EMPTY_UPDATE_BYTES) return true;
  return isStep2 && Y.decodeUpdate(update).structs.length === 0;
}
