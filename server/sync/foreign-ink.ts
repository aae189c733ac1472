import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { decodeStroke } from '../../shared/stroke-codec.ts';

/** A client's update without what it only passes on. */
export interface OwnPart {
  readonly update: Uint8Array;
  /** How many strokes of others were left out. */
  readonly leftOut: number;
}

/** An update, and what it decodes to. */
export interface Gathered {
  readonly doc: Y.Doc;
  readonly update: Uint8Array;
  readonly structs: ReturnType<typeof Y.decodeUpdate>['structs'];
}

/** Who sends it. */
export interface Sender {
  readonly participantId: string;
  /** The Yjs client ids that he writes with now: what came by them is his, or forged. */
  readonly clientIds: ReadonlySet<number>;
}

/**
 * Leaves ink of others that the hub does not have out of what somebody has gathered (a step 2, or
 * a stored copy). It may be genuine, drawn a moment before a crash: taking it back as the hub does
 * with what is forged would delete it for its author, too, who still has it and will bring it
 * himself. All that was written under the same Yjs client ids goes with it.
 */
export function withoutForeignInk({ doc, update, structs }: Gathered, sender: Sender): OwnPart {
  const known = Y.decodeStateVector(Y.encodeStateVector(doc));
  const foreign = new Map<number, number>();
  let leftOut = 0;
  for (const struct of structs) {
    const { client, clock } = struct.id;
    const isKnown = clock < (known.get(client) ?? 0);
    if (isKnown || sender.clientIds.has(client) || !isInkOfOthers(struct, sender)) continue;
    leftOut += 1;
    foreign.set(client, Number.MAX_SAFE_INTEGER);
  }
  if (leftOut === 0) return { update, leftOut };
  return { update: Y.diffUpdate(update, Y.encodeStateVector(foreign)), leftOut };
}

/** Whether an update comes from several Yjs clients: it was gathered, not written just now. */
export function isGathered(update: Uint8Array): boolean {
  return decoding.readVarUint(decoding.createDecoder(update)) > 1;
}

function isInkOfOthers(struct: object, { participantId }: Sender): boolean {
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentBinary)) return false;
  const ink = decodeStroke(struct.content.content);
  return ink !== null && ink.authorId !== participantId;
}
