import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { MAX_SYNC_MESSAGE_BYTES } from '../../shared/limits.ts';
import { encodeSync, MESSAGE_SYNC, SYNC_STEP_2, SYNC_UPDATE } from '../../shared/sync-protocol.ts';

/** Longer answers are parted; each part is about so long. */
const PART_BYTES = MAX_SYNC_MESSAGE_BYTES / 4;

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];

/**
 * A step 2 that the server takes: what it would refuse for its length becomes several updates and a
 * last, short step 2. Other messages stay as they are.
 */
export function encodeInParts(message: Uint8Array): readonly Uint8Array[] {
  if (message.length <= PART_BYTES) return [message];
  const decoder = decoding.createDecoder(message);
  const isStep2 =
    decoding.readVarUint(decoder) === MESSAGE_SYNC && decoding.readVarUint(decoder) === SYNC_STEP_2;
  if (!isStep2) return [message];
  const { structs, ds } = Y.decodeUpdate(decoding.readVarUint8Array(decoder));
  const parts = partsOf(structs).map((part) => encodeSync(SYNC_UPDATE, part));
  return [...parts, encodeSync(SYNC_STEP_2, encodeDeletions(ds))];
}

/** Updates of what was inserted; each is a run of one client, since a run needs no other's length. */
function partsOf(structs: readonly Struct[]): readonly Uint8Array[] {
  const runs: Run[] = [];
  for (const struct of structs) {
    const last = runs.at(-1);
    const run = last?.hasRoomFor(struct) ? last : new Run(struct);
    if (run !== last) runs.push(run);
    run.add(struct);
  }
  return runs.map((run) => run.encode());
}

/** Neighbouring structs of one client, as the v1 encoding writes them. */
class Run {
  readonly #client: number;
  readonly #clock: number;
  readonly #body = new Y.UpdateEncoderV1();
  #count = 0;
  #end: number;

  constructor({ id }: Struct) {
    this.#client = id.client;
    this.#clock = id.clock;
    this.#end = id.clock;
  }

  hasRoomFor({ id }: Struct): boolean {
    const isNext = id.client === this.#client && id.clock === this.#end;
    return isNext && encoding.length(this.#body.restEncoder) < PART_BYTES;
  }

  add(struct: Struct): void {
    // Stands for what is missing in between; the next struct begins a run of its own.
    if (struct instanceof Y.Skip) return;
    struct.write(this.#body, 0);
    this.#count += 1;
    this.#end += struct.length;
  }

  encode(): Uint8Array {
    const encoder = encoding.createEncoder();
    const isEmpty = this.#count === 0;
    encoding.writeVarUint(encoder, isEmpty ? 0 : 1);
    if (!isEmpty) {
      encoding.writeVarUint(encoder, this.#count);
      encoding.writeVarUint(encoder, this.#client);
      encoding.writeVarUint(encoder, this.#clock);
      encoding.writeUint8Array(encoder, this.#body.toUint8Array());
    }
    encoding.writeVarUint(encoder, 0);
    return encoding.toUint8Array(encoder);
  }
}

/** An update of what was deleted, and of nothing else. */
function encodeDeletions({ clients }: ReturnType<typeof Y.decodeUpdate>['ds']): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, clients.size);
  for (const [client, deletions] of clients) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, deletions.length);
    for (const { clock, len } of deletions) {
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint(encoder, len);
    }
  }
  return encoding.toUint8Array(encoder);
}
