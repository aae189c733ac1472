import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import type { RoomMember } from './room-member.ts';
import { isGathered, withoutForeignInk } from './foreign-ink.ts';
import { takeBackRefused } from './written-entries.ts';

/** Where a change of the document comes from: the origin of its transaction. */
export class ChangeOrigin {
  /** The participant in whose name it is made; null for the server. */
  readonly authorId: string | null;
  /** Who sent it, and has it already. */
  readonly sender: RoomMember | null;
  /** How many of its entries have been taken back. */
  refused = 0;

  constructor(authorId: string | null, sender: RoomMember | null = null) {
    this.authorId = authorId;
    this.sender = sender;
  }
}

/** What became of a client's update. */
export interface AppliedUpdate {
  /** How many entries were taken back. */
  readonly refused: number;
  /** How many strokes of others were left out, for their author to bring. */
  readonly leftOut: number;
  /**
   * Yjs holds back what builds on something that has not come yet, without an update event. It is
   * to be kept all the same, because it will be acknowledged.
   */
  readonly isHeldBack: boolean;
}

/** An update as it came from a client. */
export interface ClientUpdate {
  readonly update: Uint8Array;
  readonly isStep2: boolean;
  /** The Yjs client ids that its sender writes with now. */
  readonly clientIds: () => ReadonlySet<number>;
}

/** Applies what a client has sent, less what it may not write. */
export function applyClientUpdate(
  canvas: CanvasDoc,
  { update, isStep2, clientIds }: ClientUpdate,
  sender: RoomMember,
): AppliedUpdate {
  // All or nothing, and what is there: applying it at once would take in half of what is damaged,
  // and make room for the 30 million structs that ten bytes may claim to be.
  const { structs } = Y.decodeUpdate(update);
  if (!isStep2 && !isGathered(update)) return applyChecked(canvas, update, sender);
  const { participantId } = sender;
  const own = withoutForeignInk(
    { doc: canvas.doc, update, structs },
    { participantId, clientIds: clientIds() },
  );
  const { refused, isHeldBack } = applyChecked(canvas, own.update, sender);
  // His own work may build on it, and must not wait for somebody who may never come back.
  if (own.leftOut > 0 && isHeldBack) return applyChecked(canvas, update, sender);
  return { refused, leftOut: own.leftOut, isHeldBack };
}

/** One transaction: what is refused is never seen by anybody. */
function applyChecked(canvas: CanvasDoc, update: Uint8Array, sender: RoomMember): AppliedUpdate {
  const { doc } = canvas;
  const origin = new ChangeOrigin(sender.participantId, sender);
  const before = heldBack(doc);
  doc.transact((transaction) => {
    try {
      Y.applyUpdate(doc, update, origin);
    } finally {
      // Yjs would take what the server writes now for a stranger with the same client id.
      transaction.local = true;
      // Also when it throws half way: what got in is checked all the same.
      origin.refused = takeBackRefused(canvas, transaction, sender.participantId);
    }
  }, origin);
  return { refused: origin.refused, leftOut: 0, isHeldBack: isMoreHeldBack(doc, before) };
}

/** Applies what the hub has sealed, which was checked then. */
export function applySealedUpdate(
  canvas: CanvasDoc,
  update: Uint8Array,
  origin: ChangeOrigin,
): AppliedUpdate {
  const before = heldBack(canvas.doc);
  Y.applyUpdate(canvas.doc, update, origin);
  return { refused: 0, leftOut: 0, isHeldBack: isMoreHeldBack(canvas.doc, before) };
}

/** Bytes of updates that wait for something which has not come. */
export function heldBackBytes(doc: Y.Doc): number {
  return heldBack(doc).reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
}

function isMoreHeldBack(doc: Y.Doc, before: readonly (Uint8Array | null)[]): boolean {
  return heldBack(doc).some((bytes, i) => bytes && !equalBytes(bytes, before[i]));
}

function heldBack({ store }: Y.Doc): readonly (Uint8Array | null)[] {
  return [store.pendingStructs?.update ?? null, store.pendingDs];
}

function equalBytes(a: Uint8Array, b: Uint8Array | null | undefined): boolean {
  return a === b || (a.length === b?.length && a.every((byte, i) => byte === b[i]));
}
