/** A backbone as a sealed blob: weights, statistics of batch norm and center. */
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
import { NetworkDescription } from './network-description.ts';
import { seal, unseal } from './sealed-blob.ts';
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

const KIND = { magic: 'TCBB', formatVersion: 1, noun: 'a backbone' } as const;

const Description = z.object({ backboneId: z.string(), network: NetworkDescription });

/** The same backbone gives the same bytes; `decodeBackbone` reads them. */
export function encodeBackbone({ backboneId, network, state, center }: BackboneModel): Uint8Array {
  const description = Description.parse({ backboneId, network });
  return seal(KIND, description, [state.weights, state.statistics, center]);
}

/** Throws when the bytes are not a backbone, or not as they were written. */
export function decodeBackbone(bytes: Uint8Array): BackboneModel {
  const { description, lists } = unseal(KIND, bytes);
  const { backboneId, network } = Description.parse(description);
  const [weights, statistics, center] = lists([
    countWeights(network),
    countStatistics(network),
    embeddingSizeOf(network),
  ]);
  if (!weights || !statistics || !center) throw new Error('A backbone has three lists of numbers.');
  const state = { weights, statistics };
  if (backboneIdOf(state) !== backboneId) throw new Error('These weights are of another backbone.');
  return { backboneId, network, state, center };
}

/**
 * The backbone that a version stands on: the starter model where there is no version, or it is
 * the starter's. Throws `model.unavailable` for one that is not there any more, or is damaged.
 */
export async function readBackbone(
  { starter, blobs }: { readonly starter: StarterModel; readonly blobs: Pick<BlobStore, 'get'> },
  version: { readonly backboneId: string; readonly backboneKey: string | null } | null,
): Promise<BackboneModel> {
  if (version === null || version.backboneId === starter.backboneId) return starter;
  if (version.backboneKey === null)
    throw unavailable(
      'This version belongs to an earlier starter model that is not installed any more.',
    );
  const bytes = await blobs.get(version.backboneKey);
  if (bytes === null)
    throw unavailable('The weights of this version are not in the store any more.');
  return intact(() => {
    const model = decodeBackbone(bytes);
    if (model.backboneId === version.backboneId) return model;
    throw new Error('The stored backbone is not the one of its model version.');
  });
}

/** What was read of a version's stored bytes. Throws `model.unavailable` where they are damaged. */
export function intact<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unavailable('The weights of this version are damaged in the store.', cause);
  }
}

/** Whether an error says that the weights of a version are gone or damaged, and not the store away. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'model.unavailable';
}

export function unavailable(reason: string, cause?: unknown): AppError {
  const words = `${reason} Train again, or choose another version under Training.`;
  return new AppError('model.unavailable', words, {}, { cause });
}
