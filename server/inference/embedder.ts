import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import type { Planes } from '../../shared/rasterize.ts';
import { createSession } from './session.ts';

const PLANE_BYTES = RASTER_PIXELS * RASTER_PIXELS;

/** A backbone ready to serve: rasters in, embeddings out. */
export class Embedder {
  readonly #session: InferenceSession;
  /** Of the rasters. */
  readonly planes: Planes;

  private constructor(session: InferenceSession, planes: Planes) {
    this.#session = session;
    this.planes = planes;
  }

  /** With the planes that the network's rasters have. */
  static async create(servingGraph: Uint8Array, planes: Planes = 1): Promise<Embedder> {
    return new Embedder(await createSession(servingGraph), planes);
  }

  /** Embeddings, one row a raster, neither centred nor scaled, of rasters laid end to end. */
  async embed(rasters: Uint8Array): Promise<Float32Array> {
    const count = rasters.length / (PLANE_BYTES * this.planes);
    if (count === 0) return new Float32Array();
    const shape = [count, this.planes, RASTER_PIXELS, RASTER_PIXELS];
    const { embedding } = await this.#session.run({ raster: new Tensor('uint8', rasters, shape) });
    if (!(embedding?.data instanceof Float32Array)) throw new Error('The model gave no embedding.');
    return embedding.data;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
