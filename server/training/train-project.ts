import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import {
  INITIAL_PROGRESS,
  type TrainingProgress,
  type TrainingRun,
} from '../../shared/training-run.ts';
import type { FinishedRun, ModelVersionStore } from '../domain/learning-ports.ts';
import type { BlobStore } from '../domain/ports.ts';
import { encodeHead } from '../inference/head-blob.ts';
import { headExamples } from '../ml/head-examples.ts';
import type { Head } from '../ml/head.ts';
import { compareWithServed } from './compare-versions.ts';
import { evaluateHead, heldOut } from './evaluate-head.ts';
import { readHeadDataset, type DatasetPorts, type HeadDataset } from './head-dataset.ts';
import { decidePromotion, type PromotionVerdict } from './promotion.ts';
import { trainHead } from './train-head.ts';

export interface TrainingPorts extends DatasetPorts {
  readonly models: ModelVersionStore;
  readonly blobs: BlobStore;
}

export interface RunControl {
  /** Aborted when the run was cancelled or is another trainer's now. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
}

/** A run that only needs to be stored. */
export interface TrainedRun extends Pick<FinishedRun, 'progress' | 'promote' | 'version'> {
  readonly verdict: PromotionVerdict;
  /** Examples that could not be used. */
  readonly withoutEmbedding: number;
}

const MIN_CATEGORIES = 2;
const DEFAULT_STEPS = 60;

/** Trains and evaluates a head; its weights are in the blob store afterwards. */
export async function trainProject(
  ports: TrainingPorts,
  run: TrainingRun,
  control: RunControl,
): Promise<TrainedRun> {
  const report = progressOf(run);
  assertHead(run);
  const dataset = await readHeadDataset(ports, run.projectId);
  assertEnough(dataset);
  const examples = dataset.examples.length;
  const { head, loss } = await train(ports, { run, dataset }, (epoch, lossNow) => {
    control.signal.throwIfAborted();
    control.onProgress(report({ phase: 'training', epoch, loss: lossNow, examples }));
  });
  const epoch = stepsOf(run);
  control.onProgress(report({ phase: 'evaluating', epoch, loss, examples }));
  const verdict = await judgeAgainstServed(ports, run.projectId, { dataset, head });
  const metrics = evaluateHead(dataset, head);
  control.signal.throwIfAborted();
  return {
    promote: verdict.promote,
    verdict,
    withoutEmbedding: dataset.withoutEmbedding,
    version: {
      backboneId: ports.starter.backboneId,
      backboneKey: null,
      snapshotKey: '',
      promotionReason: verdict.reason,
      confusion: [],
      headKey: await storeHead(ports.blobs, run, head),
      categories: dataset.categories.map(({ id, name }) => ({ id, name })),
      metrics,
    },
    progress: report({ phase: 'done', epoch, loss, examples }),
  };
}

function assertHead({ layers }: TrainingRun): void {
  if (layers !== 'head')
    throw new AppError(
      'training_run.layers_unsupported',
      'Only the head can be trained for now. Ask for a run with layers "head".',
    );
}

function assertEnough({ categories }: HeadDataset): void {
  if (categories.length < MIN_CATEGORIES)
    throw new AppError(
      'dataset.too_small',
      'There must be two categories that have examples or are pre-taught. Draw some first.',
    );
}

function stepsOf({ hyperparameters }: TrainingRun): number {
  return hyperparameters.epochs ?? DEFAULT_STEPS;
}

/** Progress with what does not change during a run filled in. */
function progressOf(
  run: TrainingRun,
): (now: Pick<TrainingProgress, 'phase' | 'epoch' | 'loss' | 'examples'>) => TrainingProgress {
  const startedAt = performance.now();
  return (now) => ({
    ...INITIAL_PROGRESS,
    ...now,
    epochs: stepsOf(run),
    device: 'cpu',
    milliseconds: Math.round(performance.now() - startedAt),
  });
}

/** A step sees the whole dataset, so it is an epoch. Nothing is random: the seed changes nothing. */
async function train(
  { starter }: TrainingPorts,
  { run, dataset }: { readonly run: TrainingRun; readonly dataset: HeadDataset },
  onStep: (step: number, loss: number) => void,
): Promise<{ readonly head: Head; readonly loss: number | null }> {
  const { learningRate } = run.hyperparameters;
  let loss: number | null = null;
  const head = await trainHead({
    ...headExamples(dataset.categories, dataset.embeddingSize),
    ...(learningRate !== undefined && { learningRate }),
    temperature: starter.calibration.trainedTemperature,
    steps: stepsOf(run),
    onStep: (step, lossNow) => {
      loss = lossNow;
      onStep(step, lossNow);
    },
  });
  return { head, loss };
}

async function judgeAgainstServed(
  { models, blobs, starter }: TrainingPorts,
  projectId: string,
  { dataset, head }: { readonly dataset: HeadDataset; readonly head: Head },
): Promise<PromotionVerdict> {
  const served = await models.findPromoted(projectId);
  // A head of another backbone is not served any more, so there is nothing to be worse than.
  if (served?.backboneId !== starter.backboneId) return decidePromotion(null);
  const examples = heldOut(dataset);
  const { categories } = dataset;
  return decidePromotion(await compareWithServed(blobs, served, { head, categories, examples }));
}

/** Under a key of its own for each attempt: who has lost the run must not change the blob. */
async function storeHead(blobs: BlobStore, run: TrainingRun, head: Head): Promise<string> {
  const key = `heads/${run.projectId}/${randomUUID()}`;
  await blobs.put(key, encodeHead(head), 'application/octet-stream');
  return key;
}
