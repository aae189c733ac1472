/**
 * A run that changes the backbone: sketches of people's examples, fine-tuning, and at its end a
 * backbone of its own with the embeddings of all examples. What follows is training of a head.
 */
import { DEFAULT_HYPERPARAMETERS } from '../../shared/hyperparameters.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { BackboneModel } from '../inference/backbone-blob.ts';
import { backboneIdOf } from '../inference/starter-model.ts';
import { normalizeEmbeddings, meanEmbedding } from '../ml/embedding.ts';
import {
  embeddingSizeOf,
  initialState,
  isSameNetwork,
  type Network,
  type NetworkState,
} from '../ml/network.ts';
import type { DatasetSnapshot } from './dataset-snapshot.ts';
import { ONE_CPU_THREAD } from './device/training-device.ts';
import { embedAll, type Sketches } from './embed-examples.ts';
import type { LabelledSketch } from './fine-tune-batches.ts';
import { fineTuneStart, frozenBlocksOf, networkFor } from './fine-tune-start.ts';
import { partForValidation } from './fine-tune-validation.ts';
import {
  fineTune,
  type FineTuneCheckpoint,
  type FineTuned,
  type FineTuneProgress,
} from './fine-tune.ts';
import { writeCheckpoint, type RunCheckpoint } from './run-checkpoint.ts';
import type { RunProgress } from './run-progress.ts';
import { thinCurve } from './run-progress.ts';
import type { RunControl, TrainingPorts } from './train-project.ts';

const CHECKPOINT_EVERY_MS = 10_000;
const ONLY_DEVICE = { device: ONE_CPU_THREAD };

export interface BackboneRun {
  readonly run: TrainingRun;
  /** Of the examples whose strokes could be read. */
  readonly snapshot: DatasetSnapshot;
  readonly start: BackboneModel;
  readonly sketches: Sketches;
  readonly examplesLeftOut: number;
  readonly checkpoint: RunCheckpoint | null;
  readonly progress: RunProgress;
  readonly control: RunControl;
}

/** Fine-tunes, or trains from scratch, on the snapshot's training split. */
export async function trainBackbone(
  ports: TrainingPorts,
  backbone: BackboneRun,
): Promise<FineTuned> {
  const { snapshot, start, checkpoint, progress, control } = backbone;
  const { layers, hyperparameters: settings } = snapshot;
  const categories = snapshot.categories.map(({ id }) => id);
  const network = networkFor(start, categories.length);
  const labelled = labelledSketches(backbone);
  const { training, validation } = partForValidation(labelled.train, labelled.validation);
  const frozenBlocks = frozenBlocksOf(layers, network);
  const shape = { network, frozenBlocks, batch: settings.batchSize };
  const { device } = (await ports.chooseDevice?.(shape, control.signal)) ?? ONLY_DEVICE;
  return fineTune({
    ...{ network, settings, validation, device, frozenBlocks, sketches: training },
    start: await startingState(backbone, training, network),
    checkpoint: usableCheckpoint(ports, checkpoint, network),
    stopAfterSteps: snapshot.stoppedAfterSteps,
    signal: control.signal,
    onStep: (step) =>
      progress.tell({ ...toProgress(step, settings.epochs), device: device.provider }),
    onPosition: checkpointing(ports, backbone, network),
  });
}

/** A checkpoint of another network is of no use: the run begins anew. */
function usableCheckpoint(
  { logger }: TrainingPorts,
  checkpoint: RunCheckpoint | null,
  network: Network,
): RunCheckpoint | null {
  if (!checkpoint || isSameNetwork(checkpoint.network, network)) return checkpoint;
  logger.warn({ wanted: network }, 'training_run.checkpoint_of_another_network');
  return null;
}

async function startingState(
  { snapshot: { layers, hyperparameters }, start, control }: BackboneRun,
  training: readonly LabelledSketch[],
  network: Network,
): Promise<NetworkState> {
  if (layers === 'scratch') return initialState(network, hyperparameters.seed);
  const { signal } = control;
  return fineTuneStart(start, training, { categories: network.categories, signal });
}

function labelledSketches({ snapshot, sketches }: BackboneRun): {
  readonly train: LabelledSketch[];
  readonly validation: LabelledSketch[];
} {
  const index = new Map(snapshot.categories.map(({ id }, i) => [id, i]));
  const labelled = { train: [], validation: [] } as Record<
    'train' | 'validation',
    LabelledSketch[]
  >;
  for (const { id, categoryId, split } of snapshot.examples) {
    const [strokes, category] = [sketches.get(id), index.get(categoryId)];
    if (split === 'test' || !strokes || category === undefined) continue;
    labelled[split].push({ strokes, category });
  }
  return labelled;
}

function toProgress(step: FineTuneProgress, epochs: number): Parameters<RunProgress['tell']>[0] {
  const { position, loss, steps, stepsPerEpoch } = step;
  return {
    phase: 'training',
    ...{ loss, steps, epochs },
    step: position.step,
    epoch: Math.ceil(position.step / stepsPerEpoch),
    accuracy: position.curve.at(-1)?.accuracy ?? null,
    examplesPerSecond: Math.round(step.examplesPerSecond),
    millisecondsLeft: Math.round(step.millisecondsLeft),
    curve: thinCurve(position.curve),
  };
}

/**
 * Writes a checkpoint when the last one is old enough, and a last one when somebody else is to go on;
 * none for a run that is lost, because that one may be another trainer's, who writes its own.
 */
function checkpointing(
  ports: TrainingPorts,
  { run, snapshot, examplesLeftOut, control }: BackboneRun,
  network: Network,
): (read: () => Promise<FineTuneCheckpoint>) => Promise<void> {
  const { checkpointEveryMs = CHECKPOINT_EVERY_MS } = ports;
  let writtenAt = performance.now();
  return async (read) => {
    const isOld = performance.now() - writtenAt >= checkpointEveryMs;
    const isDue = isOld || control.stop?.aborted === true;
    if (!isDue || control.signal.aborted) return;
    const checkpoint = { ...(await read()), network, snapshot, examplesLeftOut };
    if (await writeCheckpoint(ports, run, checkpoint)) control.onCheckpoint?.();
    control.stop?.throwIfAborted();
    writtenAt = performance.now();
  };
}

/**
 * The backbone of trained weights, its center being the mean of the training examples, with the
 * normalized embeddings of all sketches, by id.
 */
export async function openTrained(
  { network, state }: { readonly network: Network; readonly state: NetworkState },
  { snapshot, sketches, control }: Pick<BackboneRun, 'snapshot' | 'sketches' | 'control'>,
): Promise<{
  readonly backbone: BackboneModel;
  readonly embeddings: ReadonlyMap<string, Float32Array>;
}> {
  const embeddings = new Map<string, Float32Array>();
  const watched = { signal: control.signal, onProgress: () => undefined };
  for await (const chunk of embedAll({ network, state }, sketches, watched))
    for (const row of chunk) embeddings.set(row.exampleId, row.embeddings);
  const training = snapshot.examples
    .filter(({ split }) => split === 'train')
    .map(({ id }) => embeddings.get(id))
    .filter((rows) => rows !== undefined);
  const center = meanOfAll(training, embeddingSizeOf(network));
  for (const rows of embeddings.values()) normalizeEmbeddings(rows, center);
  return { backbone: { backboneId: backboneIdOf(state), network, state, center }, embeddings };
}

function meanOfAll(embeddings: readonly Float32Array[], size: number): Float32Array {
  const means = new Float32Array(embeddings.length * size);
  embeddings.forEach((rows, i) => means.set(meanEmbedding(rows, size), i * size));
  return meanEmbedding(means, size);
}

/** A head on a new backbone is trained as one on the starter's would be, whatever the run's settings. */
export function headSettingsOf(run: DatasetSnapshot): DatasetSnapshot['hyperparameters'] {
  if (run.layers === 'head') return run.hyperparameters;
  return { ...DEFAULT_HYPERPARAMETERS.head, seed: run.hyperparameters.seed };
}
