import { randomUUID } from 'node:crypto';
import type { ModelVersion } from '../../shared/model-version.ts';
import { rasterize } from '../../shared/rasterize.ts';
import { gaussian, seededRandom } from '../../shared/random.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import type { BackboneAddress } from '../../server/inference/backbones.ts';
import { encodeBackbone, type BackboneModel } from '../../server/inference/backbone-blob.ts';
import { Backbone } from '../../server/inference/backbone.ts';
import { Embedder } from '../../server/inference/embedder.ts';
import { encodeHead } from '../../server/inference/head-blob.ts';
import { backboneIdOf, type StarterModel } from '../../server/inference/starter-model.ts';
import { meanEmbedding } from '../../server/ml/embedding.ts';
import { classMeansHead } from '../../server/ml/head.ts';
import { embeddingSizeOf } from '../../server/ml/network.ts';
import { servingGraph } from '../../server/ml/serving-graph.ts';
import { HAND_DRAWN_CATEGORIES, handDrawn } from './hand-drawn.ts';
import type { LabProject, LearningLab } from './learning-lab.ts';

/** How far weights move, relative to their size: about as far as a short fine-tuning. */
const MOVED_BY = 0.05;

/** A backbone that sees alike and yet differently: the starter's, every weight moved a little. */
export async function tunedBackbone(starter: StarterModel, seed: number): Promise<BackboneModel> {
  const random = seededRandom(seed);
  const { network } = starter;
  const { statistics } = starter.state;
  const weights = starter.state.weights.map((w) => w * (1 + MOVED_BY * gaussian(random)));
  const state = { weights, statistics };
  const sketches = HAND_DRAWN_CATEGORIES.flatMap((name) =>
    [0, 1, 2].map((n) => handDrawn(name, n)),
  );
  const rasters = sketches.map((strokes) => rasterize(strokes, { planes: network.planes }));
  const embedder = await Embedder.create(servingGraph(network, state), network.planes);
  const embeddings = await embedder.embed(new Uint8Array(rasters.flatMap((raster) => [...raster])));
  await embedder.close();
  const center = meanEmbedding(embeddings, embeddingSizeOf(network));
  return { backboneId: backboneIdOf(state), network, state, center };
}

/** Stores a backbone of a project. */
export async function storeBackbone(
  { blobs }: LearningLab,
  { id }: LabProject,
  backbone: BackboneModel,
): Promise<BackboneAddress & { readonly backboneKey: string }> {
  const backboneKey = `backbones/${id}/${randomUUID()}`;
  await blobs.put(backboneKey, encodeBackbone(backbone), 'application/octet-stream');
  return { backboneId: backbone.backboneId, backboneKey };
}

/**
 * A promoted version as a training run leaves it: the class means of three sketches of each of
 * these hand-drawn categories on a backbone, which was stored before if it is not the starter's.
 */
export async function promoteVersion(
  lab: LearningLab,
  project: LabProject,
  given: { readonly backbone: BackboneModel; readonly backboneKey: string | null },
): Promise<ModelVersion> {
  const names = HAND_DRAWN_CATEGORIES.filter((name) => project.categories.has(name));
  const open = await Backbone.open(given.backbone);
  const means: Float32Array[] = [];
  for (const name of names) {
    const rows = await open.embedSketches([0, 1, 2].map((n) => handDrawn(name, n)));
    means.push(
      meanEmbedding(Float32Array.from(rows.flatMap((row) => [...row])), open.embeddingSize),
    );
  }
  await open.close();
  const { trainedTemperature, unknown } = lab.starter.calibration;
  const headKey = `heads/${project.id}/${randomUUID()}`;
  await lab.blobs.put(
    headKey,
    encodeHead(classMeansHead(means, trainedTemperature, { unknown })),
    'application/octet-stream',
  );
  await lab.requestRun(project, { layers: given.backboneKey === null ? 'head' : 'all' });
  const run = await lab.stores.claims.claim('a trainer', 15_000);
  if (run?.projectId !== project.id) throw new Error('Another run was claimed.');
  return lab.stores.claims.succeed({
    ...{ trainingRunId: run.id, trainerId: 'a trainer', promote: true },
    progress: { ...INITIAL_PROGRESS, phase: 'done' },
    version: {
      ...{ headKey, backboneKey: given.backboneKey, backboneId: given.backbone.backboneId },
      ...{ snapshotKey: `snapshots/${project.id}/${run.id}`, promotionReason: 'first_version' },
      categories: names.map((name) => ({ id: project.categories.get(name)?.id ?? '', name })),
      confusion: [],
      metrics: {
        ...{ accuracy: null, interval: null, macroAccuracy: null, top3: null, curve: [] },
        ...{ calibrationError: null, unknownShare: null, testExamples: 0, method: 'none' },
        ...{ trainingExamples: 0, perCategory: [] },
      },
    },
  });
}
