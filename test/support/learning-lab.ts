import { resolveHyperparameters } from '../../shared/hyperparameters.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { openBlobs } from '../../server/blobs/blobs.ts';
import type { BlobStore, CategoryRecord } from '../../server/domain/ports.ts';
import { createPredictor, type LivePredictor } from '../../server/inference/predictor.ts';
import { createLogger } from '../../server/logger.ts';
import { loadStarterModel, type StarterModel } from '../../server/inference/starter-model.ts';
import { PATHS } from '../../server/paths.ts';
import { openDatabase, type Database } from '../../server/store/database.ts';
import { openStores, type Stores } from '../../server/store/stores.ts';
import type { TrainingPorts } from '../../server/training/train-project.ts';
import { createTestDatabase } from './database.ts';

/** A project with an empty dataset. */
export interface LabProject {
  readonly id: string;
  readonly categories: ReadonlyMap<string, CategoryRecord>;
}

/** Everything that predicts and learns, on a real database and real files, without a server. */
export interface LearningLab {
  readonly database: Database;
  readonly stores: Stores;
  readonly blobs: BlobStore;
  readonly dataDir: string;
  readonly starter: StarterModel;
  readonly predictor: LivePredictor;
  /** Why promoted versions could not be read. */
  readonly unreadable: readonly unknown[];
  /** With categories of these names, pre-taught where the starter model knows them. */
  createProject(categoryNames: readonly string[]): Promise<LabProject>;
  /** Adds sketches to the dataset; they are not trained on by that alone. */
  teach(project: LabProject, name: string, sketches: readonly StrokeColumns[][]): Promise<void>;
  requestRun(project: LabProject, request?: Partial<TrainingRun>): Promise<TrainingRun>;
  /** What a trainer needs besides the queue. */
  readonly trainingPorts: TrainingPorts;
  close(): Promise<void>;
}

export async function openLearningLab(): Promise<LearningLab> {
  const { url, drop } = await createTestDatabase();
  const database = await openDatabase(url);
  const stores = openStores(database);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'learning-lab-'));
  const blobs = await openBlobs({ DATA_DIR: dataDir, AZURE_STORAGE_CONTAINER: 'unused' });
  const starter = await loadStarterModel(PATHS.starterModel);
  const { categories, examples, modelVersions: models } = stores;
  const unreadable: unknown[] = [];
  const predictor = await createPredictor({
    ...{ starter, models, categories, examples, blobs },
    onError: (error) => unreadable.push(error),
  });
  return {
    ...{ database, stores, blobs, dataDir, starter, predictor, unreadable },
    createProject: (names) => createProject({ stores, predictor }, names),
    teach: (project, name, sketches) =>
      teach({ stores, predictor, blobs }, project, { name, sketches }),
    trainingPorts: { ...{ starter, categories, examples, models, blobs }, logger },
    requestRun: ({ id: projectId }, { layers = 'head', hyperparameters = {}, ...given } = {}) => {
      const { data, leastExamples } = { ...DEFAULT_STRATEGY, ...given };
      return stores.trainingRuns.request({
        ...{ projectId, layers, data, leastExamples, rebuildOf: given.rebuildOf ?? null },
        hyperparameters: resolveHyperparameters(layers, hyperparameters),
      });
    },
    close: async () => {
      await predictor.close();
      await database.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

type Parts = Pick<LearningLab, 'stores' | 'predictor'>;
const logger = createLogger('silent');

async function createProject(
  { stores, predictor }: Parts,
  names: readonly string[],
): Promise<LabProject> {
  const { id } = await stores.projects.create({
    name: 'Lab',
    isPlayground: false,
    ownerId: null,
    ownerToken: randomUUID(),
    canvas: { name: 'Canvas', mode: 'free' },
  });
  const categories = new Map<string, CategoryRecord>();
  for (const name of names) {
    const starterName = predictor.findStarterCategory(name);
    categories.set(name, await stores.categories.create({ projectId: id, name, starterName }));
  }
  return { id, categories };
}

/** The strokes are stored, too: training of more than the head reads them. */
async function teach(
  { stores, predictor, blobs }: Parts & Pick<LearningLab, 'blobs'>,
  project: LabProject,
  { name, sketches }: { readonly name: string; readonly sketches: readonly StrokeColumns[][] },
): Promise<void> {
  const embedded = await predictor.embed(project.id, sketches);
  const ids = sketches.map(() => randomUUID());
  await Promise.all(
    ids.map((id, i) => {
      const json = JSON.stringify({ strokes: sketches[i] });
      return blobs.put(strokesKeyOf(id), new TextEncoder().encode(json), 'application/json');
    }),
  );
  await stores.examples.add(
    embedded.map((columns, i) => {
      const id = ids[i] ?? '';
      return {
        ...columns,
        id,
        projectId: project.id,
        categoryId: project.categories.get(name)?.id ?? '',
        authorId: null,
        source: 'drawn' as const,
        canvasId: null,
        sketchId: null,
        predictedCategoryId: null,
        predictedConfidence: null,
        modelVersionId: null,
        contentHash: id,
        strokesKey: strokesKeyOf(id),
        imageKey: `examples/${id}/image.png`,
      };
    }),
  );
  predictor.forget(project.id);
}

function strokesKeyOf(exampleId: string): string {
  return `examples/${exampleId}/strokes.json`;
}
