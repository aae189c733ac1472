import { setImmediate as othersHadATurn } from 'node:timers/promises';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { concatenate } from '../ml/concatenate.ts';
import type { Network } from '../ml/network.ts';

const CHUNK = 64;

/**
 * The sketches as a network takes them, a few at a time: those of a large dataset at once would be
 * gigabytes, and to draw them in one go would hold up the renewal of the lease for longer than it lasts.
 */
export async function* rasterChunks(
  sketches: readonly (readonly StrokeColumns[])[],
  { planes, pixels }: Pick<Network, 'planes' | 'pixels'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const bytes = planes * pixels ** 2;
  for (let start = 0; start < sketches.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = sketches.slice(start, start + CHUNK);
    const rasters = new Uint8Array(chunk.length * bytes);
    chunk.forEach((strokes, i) => rasters.set(rasterize(strokes, { planes, pixels }), i * bytes));
    yield rasters;
    await othersHadATurn();
  }
}

/** What a network gives for all rasters, row after row. */
export async function rowsOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  run: (rasters: Uint8Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const rows: Float32Array[] = [];
  for await (const rasters of chunks) rows.push(await run(rasters));
  return concatenate(rows);
}
