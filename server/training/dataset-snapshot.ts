/**
 * What a version was made of: the examples with their categories and splits, the backbone it
 * started from, and the settings. Together with the seed it makes the version again.
 */
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { Split } from '../../shared/example.ts';
import { Hyperparameters, Layers } from '../../shared/hyperparameters.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import type { BlobStore } from '../domain/ports.ts';

export const DatasetSnapshot = z.object({
  formatVersion: z.literal(1),
  projectId: z.uuid(),
  layers: Layers,
  /** All of them. */
  hyperparameters: Hyperparameters.required(),
  /** The backbone that training began with; from scratch, the one whose architecture it took. */
  start: z.object({ backboneId: z.string(), backboneKey: z.string().nullable() }),
  categories: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      /** Name in the starter model, where its embeddings stood in. */
      starterName: z.string().nullable(),
    }),
  ),
  /** Oldest first; those that could not be read are not among them. */
  examples: z.array(z.object({ id: z.uuid(), categoryId: z.uuid(), split: Split })),
  /** When the newest example of the project was added, chosen or not; null where there was none. */
  seenUntil: z.iso.datetime().nullable(),
  /** Where the time allowed was over, after how many steps; null where it was not. */
  stoppedAfterSteps: z.number().int().nullable(),
});
export type DatasetSnapshot = z.infer<typeof DatasetSnapshot>;

export function encodeSnapshot(snapshot: DatasetSnapshot): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(snapshot));
}

/** The snapshot of a version, or null for a version from before such were kept. */
export async function readSnapshot(
  blobs: BlobStore,
  { snapshotKey }: ModelVersionRecord,
): Promise<DatasetSnapshot | null> {
  if (snapshotKey === null) return null;
  const bytes = await blobs.get(snapshotKey);
  if (!bytes) return null;
  return DatasetSnapshot.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/** As `readSnapshot`, for who cannot do without. */
export async function getSnapshot(
  blobs: BlobStore,
  version: ModelVersionRecord,
): Promise<DatasetSnapshot> {
  const snapshot = await readSnapshot(blobs, version);
  if (snapshot) return snapshot;
  throw new AppError(
    'model_version.not_rebuildable',
    `It is not known what version ${version.number} was trained on, so it cannot be made again. Train a new version instead.`,
  );
}
