/**
 * Numbers with a description as bytes that vouch for themselves: four letters for the kind, format
 * version (uint32), SHA-256 of all that follows, length of the description (uint32), the
 * description as JSON, then lists of float32. All numbers are little-endian.
 */
import { createHash } from 'node:crypto';

/** What the bytes are of; the noun is for messages. */
export interface SealedKind {
  /** Four letters. */
  readonly magic: string;
  readonly formatVersion: number;
  /** "a backbone", "a checkpoint". */
  readonly noun: string;
}

/** An intact blob: its description, not parsed any further, and its lists. */
export interface Unsealed {
  readonly description: unknown;
  /** Cuts the numbers into lists of these lengths; throws unless they are all of the numbers. */
  lists(lengths: readonly number[]): Float32Array[];
}

const VERSION_AT = 4;
const HASH_AT = 8;
const HASHED_FROM = HASH_AT + 32;
const DESCRIPTION_AT = HASHED_FROM + 4;
const FLOAT_BYTES = 4;

/** The same content gives the same bytes; `unseal` reads them. */
export function seal(
  { magic, formatVersion }: SealedKind,
  description: object,
  lists: readonly Float32Array[],
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(description));
  const parts = [json, ...lists.map(bytesOf)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, DESCRIPTION_AT));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(VERSION_AT, formatVersion, true);
  view.setUint32(HASHED_FROM, json.length, true);
  let at = DESCRIPTION_AT;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(hashOf(bytes), HASH_AT);
  return bytes;
}

/** Throws when the bytes are not of the kind, or not as they were written. */
export function unseal(kind: SealedKind, bytes: Uint8Array): Unsealed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assertIntact(kind, bytes, view);
  const numbersAt = DESCRIPTION_AT + view.getUint32(HASHED_FROM, true);
  const json = new TextDecoder().decode(bytes.subarray(DESCRIPTION_AT, numbersAt));
  return {
    description: JSON.parse(json),
    lists: (lengths) => {
      const end = lengths.reduce((sum, length) => sum + length * FLOAT_BYTES, numbersAt);
      if (bytes.length !== end)
        throw new Error(`The numbers of ${kind.noun} do not fit the network they are of.`);
      let at = numbersAt;
      return lengths.map((length) => {
        const floats = new Float32Array(length);
        bytesOf(floats).set(bytes.subarray(at, (at += length * FLOAT_BYTES)));
        return floats;
      });
    },
  };
}

function assertIntact(
  { magic, formatVersion, noun }: SealedKind,
  bytes: Uint8Array,
  view: DataView,
): void {
  const found = new TextDecoder().decode(bytes.subarray(0, VERSION_AT));
  if (bytes.length < DESCRIPTION_AT || found !== magic)
    throw new Error(`These bytes are not ${noun}.`);
  const version = view.getUint32(VERSION_AT, true);
  if (version !== formatVersion)
    throw new Error(`This is ${noun} of format ${version}, which cannot be read here.`);
  if (!hashOf(bytes).equals(bytes.subarray(HASH_AT, HASHED_FROM)))
    throw new Error(`Something was cut off or changed after ${noun} was written.`);
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(HASHED_FROM)).digest();
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
