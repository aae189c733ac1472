import { AppError } from '../../shared/errors.ts';
import type { Prediction, Score } from '../../shared/prediction.ts';
import { rasterize } from '../../shared/rasterize.ts';
import { isJudgeable, type StrokeColumns } from '../../shared/stroke.ts';
import type { Embedded, ModelVersionRecord, Predictor } from '../domain/learning-ports.ts';
import { labelOf } from '../ml/calibrate.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { scoresOf } from '../ml/head.ts';
import { completeGraph } from '../ml/serving-graph.ts';
import { Backbone } from './backbone.ts';
import type { SketchJudge } from './sketch-judge.ts';
import {
  loadProjectModel,
  readHead,
  type ProjectModel,
  type ProjectModelPorts,
} from './project-model.ts';
import { ProjectModels } from './project-models.ts';
import { VIEWS, viewsOf } from './views.ts';

const TOP = 5;

/** The networks of all projects: one backbone in one session, and a head for each project. */
export interface LivePredictor extends Predictor, SketchJudge {
  /** Told when a project's model is another one from now on. Returns its undo. */
  onModelChanged(listener: (projectId: string) => void): () => void;
  close(): Promise<void>;
}

/** Opens the backbone; projects' heads are read when they are first asked for. */
export async function createPredictor(ports: ProjectModelPorts): Promise<LivePredictor> {
  const { starter } = ports;
  const backbone = await Backbone.open(starter);
  const models = new ProjectModels((projectId) => loadProjectModel(ports, projectId));
  const listeners = new Set<(projectId: string) => void>();
  const { unknownThreshold } = starter.calibration;

  const embedSketches: SketchJudge['embedSketches'] = async (sketches) => {
    const judgeable = sketches.filter(isJudgeable);
    const embeddings = await backbone.embed(judgeable, rasterize);
    const embeddingOf = new Map(judgeable.map((strokes, i) => [strokes, embeddings[i]]));
    return sketches.map((strokes) => embeddingOf.get(strokes) ?? null);
  };
  const judge: SketchJudge['judge'] = async (projectId, embeddings) => {
    const model = await models.get(projectId);
    return embeddings.map((embedding) => judgeOne(model, embedding, unknownThreshold));
  };
  return {
    embedSketches,
    judge,
    predict: async (projectId, sketches) => {
      await models.get(projectId);
      const startedAt = performance.now();
      const embeddings = await embedSketches(sketches);
      const milliseconds = performance.now() - startedAt;
      const judgements = await judge(projectId, embeddings);
      return judgements.map((judgement) => ({ ...judgement, milliseconds }));
    },
    embed: (sketches) => embedExamples(backbone, starter.backboneId, sketches),
    findStarterCategory: (name) => starter.findPreTaught(name),
    forget: (projectId) => {
      models.forget(projectId);
      for (const listener of listeners) listener(projectId);
    },
    exportOnnx: (version) => exportOnnx(ports, version),
    onModelChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => backbone.close(),
  };
}

function judgeOne(
  { modelVersionId, categories, head }: ProjectModel,
  embedding: Float32Array | null,
  unknownThreshold: number,
): Omit<Prediction, 'milliseconds'> {
  if (!embedding || categories.length === 0)
    return { modelVersion: modelVersionId, label: null, scores: [] };
  const confidences = scoresOf(head, embedding);
  const best = labelOf(confidences, unknownThreshold);
  const scores = topIndexes(confidences, TOP).flatMap((index): Score[] => {
    const category = categories[index];
    if (!category) return [];
    return [{ categoryId: category.id, name: category.name, confidence: confidences[index] ?? 0 }];
  });
  const label = best === null ? null : (categories[best]?.name ?? null);
  return { modelVersion: modelVersionId, label, scores };
}

async function embedExamples(
  backbone: Backbone,
  backboneId: string,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<Embedded[]> {
  const embedded: Embedded[] = [];
  for (const strokes of sketches) {
    const views = viewsOf(strokes);
    const rows = await backbone.embed(views, (raster) => raster);
    const size = rows[0]?.length ?? 0;
    const embeddings = new Float32Array(VIEWS * size);
    rows.forEach((row, i) => embeddings.set(row, i * size));
    embedded.push({ backboneId, raster: views[0] ?? new Uint8Array(), embeddings });
  }
  return embedded;
}

async function exportOnnx(
  { starter, blobs }: ProjectModelPorts,
  version: ModelVersionRecord,
): Promise<Uint8Array> {
  if (version.backboneId !== starter.backboneId)
    throw new AppError(
      'model.unavailable',
      'This version belongs to an earlier starter model that is not installed any more.',
    );
  const { network, state, center } = starter;
  const head = await readHead(blobs, version);
  const metadata = {
    categories: JSON.stringify(version.categories.map(({ name }) => name)),
    preprocessing: 'raster: uint8 [N, 1, 32, 32], 255 is ink, as shared/rasterize.ts draws it',
    modelVersion: version.id,
    modelVersionNumber: String(version.number),
  };
  return completeGraph(network, state, { center, head, metadata });
}
