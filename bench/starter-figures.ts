import { join } from 'node:path';
import { Embedder } from '../server/inference/embedder.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { loadStarterModel } from '../server/inference/starter-model.ts';
import { normalizeEmbeddings } from '../server/ml/embedding.ts';
import type { Accuracy } from '../server/ml/evaluate.ts';
import { accuracyOf } from '../server/ml/evaluate.ts';
import { classMeansHead, scoresOf } from '../server/ml/head.ts';
import { embedSketches, evaluateDrawings } from '../server/training/pretrain/embed-drawings.ts';
import type { DrawingOf } from '../server/training/pretrain/drawings.ts';
import { Drawings } from '../server/training/pretrain/drawings.ts';
import { RASTER_PIXELS } from '../shared/limits.ts';
import { rasterize } from '../shared/rasterize.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import type { SketchStrokes } from '../test/support/sketch-source.ts';
import { readDrawings } from '../test/support/sketch-source.ts';
import type { Summary } from './percentiles.ts';
import { summarise } from './percentiles.ts';

/** How good the shipped model is on drawings kept from it, and how fast it serves. */
export interface StarterFigures {
  readonly backboneId: string;
  /** The network with the head it was pre-trained with. */
  readonly network: Accuracy | null;
  /** Its class means alone, as a project without examples of its own uses them. */
  readonly classMeans: Accuracy | null;
  /** Microseconds a sketch, raster and embedding, one at a time and 32 at once. */
  readonly servingMicroseconds: { readonly batch1: Summary; readonly batch32: Summary };
}

const VALIDATION_FILE = 'qd-pretrain-val.ndjson.gz';
const ROUNDS = 300;

/** Accuracies are null where there is no folder of drawings. */
export async function measureStarter(folder: string | undefined): Promise<StarterFigures> {
  const starter = await loadStarterModel(join(PROJECT_ROOT, 'models/starter'));
  const embedder = await Embedder.create(starter.servingGraph);
  const names = [...starter.preTaught.keys()];
  const drawings = folder ? labelled(readDrawings(join(folder, VALIDATION_FILE)), names) : [];
  const { network, state, backboneId } = starter;
  const packed = new Drawings(drawings);
  const measured = drawings.length > 0;
  const figures = {
    backboneId,
    network: measured ? await evaluateDrawings({ network, state, embedder }, packed) : null,
    classMeans: measured ? await accuracyOfMeans(starter, embedder, drawings) : null,
    servingMicroseconds: {
      batch1: await servingTime(embedder, 1),
      batch32: await servingTime(embedder, 32),
    },
  };
  await embedder.close();
  return figures;
}

function labelled(byName: ReadonlyMap<string, SketchStrokes[]>, names: string[]): DrawingOf[] {
  return names.flatMap((name, category) =>
    (byName.get(name) ?? []).map((strokes) => ({
      category,
      strokes: strokes.map(([xs = [], ys = []]) => [xs, ys] as const),
    })),
  );
}

async function accuracyOfMeans(
  { preTaught, center, calibration }: StarterModel,
  embedder: Embedder,
  drawings: readonly DrawingOf[],
): Promise<Accuracy> {
  const means = [...preTaught.values()].map(({ mean }) => mean);
  const head = classMeansHead(means, calibration.meansTemperature);
  const sketches = drawings.map(({ strokes }) => strokes);
  const embeddings = normalizeEmbeddings(await embedSketches(embedder, sketches), center);
  const scores = new Float32Array(drawings.length * means.length);
  drawings.forEach((_, i) => {
    const embedding = embeddings.subarray(i * center.length, (i + 1) * center.length);
    scores.set(scoresOf(head, embedding), i * means.length);
  });
  const categories = drawings.map(({ category }) => category);
  return accuracyOf(scores, categories, means.length);
}

/** Time a sketch from strokes to embedding, in batches of a size. */
async function servingTime(embedder: Embedder, batch: number): Promise<Summary> {
  const zigzag = Array.from({ length: 60 }, (_, i) => i * 4);
  const stroke = [zigzag, zigzag.map((x, i) => (i % 7) * 30 + x / 4)] as const;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    const rasters = new Uint8Array(batch * RASTER_PIXELS * RASTER_PIXELS);
    for (let i = 0; i < batch; i++) rasters.set(rasterize([stroke]), i * RASTER_PIXELS ** 2);
    await embedder.embed(rasters);
    times.push(((performance.now() - begin) * 1_000) / batch);
  }
  return summarise(times.slice(ROUNDS / 3));
}
