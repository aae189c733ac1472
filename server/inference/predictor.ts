import type { Score } from '../../shared/prediction.ts';
import { rasterize } from '../../shared/rasterize.ts';
import { isJudgeable, type StrokeColumns } from '../../shared/stroke.ts';
import type { Embedded, Predictor } from '../domain/learning-ports.ts';
import { topIndexes } from '../ml/evaluate.ts';
import { scoresOf } from '../ml/head.ts';
import { decideLabel } from '../ml/unknown.ts';
import { readBackbone } from './backbone-blob.ts';
import { Backbone } from './backbone.ts';
import { Backbones, type BackboneAddress } from './backbones.ts';
import { exportOnnx } from './export-onnx.ts';
import { MissingEmbeddings } from './missing-embeddings.ts';
import type { Judgement, SketchEmbedding, SketchJudge } from './sketch-judge.ts';
import {
  loadProjectModel,
  readServed,
  type ProjectModel,
  type ProjectModelPorts,
} from './project-model.ts';
import { ProjectModels } from './project-models.ts';
import { schedulerClock, type SchedulerClock } from './scheduler-clock.ts';
import { embedViews } from './views.ts';

const TOP = 5;
/** When a promoted version, or an example, that could not be read is tried again. */
const RETRY_AFTER_MS = 10_000;

/** The networks of all projects: a session for each backbone, and a head for each project. */
export interface LivePredictor extends Predictor, SketchJudge {
  /** Told when a project's model is another one from now on. Returns its undo. */
  onModelChanged(listener: (projectId: string) => void): () => void;
  close(): Promise<void>;
}

export interface PredictorOptions extends ProjectModelPorts {
  /**
   * Told why a promoted version, or what its categories are known by, could not be read; its project
   * is served all the same.
   */
  readonly onError: (error: unknown) => void;
  readonly clock?: SchedulerClock;
  /** How many backbones besides the starter's are kept open. */
  readonly maxBackbones?: number;
}

/** Opens the starter's backbone; projects' models are read when they are first asked for. */
export async function createPredictor(options: PredictorOptions): Promise<LivePredictor> {
  const { starter, onError, clock = schedulerClock } = options;
  const listeners = new Set<(projectId: string) => void>();
  const retries = new Map<string, () => void>();
  const backbones = new Backbones({
    starter: await Backbone.open(starter),
    open: async (address) => Backbone.open(await readBackbone(options, address)),
    onEvicted: (backboneId) => models.forgetBackbone(backboneId),
    onError,
    ...(options.maxBackbones !== undefined && { max: options.maxBackbones }),
  });
  const models = new ProjectModels(async (projectId) => {
    const model = await loadProjectModel({ ...options, backbones }, projectId);
    const { backbone, lackingIds: categoryIds, failure } = model;
    missing.fill({ projectId, backbone, categoryIds });
    if (failure !== null) retryLater(projectId, failure);
    return model;
  });
  const retryLater = (projectId: string, failure: unknown): void => {
    onError(failure);
    retries.get(projectId)?.();
    const undo = clock.after(RETRY_AFTER_MS, () => forget(projectId));
    retries.set(projectId, undo);
  };
  const forget = (projectId: string): void => {
    models.forget(projectId);
    for (const listener of listeners) listener(projectId);
  };
  const missing = new MissingEmbeddings({
    ...{ examples: options.examples, blobs: options.blobs, backbones },
    ...{ onEmbedded: forget, onFailed: retryLater },
  });
  return {
    ...sketchJudge(backbones, models),
    predict: (projectId, sketches) => predict({ backbones, models }, projectId, sketches),
    embed: (projectId, sketches) => embedExamples({ backbones, models }, projectId, sketches),
    findStarterCategory: (name) => starter.findPreTaught(name),
    forget,
    assertServable: async (version) => void (await readServed({ ...options, backbones }, version)),
    exportOnnx: (version) => exportOnnx(options, version),
    onModelChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      await missing.close();
      for (const undo of retries.values()) undo();
      await backbones.close();
    },
  };
}

interface Parts {
  readonly backbones: Backbones;
  readonly models: ProjectModels;
}

function sketchJudge(backbones: Backbones, models: ProjectModels): SketchJudge {
  return {
    backboneOf: (projectId) => {
      const backbone = models.lastKnown(projectId)?.backbone;
      return backbone && backbones.isOpen(backbone.backboneId) ? backbone : null;
    },
    prepare: async (projectId) => void (await models.get(projectId)),
    embedSketches: (backbone, sketches) => embedSketches(backbones, backbone, sketches),
    judge: async (projectId, embeddings) => {
      const model = await models.get(projectId);
      return embeddings.map((embedding) =>
        embedding !== null && embedding.backboneId !== model.backbone.backboneId
          ? null
          : judgeOne(model, embedding),
      );
    },
  };
}

async function embedSketches(
  backbones: Backbones,
  address: BackboneAddress,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<(SketchEmbedding | null)[]> {
  const judgeable = sketches.filter(isJudgeable);
  const rows = await backbones.use(address, (backbone) => backbone.embedSketches(judgeable));
  const { backboneId } = address;
  const embeddingOf = new Map(
    rows.map((numbers, i) => [judgeable[i] ?? [], { backboneId, numbers }]),
  );
  return sketches.map((strokes) => embeddingOf.get(strokes) ?? null);
}

const predict = async (
  { backbones, models }: Parts,
  projectId: string,
  sketches: readonly (readonly StrokeColumns[])[],
): ReturnType<Predictor['predict']> => {
  const model = await models.get(projectId);
  const startedAt = performance.now();
  const embeddings = await embedSketches(backbones, model.backbone, sketches);
  const milliseconds = performance.now() - startedAt;
  return embeddings.map((embedding) => ({ ...judgeOne(model, embedding), milliseconds }));
};

function judgeOne(
  { modelVersionId, categories, head }: ProjectModel,
  embedding: SketchEmbedding | null,
): Judgement {
  if (!embedding || categories.length === 0)
    return { modelVersion: modelVersionId, label: null, scores: [] };
  const confidences = scoresOf(head, embedding.numbers);
  const best = decideLabel(head, embedding.numbers, confidences);
  const scores = topIndexes(confidences, TOP).flatMap((index): Score[] => {
    const category = categories[index];
    if (!category) return [];
    return [{ categoryId: category.id, name: category.name, confidence: confidences[index] ?? 0 }];
  });
  const label = best === null ? null : (categories[best]?.name ?? null);
  return { modelVersion: modelVersionId, label, scores };
}

/** What is stored with an example is its ink alone; the network may have seen more. */
async function embedExamples(
  { backbones, models }: Parts,
  projectId: string,
  sketches: readonly (readonly StrokeColumns[])[],
): Promise<Embedded[]> {
  const { backbone } = await models.get(projectId);
  const embedded = await backbones.use(backbone, (open) => embedViews(open, sketches));
  return embedded.map((embeddings, i) => ({
    backboneId: backbone.backboneId,
    raster: rasterize(sketches[i] ?? []),
    embeddings,
  }));
}
