import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import { createSession } from './session.ts';

const RASTER_BYTES = RASTER_PIXELS * RASTER_PIXELS;

/** A backbone ready to serve: rasters in, embeddings out. */
export class Embedder {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async create(servingGraph: Uint8Array): Promise<Embedder> {
    return new Embedder(await createSession(servingGraph));
  }

  /** Embeddings, one row a raster, neither centred nor scaled, of rasters laid end to end. */
  async embed(rasters: Uint8Array): Promise<Float32Array> {
    const count = rasters.length / RASTER_BYTES;
    if (count === 0) return new Float32Array();
    const raster = new Tensor('uint8', rasters, [count, 1, RASTER_PIXELS, RASTER_PIXELS]);
    const { embedding } = await this.#session.run({ raster });
    if (!(embedding?.data instanceof Float32Array)) throw new Error('The model gave no embedding.');
    return embedding.data;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
