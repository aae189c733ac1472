/**
 * A backbone as bytes: "TCBB", format version (uint32), SHA-256 of all that follows, length of the
 * description (uint32), the description as JSON, then weights, statistics of batch norm and center
 * as float32. All numbers are little-endian.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import type { BlobStore } from '../domain/ports.ts';
import {
  countStatistics,
  countWeights,
  embeddingSizeOf,
  type Network,
  type NetworkState,
} from '../ml/network.ts';
import { backboneIdOf, type StarterModel } from './starter-model.ts';

/** Everything that turns rasters into normalized embeddings. The starter model is one, too. */
export interface BackboneModel {
  /** Identifies the weights: embeddings of different backbones cannot be compared. */
  readonly backboneId: string;
  readonly network: Network;
  readonly state: NetworkState;
  /** Mean embedding of what it was trained on, for `normalizeEmbeddings`. */
  readonly center: Float32Array;
}

const MAGIC = 'TCBB';
const FORMAT_VERSION = 1;
const HASH_AT = 8;
const HASHED_FROM = HASH_AT + 32;
const DESCRIPTION_AT = HASHED_FROM + 4;

const Description = z.object({
  backboneId: z.string(),
  network: z.object({
    pixels: z.number().int().positive(),
    planes: z.union([z.literal(1), z.literal(2)]),
    blocks: z
      .array(
        z.object({
          channels: z.number().int().positive(),
          stride: z.union([z.literal(1), z.literal(2)]),
        }),
      )
      .min(1)
      .readonly(),
    categories: z.number().int().positive(),
  }),
});

/** The same backbone gives the same bytes; `decodeBackbone` reads them. */
export function encodeBackbone({ backboneId, network, state, center }: BackboneModel): Uint8Array {
  const description = Description.parse({ backboneId, network });
  const json = new TextEncoder().encode(JSON.stringify(description));
  const numbers = [state.weights, state.statistics, center].map(bytesOf);
  const length = numbers.reduce((sum, part) => sum + part.length, DESCRIPTION_AT + json.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(MAGIC.length, FORMAT_VERSION, true);
  view.setUint32(HASHED_FROM, json.length, true);
  let at = DESCRIPTION_AT;
  for (const part of [json, ...numbers]) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(hashOf(bytes), HASH_AT);
  return bytes;
}

/** Throws when the bytes are not a backbone, or not as they were written. */
export function decodeBackbone(bytes: Uint8Array): BackboneModel {
  assertIntact(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbersAt = DESCRIPTION_AT + view.getUint32(HASHED_FROM, true);
  const json = new TextDecoder().decode(bytes.subarray(DESCRIPTION_AT, numbersAt));
  const { backboneId, network } = Description.parse(JSON.parse(json));
  const counts = [countWeights(network), countStatistics(network), embeddingSizeOf(network)];
  const expected = counts.reduce((sum, count) => sum + count * 4, numbersAt);
  if (bytes.length !== expected) throw new Error('The weights do not fit the network they are of.');
  let at = numbersAt;
  const [weights, statistics, center] = counts.map((count) => {
    const floats = new Float32Array(count);
    bytesOf(floats).set(bytes.subarray(at, (at += count * 4)));
    return floats;
  });
  if (!weights || !statistics || !center) throw new Error('A backbone has three lists of numbers.');
  const state = { weights, statistics };
  if (backboneIdOf(state) !== backboneId) throw new Error('These weights are of another backbone.');
  return { backboneId, network, state, center };
}

/**
 * The backbone that a version stands on: the starter model where there is no version, or it is
 * the starter's. Throws `model.unavailable` for one that is not there any more.
 */
export async function readBackbone(
  { starter, blobs }: { readonly starter: StarterModel; readonly blobs: Pick<BlobStore, 'get'> },
  version: { readonly backboneId: string; readonly backboneKey: string | null } | null,
): Promise<BackboneModel> {
  if (version === null || version.backboneId === starter.backboneId) return starter;
  const bytes = version.backboneKey === null ? null : await blobs.get(version.backboneKey);
  if (bytes === null) throw unavailable(version.backboneKey);
  const model = decodeBackbone(bytes);
  if (model.backboneId !== version.backboneId)
    throw new Error('The stored backbone is not the one of its model version.');
  return model;
}

function unavailable(backboneKey: string | null): AppError {
  const reason =
    backboneKey === null
      ? 'This version belongs to an earlier starter model that is not installed any more.'
      : 'The weights of this version are not in the store any more.';
  return new AppError(
    'model.unavailable',
    `${reason} Train again, or choose another version under Training.`,
  );
}

function assertIntact(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (bytes.length < DESCRIPTION_AT || magic !== MAGIC)
    throw new Error('These bytes are not a backbone.');
  const version = view.getUint32(MAGIC.length, true);
  if (version !== FORMAT_VERSION)
    throw new Error(`A backbone of format ${version}, which this version cannot read.`);
  if (!hashOf(bytes).equals(bytes.subarray(HASH_AT, HASHED_FROM)))
    throw new Error('A backbone was cut off or changed after it was written.');
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(HASHED_FROM)).digest();
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
