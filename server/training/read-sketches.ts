import type { StrokeColumns } from '../../shared/stroke.ts';
import type { BlobStore, DatasetExample } from '../domain/ports.ts';
import { readStoredSketches } from '../inference/stored-sketches.ts';
import type { Logger } from '../logger.ts';

export interface SketchSources {
  readonly blobs: BlobStore;
  readonly logger: Logger;
}

/** The strokes of examples, by their id; a line in the log for each that is left out. */
export async function readSketches(
  { blobs, logger }: SketchSources,
  examples: readonly Pick<DatasetExample, 'id' | 'strokesKey'>[],
  signal: AbortSignal,
): Promise<Map<string, readonly StrokeColumns[]>> {
  return readStoredSketches(blobs, examples, {
    signal,
    onUnreadable: (exampleId, isMissing) =>
      logger.warn({ exampleId, isMissing }, 'example.unreadable'),
  });
}
