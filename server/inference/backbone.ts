import { setImmediate as othersHadATurn } from 'node:timers/promises';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import { rasterize, type Planes } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import { embeddingSizeOf } from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import type { BackboneModel } from './backbone-blob.ts';
import { Embedder } from './embedder.ts';

/** About 10 ms in the network, during which the event loop stands still. */
const MAX_BATCH = 64;

/** The session of a backbone: rasters of the network's planes in, normalized embeddings out. */
export class Backbone {
  readonly backboneId: string;
  readonly embeddingSize: number;
  /** Planes of its rasters. */
  readonly planes: Planes;
  readonly #embedder: Embedder;
  readonly #center: Float32Array;

  private constructor({ backboneId, network, center }: BackboneModel, embedder: Embedder) {
    this.backboneId = backboneId;
    this.embeddingSize = embeddingSizeOf(network);
    this.planes = network.planes;
    this.#embedder = embedder;
    this.#center = center;
  }

  static async open(model: BackboneModel): Promise<Backbone> {
    const { network, state } = model;
    return new Backbone(model, await Embedder.create(servingGraph(network, state), network.planes));
  }

  /** One embedding for each sketch, in order. */
  embedSketches(sketches: readonly (readonly StrokeColumns[])[]): Promise<Float32Array[]> {
    const { planes } = this;
    return this.embed(sketches, (strokes) => rasterize(strokes, { planes }));
  }

  /** One embedding for each item, in order; what becomes a raster does so only when its turn comes. */
  async embed<T>(items: readonly T[], toRaster: (item: T) => Uint8Array): Promise<Float32Array[]> {
    const [bytes, size] = [this.planes * RASTER_PIXELS * RASTER_PIXELS, this.embeddingSize];
    const embeddings: Float32Array[] = [];
    for (let start = 0; start < items.length; start += MAX_BATCH) {
      if (start > 0) await othersHadATurn();
      const chunk = items.slice(start, start + MAX_BATCH);
      const rasters = new Uint8Array(chunk.length * bytes);
      chunk.forEach((item, i) => rasters.set(toRaster(item), i * bytes));
      const rows = normalizeEmbeddings(await this.#embedder.embed(rasters), this.#center);
      // Copies: a view would keep the whole batch in memory for as long as one of its rows.
      for (let i = 0; i < chunk.length; i++) embeddings.push(rows.slice(i * size, (i + 1) * size));
    }
    return embeddings;
  }

  close(): Promise<void> {
    return this.#embedder.close();
  }
}
