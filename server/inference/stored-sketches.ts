import { z } from 'zod';
import { StrokesInput, type StrokeColumns } from '../../shared/stroke.ts';
import type { BlobStore, DatasetExample } from '../domain/ports.ts';

/** So many blobs are asked for at once. */
const CHUNK = 32;

const StoredStrokes = z.object({ strokes: StrokesInput });

export interface SketchReading {
  readonly signal: AbortSignal;
  /** Told of an example that is left out: its blob is missing, or is not strokes. */
  readonly onUnreadable: (exampleId: string, isMissing: boolean) => void;
}

/**
 * The strokes of examples, by their id. Those whose blob is missing or not strokes are left out; a
 * store that does not answer is no reason to leave out anything: it throws.
 */
export async function readStoredSketches(
  blobs: Pick<BlobStore, 'get'>,
  examples: readonly Pick<DatasetExample, 'id' | 'strokesKey'>[],
  { signal, onUnreadable }: SketchReading,
): Promise<Map<string, readonly StrokeColumns[]>> {
  const sketches = new Map<string, readonly StrokeColumns[]>();
  for (let start = 0; start < examples.length; start += CHUNK) {
    signal.throwIfAborted();
    const chunk = examples.slice(start, start + CHUNK);
    const read = await Promise.all(chunk.map(({ strokesKey }) => blobs.get(strokesKey)));
    chunk.forEach(({ id }, i) => {
      const strokes = parse(read[i] ?? null);
      if (strokes) sketches.set(id, strokes);
      else onUnreadable(id, !read[i]);
    });
  }
  return sketches;
}

function parse(bytes: Uint8Array | null): readonly StrokeColumns[] | null {
  if (!bytes) return null;
  try {
    return StoredStrokes.parse(JSON.parse(new TextDecoder().decode(bytes))).strokes;
  } catch {
    // Not JSON, or not strokes: in either case nothing can be learnt from it.
    return null;
  }
}
