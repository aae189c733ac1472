/**
 * A checkpoint of a run as a blob: "TCCP", format version (uint32), SHA-256 of all that follows,
 * length of the description (uint32), the description as JSON, padded with spaces to a multiple of
 * 4, then its lists of float32 in the order of `lengths`. All numbers are little-endian.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TrainingRun } from '../../shared/training-run.ts';
import { CurvePoint } from '../../shared/training-run.ts';
import type { BlobStore } from '../domain/ports.ts';
import type { Logger } from '../logger.ts';
import type { Network } from '../ml/network.ts';
import { DatasetSnapshot } from './dataset-snapshot.ts';
import type { FineTuneCheckpoint } from './fine-tune.ts';

/** With what it takes to know that it belongs to the run, and to train on the same dataset. */
export interface RunCheckpoint extends FineTuneCheckpoint {
  readonly network: Network;
  readonly snapshot: DatasetSnapshot;
  readonly examplesLeftOut: number;
}

const MAGIC = 'TCCP';
const FORMAT_VERSION = 1;
const HASH_AT = 8;
const HASHED_FROM = HASH_AT + 32;
const DESCRIPTION_AT = HASHED_FROM + 4;

const Description = z.object({
  /** Hash of the run's settings. */
  settings: z.string(),
  network: z.object({
    pixels: z.number().int().positive(),
    planes: z.union([z.literal(1), z.literal(2)]),
    blocks: z
      .array(
        z.object({
          channels: z.number().int().positive(),
          stride: z.union([z.literal(1), z.literal(2)]),
        }),
      )
      .readonly(),
    categories: z.number().int().positive(),
  }),
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

/** Replaces the run's checkpoint. Training does not end for want of one: a failure is logged. */
export async function writeCheckpoint(
  { blobs, logger }: CheckpointPorts,
  run: TrainingRun,
  checkpoint: RunCheckpoint,
): Promise<void> {
  try {
    const bytes = encodeCheckpoint(run, checkpoint);
    await blobs.put(checkpointKey(run.id), bytes, 'application/octet-stream');
  } catch (err) {
    logger.warn({ err, trainingRunId: run.id }, 'training_run.checkpoint_not_written');
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
  const description = JSON.stringify({
    ...{ settings: settingsOf(run), network, snapshot, examplesLeftOut, position },
    best: best && { epoch: best.epoch, loss: best.loss },
    adamStep: state.step,
    lengths: lists.map(({ length }) => length),
  } satisfies z.input<typeof Description>);
  const text = new TextEncoder().encode(description);
  const json = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(' '.charCodeAt(0));
  json.set(text);
  const parts = [json, ...lists.map(bytesOf)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, DESCRIPTION_AT));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(MAGIC.length, FORMAT_VERSION, true);
  view.setUint32(HASHED_FROM, json.length, true);
  let at = DESCRIPTION_AT;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(hashOf(bytes), HASH_AT);
  return bytes;
}

/** Throws when the bytes are not an intact checkpoint of this run with these settings. */
export function decodeCheckpoint(run: TrainingRun, bytes: Uint8Array): RunCheckpoint {
  assertIntact(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbersAt = DESCRIPTION_AT + view.getUint32(HASHED_FROM, true);
  const text = new TextDecoder().decode(bytes.subarray(DESCRIPTION_AT, numbersAt));
  const description = Description.parse(JSON.parse(text));
  if (description.settings !== settingsOf(run))
    throw new Error('This checkpoint was made with other settings.');
  let at = numbersAt;
  const lists = description.lengths.map((length) => {
    const floats = new Float32Array(length);
    bytesOf(floats).set(bytes.subarray(at, (at += length * 4)));
    return floats;
  });
  const [weights, statistics, mean, square, ...ofBest] = lists;
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

function assertIntact(bytes: Uint8Array): void {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (bytes.length < DESCRIPTION_AT || magic !== MAGIC)
    throw new Error('These bytes are not a checkpoint.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(MAGIC.length, true) !== FORMAT_VERSION)
    throw new Error('This checkpoint has another format.');
  if (!hashOf(bytes).equals(bytes.subarray(HASH_AT, HASHED_FROM)))
    throw new Error('A checkpoint was cut off or changed after it was written.');
}

/** Two runs with the same settings on the same project train the same. */
function settingsOf(run: TrainingRun): string {
  const { projectId, layers, hyperparameters, data, leastExamples, rebuildOf } = run;
  const settings = { projectId, layers, hyperparameters, data, leastExamples, rebuildOf };
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(HASHED_FROM)).digest();
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
