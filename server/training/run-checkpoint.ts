/** A checkpoint of a run as a sealed blob: where it stands, its numbers and its best ones so far. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TrainingRun } from '../../shared/training-run.ts';
import { CurvePoint } from '../../shared/training-run.ts';
import type { BlobStore } from '../domain/ports.ts';
import type { Logger } from '../logger.ts';
import type { Network } from '../ml/network.ts';
import { NetworkDescription } from '../inference/network-description.ts';
import { seal, unseal } from '../inference/sealed-blob.ts';
import { DatasetSnapshot } from './dataset-snapshot.ts';
import type { FineTuneCheckpoint } from './fine-tune.ts';

/** With what it takes to know that it belongs to the run, and to train on the same dataset. */
export interface RunCheckpoint extends FineTuneCheckpoint {
  readonly network: Network;
  readonly snapshot: DatasetSnapshot;
  readonly examplesLeftOut: number;
}

const KIND = { magic: 'TCCP', formatVersion: 1, noun: 'a checkpoint' } as const;

const Description = z.object({
  /** Hash of the run's settings. */
  settings: z.string(),
  network: NetworkDescription,
  snapshot: DatasetSnapshot,
  examplesLeftOut: z.number().int(),
  position: z.object({
    step: z.number().int().nonnegative(),
    lossSum: z.number(),
    curve: z.array(CurvePoint).readonly(),
    elapsedMs: z.number().nonnegative(),
  }),
  best: z.object({ epoch: z.number().int(), loss: z.number() }).nullable(),
  adamStep: z.number().int().nonnegative(),
  lengths: z.array(z.number().int().nonnegative()),
});

/** Under this key for as long as the run is not over. */
export function checkpointKey(trainingRunId: string): string {
  return `checkpoints/${trainingRunId}`;
}

export interface CheckpointPorts {
  readonly blobs: BlobStore;
  readonly logger: Logger;
}

/**
 * Replaces the run's checkpoint. Training does not end for want of one: a failure is logged, and the
 * reply is false.
 */
export async function writeCheckpoint(
  { blobs, logger }: CheckpointPorts,
  run: TrainingRun,
  checkpoint: RunCheckpoint,
): Promise<boolean> {
  try {
    const bytes = encodeCheckpoint(run, checkpoint);
    await blobs.put(checkpointKey(run.id), bytes, 'application/octet-stream');
    return true;
  } catch (err) {
    logger.warn({ err, trainingRunId: run.id }, 'training_run.checkpoint_not_written');
    return false;
  }
}

/** Where an earlier attempt got to. Null, with a line in the log, for one that is of no use. */
export async function findCheckpoint(
  { blobs, logger }: CheckpointPorts,
  run: TrainingRun,
): Promise<RunCheckpoint | null> {
  const bytes = await blobs.get(checkpointKey(run.id));
  if (!bytes) return null;
  try {
    return decodeCheckpoint(run, bytes);
  } catch (err) {
    logger.warn({ err, trainingRunId: run.id }, 'training_run.checkpoint_ignored');
    return null;
  }
}

/** `decodeCheckpoint` reads it. */
export function encodeCheckpoint(run: TrainingRun, checkpoint: RunCheckpoint): Uint8Array {
  const { network, snapshot, examplesLeftOut, state } = checkpoint;
  const { best, ...position } = checkpoint.position;
  const lists = [state.weights, state.statistics, state.mean, state.square];
  if (best) lists.push(best.state.weights, best.state.statistics);
  const description = {
    ...{ settings: settingsOf(run), network, snapshot, examplesLeftOut, position },
    best: best && { epoch: best.epoch, loss: best.loss },
    adamStep: state.step,
    lengths: lists.map(({ length }) => length),
  } satisfies z.input<typeof Description>;
  return seal(KIND, description, lists);
}

/** Throws when the bytes are not an intact checkpoint of this run with these settings. */
export function decodeCheckpoint(run: TrainingRun, bytes: Uint8Array): RunCheckpoint {
  const unsealed = unseal(KIND, bytes);
  const description = Description.parse(unsealed.description);
  if (description.settings !== settingsOf(run))
    throw new Error('This checkpoint was made with other settings.');
  const [weights, statistics, mean, square, ...ofBest] = unsealed.lists(description.lengths);
  if (!weights || !statistics || !mean || !square) throw new Error('A checkpoint lacks numbers.');
  const { network, snapshot, examplesLeftOut, position, adamStep: step } = description;
  const best = description.best && { ...description.best, state: bestOf(ofBest) };
  return {
    ...{ network, snapshot, examplesLeftOut },
    position: { ...position, best },
    state: { weights, statistics, mean, square, step },
  };
}

function bestOf([weights, statistics]: readonly Float32Array[]): {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
} {
  if (!weights || !statistics) throw new Error('A checkpoint lacks its best weights.');
  return { weights, statistics };
}

/** Two runs with the same settings on the same project train the same. */
function settingsOf(run: TrainingRun): string {
  const { projectId, layers, hyperparameters, data, leastExamples, rebuildOf } = run;
  const settings = { projectId, layers, hyperparameters, data, leastExamples, rebuildOf };
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}
