import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { FinishedRun } from '../domain/learning-ports.ts';
import type { BlobStore, ExampleStore } from '../domain/ports.ts';
import { encodeBackbone, type BackboneModel } from '../inference/backbone-blob.ts';
import { encodeHead } from '../inference/head-blob.ts';
import type { Head } from '../ml/head.ts';
import { encodeSnapshot, type DatasetSnapshot } from './dataset-snapshot.ts';

/** The blobs of a version. */
export interface VersionBlobs {
  readonly head: Head;
  /** Null where the version stands on one that is stored already. */
  readonly backbone: BackboneModel | null;
  readonly snapshot: DatasetSnapshot;
}

export type VersionKeys = Pick<FinishedRun['version'], 'headKey' | 'snapshotKey'> & {
  readonly ownBackboneKey: string | null;
};

/**
 * Stores all blobs of a version or none of them, under keys of their own for each attempt: who has
 * lost the run must not change what another trainer stores.
 */
export async function storeVersion(
  blobs: BlobStore,
  projectId: string,
  version: VersionBlobs,
): Promise<VersionKeys> {
  const { backbone } = version;
  const keys = {
    headKey: `heads/${projectId}/${randomUUID()}`,
    snapshotKey: `snapshots/${projectId}/${randomUUID()}`,
    ownBackboneKey: backbone && `backbones/${projectId}/${randomUUID()}`,
  };
  const binary = 'application/octet-stream';
  const puts = await Promise.allSettled([
    blobs.put(keys.headKey, encodeHead(version.head), binary),
    blobs.put(keys.snapshotKey, encodeSnapshot(version.snapshot), 'application/json'),
    ...(backbone && keys.ownBackboneKey
      ? [blobs.put(keys.ownBackboneKey, encodeBackbone(backbone), binary)]
      : []),
  ]);
  const failed = puts.find((put) => put.status === 'rejected');
  if (!failed) return keys;
  await removeBlobs(blobs, [keys.headKey, keys.snapshotKey, keys.ownBackboneKey]);
  throw storingFailed(failed.reason);
}

export interface DiscardPorts {
  readonly blobs: Pick<BlobStore, 'delete'>;
  readonly examples: Pick<ExampleStore, 'removeEmbeddings' | 'unreferencedBlobKeys'>;
}

/** What a run has stored of its version, in case that version shall not be. */
export interface Discarded {
  readonly keys: readonly (string | null)[];
  /** Null where the backbone is not the run's own. */
  readonly ownBackboneId: string | null;
}

/**
 * Removes what was stored for a version that has come to nothing. Whether it has, the database says:
 * when only its answer to the commit was lost, the version is there and keeps what is its own. What
 * it is silent about, and what resists, is left to the sweep.
 */
export async function discardVersion(
  { blobs, examples }: DiscardPorts,
  { keys, ownBackboneId }: Discarded,
): Promise<void> {
  const stored = keys.filter((key) => key !== null);
  await removeBlobs(blobs, await examples.unreferencedBlobKeys(stored));
  if (ownBackboneId !== null) await examples.removeEmbeddings(ownBackboneId);
}

async function removeBlobs(
  blobs: Pick<BlobStore, 'delete'>,
  keys: readonly (string | null)[],
): Promise<void> {
  await Promise.allSettled(keys.filter((key) => key !== null).map((key) => blobs.delete(key)));
}

function storingFailed(cause: unknown): AppError {
  const message = isDiskFull(cause)
    ? 'The disk of the blob store is full, so the new version could not be stored. Make room on it and train again.'
    : 'The new version could not be stored, because the blob store does not answer. Train again soon.';
  return new AppError('blobs.unavailable', message, {}, { cause });
}

/** Whether the error, or what has caused it, says that there is no room left. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return isDiskFull(error.cause);
}
