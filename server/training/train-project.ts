/**
 * One run from its dataset to a version that only needs to be entered into the database. A run of
 * the head trains on the served backbone; any other first makes a backbone of its own, and then
 * trains a head on it in the same way, so that there is one way to serve them all.
 */
import { AppError } from '../../shared/errors.ts';
import { trainingNeeds } from '../../shared/training-needs.ts';
import type { CurvePoint, TrainingProgress, TrainingRun } from '../../shared/training-run.ts';
import type { FinishedRun } from '../domain/learning-ports.ts';
import type { DatasetExample, EmbeddedExample } from '../domain/ports.ts';
import { isUnavailable, readBackbone, type BackboneModel } from '../inference/backbone-blob.ts';
import type { Logger } from '../logger.ts';
import type { DatasetSnapshot } from './dataset-snapshot.ts';
import type { StepShape } from './device/time-steps.ts';
import type { TrainingDevice } from './device/training-device.ts';
import { embeddingsFor } from './embed-examples.ts';
import { headDataset, type HeadDataset } from './head-dataset.ts';
import { judgeVersion } from './judge-version.ts';
import { readSketches } from './read-sketches.ts';
import { findCheckpoint, type RunCheckpoint } from './run-checkpoint.ts';
import { startProgress, thinCurve, type RunProgress } from './run-progress.ts';
import { discardVersion, storeVersion } from './store-version.ts';
import { headSettingsOf, openTrained, trainBackbone } from './train-backbone.ts';
import { trainHeadRun } from './train-head-run.ts';
import { planRun, type PlanPorts } from './training-plan.ts';

export interface TrainingPorts extends PlanPorts {
  readonly logger: Logger;
  /** What to make such steps on; without it, on one thread of the CPU. */
  readonly chooseDevice?: (
    shape: StepShape,
    signal: AbortSignal,
  ) => Promise<{ readonly device: TrainingDevice }>;
  readonly checkpointEveryMs?: number;
}

export interface RunControl {
  /** Aborted when the run was cancelled or is another trainer's now. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Aborted when somebody else is to go on: what would last writes a checkpoint and throws its reason. */
  readonly stop?: AbortSignal | undefined;
  /** Called when a checkpoint holds what was learnt so far. */
  readonly onCheckpoint?: (() => void) | undefined;
}

/** A run that only needs to be stored. */
export interface TrainedRun extends Pick<FinishedRun, 'progress' | 'promote' | 'version'> {
  /** Whether the backbone came to be in this run. */
  readonly isOwnBackbone: boolean;
}

/** What a run has to do with. */
interface Work {
  readonly run: TrainingRun;
  readonly control: RunControl;
  readonly progress: RunProgress;
  readonly checkpoint: RunCheckpoint | null;
  /** As it was chosen; some of its examples may turn out not to be readable. */
  readonly plan: DatasetSnapshot;
  readonly start: BackboneModel;
  /** The project's examples that are not deleted, and those of the plan. */
  readonly examples: readonly DatasetExample[];
}

/** What there is to train a head on. */
interface Prepared {
  readonly backbone: BackboneModel;
  readonly backboneKey: string | null;
  readonly isOwnBackbone: boolean;
  /** Of the examples that could be used. */
  readonly snapshot: DatasetSnapshot;
  readonly dataset: HeadDataset;
  readonly curve: readonly CurvePoint[];
}

/** Trains and evaluates; weights and snapshot are in the blob store afterwards. */
export async function trainProject(
  ports: TrainingPorts,
  run: TrainingRun,
  control: RunControl,
): Promise<TrainedRun> {
  const work = await prepareWork(ports, run, control);
  const isHead = work.plan.layers === 'head';
  const prepared = await (isHead ? prepareHead(ports, work) : prepareBackbone(ports, work));
  try {
    return await finishVersion(ports, work, prepared);
  } catch (error) {
    const ownBackboneId = prepared.isOwnBackbone ? prepared.backbone.backboneId : null;
    await discardVersion(ports, { keys: [], ownBackboneId });
    throw error;
  }
}

async function prepareWork(
  ports: TrainingPorts,
  run: TrainingRun,
  control: RunControl,
): Promise<Work> {
  const found = run.layers === 'head' ? null : await findCheckpoint(ports, run);
  const { checkpoint, plan, start } = await readableStart(ports, run, found);
  const progress = startProgress(control.onProgress, checkpoint?.position.elapsedMs);
  const chosen = new Set(plan.examples.map(({ id }) => id));
  const all = await ports.examples.dataset(run.projectId);
  const examples = all.filter(({ id, isDeleted }) => !isDeleted || chosen.has(id));
  progress.tell({ phase: 'loading', epochs: plan.hyperparameters.epochs, examples: chosen.size });
  control.signal.throwIfAborted();
  return { run, control, progress, checkpoint, plan, start, examples };
}

/**
 * What the run begins with. Where weights that it would go on from are gone or damaged, it begins
 * anew, in the end with the starter model: else a project could never learn again. What is to be
 * made again cannot begin with anything else.
 */
async function readableStart(
  ports: TrainingPorts,
  run: TrainingRun,
  checkpoint: RunCheckpoint | null,
): Promise<Pick<Work, 'checkpoint' | 'plan' | 'start'>> {
  const plan = checkpoint?.snapshot ?? (await planRun(ports, run));
  try {
    return { checkpoint, plan, start: await readBackbone(ports, plan.start) };
  } catch (err) {
    if (!isUnavailable(err) || run.rebuildOf !== null) throw err;
    ports.logger.warn({ err, trainingRunId: run.id }, 'training_run.begins_anew');
  }
  if (checkpoint) return readableStart(ports, run, null);
  const { starter } = ports;
  const start = { backboneId: starter.backboneId, backboneKey: null };
  return { checkpoint: null, plan: { ...plan, start }, start: starter };
}

/** The head's dataset on the backbone that it starts from. */
async function prepareHead(ports: TrainingPorts, work: Work): Promise<Prepared> {
  const { plan, start, examples, control } = work;
  const { signal } = control;
  const embeddings = await embeddingsFor(ports, start, {
    ...{ examples, signal },
    onProgress: () => undefined,
  });
  const snapshot = withoutUnreadable(work, embeddings);
  return {
    ...{ backbone: start, backboneKey: plan.start.backboneKey, isOwnBackbone: false, snapshot },
    dataset: datasetOf(ports, work, { backbone: start, snapshot, embeddings }),
    curve: [],
  };
}

/** A backbone of the run's own, and the dataset on it. */
async function prepareBackbone(ports: TrainingPorts, work: Work): Promise<Prepared> {
  const { plan, start, examples, control, checkpoint } = work;
  const sketches = await readSketches(ports, examples, control.signal);
  const readable = withoutUnreadable(work, sketches);
  const examplesLeftOut =
    (checkpoint?.examplesLeftOut ?? 0) + plan.examples.length - readable.examples.length;
  work.progress.tell({ examplesLeftOut });
  const tuned = await trainBackbone(ports, {
    ...{ run: work.run, snapshot: readable, start, sketches, examplesLeftOut, checkpoint },
    ...{ progress: work.progress, control },
  });
  const snapshot = { ...readable, stoppedAfterSteps: tuned.stoppedAfterSteps };
  work.progress.tell({ phase: 'evaluating', millisecondsLeft: null });
  const network = { ...start.network, categories: snapshot.categories.length };
  const trained = await openTrained(
    { network, state: tuned.state },
    { snapshot, sketches, control },
  );
  const { backbone, embeddings } = trained;
  const rows = [...embeddings].map(([exampleId, row]) => ({ exampleId, embeddings: row }));
  await ports.examples.addEmbeddings(backbone.backboneId, rows);
  return {
    ...{ backbone, backboneKey: null, isOwnBackbone: true, snapshot, curve: tuned.curve },
    dataset: datasetOf(ports, work, { backbone, snapshot, embeddings }),
  };
}

/** The snapshot of what there is; throws when that is too little to train on. */
function withoutUnreadable(
  { plan, run, progress }: Work,
  readable: ReadonlyMap<string, unknown>,
): DatasetSnapshot {
  const examples = plan.examples.filter(({ id }) => readable.has(id));
  progress.tell({ examplesLeftOut: plan.examples.length - examples.length });
  const counted = plan.categories.map((category) => ({
    name: category.name,
    // What ships are embeddings of the starter model: another backbone knows nothing by it.
    preTaught: category.starterName !== null && plan.start.backboneKey === null,
    examples: examples.filter(
      ({ categoryId, split }) => categoryId === category.id && split === 'train',
    ).length,
  }));
  // What was enough for a version is enough to make it again.
  const least = run.rebuildOf === null ? run.leastExamples : { head: 1, backbone: 1 };
  const { reason, missing } = trainingNeeds(counted, plan.layers, least);
  if (reason === null) return { ...plan, examples };
  if (run.rebuildOf === null) throw new AppError('dataset.too_small', reason, { missing });
  // Whoever draws more does not bring them back.
  throw new AppError(
    'model_version.not_rebuildable',
    'Too many of the examples of this model were deleted since or cannot be read, so it cannot be made again. Promote it to go back to it, or train a new one.',
    { missing },
  );
}

function datasetOf(
  { starter }: TrainingPorts,
  { plan, examples: stored }: Work,
  given: {
    readonly backbone: BackboneModel;
    readonly snapshot: DatasetSnapshot;
    readonly embeddings: ReadonlyMap<string, Float32Array>;
  },
): HeadDataset {
  const { backbone, snapshot } = given;
  const hashes = new Map(stored.map(({ id, contentHash }) => [id, contentHash]));
  const examples = snapshot.examples.flatMap(({ id, categoryId, split }): EmbeddedExample[] => {
    const embeddings = given.embeddings.get(id);
    const contentHash = hashes.get(id);
    return embeddings ? [{ exampleId: id, categoryId, split, embeddings, contentHash }] : [];
  });
  return headDataset({
    ...{ backbone, starter, examples, categories: snapshot.categories },
    withoutEmbedding: plan.examples.length - examples.length,
    isVaried: headSettingsOf(snapshot).augmentation > 0,
  });
}

async function finishVersion(
  ports: TrainingPorts,
  { run, control, progress, plan, examples }: Work,
  prepared: Prepared,
): Promise<TrainedRun> {
  const { dataset, backbone, isOwnBackbone } = prepared;
  const settings = headSettingsOf(plan);
  const trained = await trainHeadRun({
    ...{ dataset, settings },
    temperature: ports.starter.calibration.trainedTemperature,
    stopAfterSteps: isOwnBackbone ? null : plan.stoppedAfterSteps,
    onStep: (step, loss, curve) => {
      control.signal.throwIfAborted();
      if (isOwnBackbone) return;
      const steps = { step, steps: settings.epochs, epoch: step, epochs: settings.epochs };
      const accuracy = curve.at(-1)?.accuracy ?? null;
      progress.tell({ phase: 'training', loss, accuracy, ...steps, curve: thinCurve(curve) });
    },
  });
  progress.tell({ phase: 'evaluating' });
  const judged = await judgeVersion(ports, {
    ...{ run, control, backbone, dataset, settings, examples },
    head: trained.head,
  });
  control.signal.throwIfAborted();
  const stoppedAfterSteps = isOwnBackbone
    ? prepared.snapshot.stoppedAfterSteps
    : trained.stoppedAfterSteps;
  const { ownBackboneKey, ...keys } = await storeVersion(ports.blobs, run.projectId, {
    head: judged.head,
    backbone: isOwnBackbone ? backbone : null,
    snapshot: { ...prepared.snapshot, stoppedAfterSteps },
  });
  const curve = thinCurve(isOwnBackbone ? prepared.curve : trained.curve);
  progress.tell({ phase: 'done', millisecondsLeft: 0, curve });
  return {
    promote: judged.promote,
    isOwnBackbone,
    version: {
      ...keys,
      backboneId: backbone.backboneId,
      backboneKey: ownBackboneKey ?? prepared.backboneKey,
      promotionReason: judged.promotionReason,
      confusion: judged.confusion,
      categories: dataset.categories.map(({ id, name }) => ({ id, name })),
      metrics: { ...judged.metrics, curve },
    },
    progress: progress.now(),
  };
}
