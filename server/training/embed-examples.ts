/**
 * Embeddings of examples for one backbone. They are cached in the database; what is missing, because
 * the backbone is new to the project or the examples came while another one was served, is computed
 * from the strokes and stored.
 */
import { setImmediate as othersHadATurn } from 'node:timers/promises';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { ExampleEmbeddings } from '../domain/embedding-ports.ts';
import type { DatasetExample, ExampleStore } from '../domain/ports.ts';
import type { BackboneModel } from '../inference/backbone-blob.ts';
import { Embedder } from '../inference/embedder.ts';
import { viewsOf } from '../inference/views.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import type { Network, NetworkState } from '../ml/network.ts';
import { servingGraph } from '../ml/serving-graph.ts';
import { readSketches, type SketchSources } from './read-sketches.ts';

/** So many sketches are embedded and stored at once: some 30 ms. */
const CHUNK = 32;

export interface EmbeddingPorts extends SketchSources {
  readonly examples: ExampleStore;
}

export interface EmbeddingControl {
  readonly signal: AbortSignal;
  /** How many of how many are done. */
  readonly onProgress: (done: number, of: number) => void;
}

/** Sketches of examples, by id. */
export type Sketches = ReadonlyMap<string, readonly StrokeColumns[]>;

/**
 * The embeddings of these examples, by id; those that have none yet and whose strokes cannot be read
 * are left out.
 */
export async function embeddingsFor(
  { examples: store, ...sources }: EmbeddingPorts,
  backbone: BackboneModel,
  { examples, ...control }: EmbeddingControl & { readonly examples: readonly DatasetExample[] },
): Promise<Map<string, Float32Array>> {
  const ids = examples.map(({ id }) => id);
  const cached = await store.embeddingsOf(ids, backbone.backboneId);
  const embeddings = new Map(cached.map((row) => [row.exampleId, row.embeddings]));
  const missing = examples.filter(({ id }) => !embeddings.has(id));
  if (missing.length === 0) return embeddings;
  const sketches = await readSketches(sources, missing, control.signal);
  for await (const chunk of embedAll(backbone, sketches, control)) {
    for (const row of chunk) normalizeEmbeddings(row.embeddings, backbone.center);
    await store.addEmbeddings(backbone.backboneId, chunk);
    for (const row of chunk) embeddings.set(row.exampleId, row.embeddings);
  }
  return embeddings;
}

/** Embeddings of the views of sketches, chunk by chunk, neither centred nor scaled. */
export async function* embedAll(
  { network, state }: { readonly network: Network; readonly state: NetworkState },
  sketches: Sketches,
  { signal, onProgress }: EmbeddingControl,
): AsyncGenerator<ExampleEmbeddings[], void> {
  const embedder = await Embedder.create(servingGraph(network, state), network.planes);
  try {
    const entries = [...sketches];
    for (let start = 0; start < entries.length; start += CHUNK) {
      signal.throwIfAborted();
      const chunk = entries.slice(start, start + CHUNK);
      yield await embedChunk(embedder, network.planes, chunk);
      onProgress(Math.min(start + CHUNK, entries.length), entries.length);
      await othersHadATurn();
    }
  } finally {
    await embedder.close();
  }
}

async function embedChunk(
  embedder: Embedder,
  planes: Network['planes'],
  chunk: readonly (readonly [string, readonly StrokeColumns[]])[],
): Promise<ExampleEmbeddings[]> {
  const rasters = joined(chunk.flatMap(([, strokes]) => viewsOf(strokes, planes)));
  const rows = await embedder.embed(rasters);
  const numbers = rows.length / chunk.length;
  return chunk.map(([exampleId], i) => ({
    exampleId,
    embeddings: rows.slice(i * numbers, (i + 1) * numbers),
  }));
}

function joined(rasters: readonly Uint8Array[]): Uint8Array {
  const bytes = rasters[0]?.length ?? 0;
  const all = new Uint8Array(rasters.length * bytes);
  rasters.forEach((raster, i) => all.set(raster, i * bytes));
  return all;
}
