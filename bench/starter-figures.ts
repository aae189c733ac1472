import { join } from 'node:path';
import { Embedder } from '../server/inference/embedder.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { loadStarterModel } from '../server/inference/starter-model.ts';
import { normalizeEmbeddings } from '../server/ml/embedding.ts';
import type { Accuracy } from '../server/ml/evaluate.ts';
import { accuracyOf } from '../server/ml/evaluate.ts';
import { classMeansHead, scoresOf } from '../server/ml/head.ts';
import { Classifier } from '../server/training/pretrain/classifier.ts';
import {
  embedSketches,
  evaluateDrawings,
  firstHalf,
  type Showing,
} from '../server/training/pretrain/embed-drawings.ts';
import type { DrawingOf } from '../server/training/pretrain/drawings.ts';
import { Drawings } from '../server/training/pretrain/drawings.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import type { SketchStrokes } from '../test/support/sketch-source.ts';
import { readDrawings } from '../test/support/sketch-source.ts';
import { pixelByPixel } from './pixel-by-pixel.ts';
import { measureServing, type ServingFigures } from './serving.ts';

/** How good the shipped model is on drawings kept from it, and how fast it serves. */
export interface StarterFigures {
  readonly backboneId: string;
  /** The network with the head it was pre-trained with. */
  readonly network: Accuracy | null;
  /** The same, of the first half of each drawing's points. */
  readonly firstHalves: Accuracy | null;
  /** Both again, of drawings of `SLOW_PIXELS` with a point at every pixel, as a slow mouse draws. */
  readonly drawnSlowly: Accuracy | null;
  readonly firstHalvesDrawnSlowly: Accuracy | null;
  /** Its class means alone, as a project without examples of its own uses them. */
  readonly classMeans: Accuracy | null;
  /** Rasters to labels, alone and 32 at once. */
  readonly serving: readonly ServingFigures[];
}

const SLOW_PIXELS = 120;

const VALIDATION_FILE = 'qd-pretrain-val.ndjson.gz';

/** Accuracies are null where there is no folder of drawings. */
export async function measureStarter(folder: string | undefined): Promise<StarterFigures> {
  const starter = await loadStarterModel(join(PROJECT_ROOT, 'models/starter'));
  const { network, state, backboneId, servingGraph } = starter;
  const embedder = await Embedder.create(servingGraph, network.planes);
  const classifier = await Classifier.create(network, state);
  const names = [...starter.preTaught.keys()];
  const drawings = folder ? labelled(readDrawings(join(folder, VALIDATION_FILE)), names) : [];
  const packed = new Drawings(drawings);
  const slowly: Showing = (strokes) => pixelByPixel(strokes, SLOW_PIXELS);
  const measure = async (show?: Showing): Promise<Accuracy | null> =>
    drawings.length > 0 ? evaluateDrawings(classifier, packed, show) : null;
  const figures = {
    backboneId,
    network: await measure(),
    firstHalves: await measure(firstHalf),
    drawnSlowly: await measure(slowly),
    firstHalvesDrawnSlowly: await measure((strokes) => slowly(firstHalf(strokes))),
    classMeans: drawings.length > 0 ? await accuracyOfMeans(starter, embedder, drawings) : null,
    serving: await measureServing(starter),
  };
  await embedder.close();
  await classifier.close();
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
