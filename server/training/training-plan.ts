import type { TrainingRun } from '../../shared/training-run.ts';
import { Hyperparameters, type ResolvedHyperparameters } from '../../shared/hyperparameters.ts';
import { AppError } from '../../shared/errors.ts';
import type { ModelVersionRecord, ModelVersionStore } from '../domain/learning-ports.ts';
import type { BlobStore, CategoryStore, DatasetExample, ExampleStore } from '../domain/ports.ts';
import type { StarterModel } from '../inference/starter-model.ts';
import { selectExamples } from './data-selection.ts';
import { getSnapshot, readSnapshot, type DatasetSnapshot } from './dataset-snapshot.ts';

export interface PlanPorts {
  readonly starter: StarterModel;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly models: ModelVersionStore;
  readonly blobs: BlobStore;
}

/** All hyperparameters of a run; they were filled in when it was asked for. */
function settingsOf({ hyperparameters }: TrainingRun): ResolvedHyperparameters {
  return Hyperparameters.required().parse(hyperparameters);
}

/** What a run shall learn from: chosen from the dataset as it is now, or as a version once did. */
export async function planRun(ports: PlanPorts, run: TrainingRun): Promise<DatasetSnapshot> {
  return run.rebuildOf === null ? snapshotNow(ports, run) : snapshotThen(ports, run.rebuildOf);
}

async function snapshotThen(
  { models, blobs }: PlanPorts,
  modelVersionId: string,
): Promise<DatasetSnapshot> {
  const version = await models.find(modelVersionId);
  if (!version)
    throw new AppError('model_version.unknown', 'The version to be made again is not there.');
  return getSnapshot(blobs, version);
}

async function snapshotNow(ports: PlanPorts, run: TrainingRun): Promise<DatasetSnapshot> {
  const { projectId, layers, data } = run;
  const [categories, all, promoted] = await Promise.all([
    ports.categories.list(projectId),
    ports.examples.dataset(projectId),
    ports.models.findPromoted(projectId),
  ]);
  const hyperparameters = settingsOf(run);
  const live = all.filter(({ isDeleted }) => !isDeleted);
  const seenUntil = data.kind === 'new_and_replay' ? await seenBy(ports.blobs, promoted) : null;
  const chosen = selectExamples(live, { data, seenUntil, seed: hyperparameters.seed });
  return {
    ...{ formatVersion: 1, projectId, layers, hyperparameters },
    start: startOf(run, promoted, ports.starter),
    categories: categories.map(({ id, name, starterName }) => ({ id, name, starterName })),
    examples: chosen.map(({ id, categoryId, split }) => ({ id, categoryId, split })),
    seenUntil: newestOf(live),
    stoppedAfterSteps: null,
  };
}

/** Until when examples were there for the training of a version to see. */
async function seenBy(
  blobs: BlobStore,
  version: ModelVersionRecord | null,
): Promise<string | null> {
  if (!version) return null;
  const snapshot = await readSnapshot(blobs, version);
  return snapshot ? snapshot.seenUntil : version.createdAt;
}

/**
 * The head is trained on what is served. What changes the backbone starts from the starter model, so
 * that nothing unlearnt or overfitted is handed down from version to version; from the served one
 * only where most of what it knows is not shown again.
 */
function startOf(
  { layers, data }: TrainingRun,
  promoted: ModelVersionRecord | null,
  starter: StarterModel,
): DatasetSnapshot['start'] {
  const goesOn = layers === 'head' || (layers !== 'scratch' && data.kind === 'new_and_replay');
  // Weights that shipped with an earlier release are not there any more.
  if (goesOn && promoted?.backboneKey) {
    const { backboneId, backboneKey } = promoted;
    return { backboneId, backboneKey };
  }
  return { backboneId: starter.backboneId, backboneKey: null };
}

function newestOf(examples: readonly DatasetExample[]): string | null {
  return examples.reduce<string | null>(
    (newest, { createdAt }) => (newest === null || createdAt > newest ? createdAt : newest),
    null,
  );
}
