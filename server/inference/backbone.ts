import { setImmediate as othersHadATurn } from 'node:timers/promises';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import { Embedder } from './embedder.ts';
import type { StarterModel } from './starter-model.ts';

const RASTER_BYTES = RASTER_PIXELS * RASTER_PIXELS;
/** About 10 ms in the network, during which the event loop stands still. */
const MAX_BATCH = 64;

/** The one session of a backbone: rasters in, normalized embeddings out. */
export class Backbone {
  readonly #embedder: Embedder;
  readonly #center: Float32Array;

  private constructor(embedder: Embedder, center: Float32Array) {
    this.#embedder = embedder;
    this.#center = center;
  }

  static async open({ servingGraph, center }: StarterModel): Promise<Backbone> {
    return new Backbone(await Embedder.create(servingGraph), center);
  }

  /** One embedding for each item, in order; what becomes a raster does so only when its turn comes. */
  async embed<T>(items: readonly T[], toRaster: (item: T) => Uint8Array): Promise<Float32Array[]> {
    const embeddings: Float32Array[] = [];
    for (let start = 0; start < items.length; start += MAX_BATCH) {
      if (start > 0) await othersHadATurn();
      const chunk = items.slice(start, start + MAX_BATCH);
      const rasters = new Uint8Array(chunk.length * RASTER_BYTES);
      chunk.forEach((item, i) => rasters.set(toRaster(item), i * RASTER_BYTES));
      const rows = normalizeEmbeddings(await this.#embedder.embed(rasters), this.#center);
      const size = this.#center.length;
      // Copies: a view would keep the whole batch in memory for as long as one of its rows.
      for (let i = 0; i < chunk.length; i++) embeddings.push(rows.slice(i * size, (i + 1) * size));
    }
    return embeddings;
  }

  close(): Promise<void> {
    return this.#embedder.close();
  }
}
