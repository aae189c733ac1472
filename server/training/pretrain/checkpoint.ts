/** A checkpoint file: one line of JSON, then the numbers of all arrays, in the order of the line. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Network } from '../../ml/network.ts';
import type { TrainingState } from '../network-trainer.ts';

export interface PretrainCheckpoint {
  readonly network: Network;
  readonly names: readonly string[];
  readonly seed: number;
  readonly elapsedMs: number;
  readonly state: TrainingState;
  /** Running averages of weights and statistics over the steps. */
  readonly averageWeights: Float32Array;
  readonly averageStatistics: Float32Array;
}

const FILE = 'checkpoint.bin';
const NEWLINE = 10;

/** Writes the checkpoint; a crash in the middle leaves the one before. */
export async function writeCheckpoint(
  folder: string,
  { state, averageWeights, averageStatistics, ...header }: PretrainCheckpoint,
): Promise<void> {
  const { step, weights, statistics, mean, square } = state;
  const arrays = { weights, statistics, mean, square, averageWeights, averageStatistics };
  const lengths = Object.entries(arrays).map(([name, array]) => [name, array.length] as const);
  const line = JSON.stringify({ ...header, step, lengths: Object.fromEntries(lengths) });
  const numbers = Object.values(arrays).map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, FILE);
  await writeFile(`${file}.new`, Buffer.concat([Buffer.from(`${line}\n`), ...numbers]));
  await rename(`${file}.new`, file);
}

/** The checkpoint in the folder, or null where there is none. */
export async function findCheckpoint(folder: string): Promise<PretrainCheckpoint | null> {
  const bytes = await readFile(path.join(folder, FILE)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return bytes ? decode(bytes) : null;
}

interface Header extends Omit<
  PretrainCheckpoint,
  'state' | 'averageWeights' | 'averageStatistics'
> {
  readonly step: number;
  readonly lengths: Readonly<Record<string, number>>;
}

function decode(bytes: Buffer): PretrainCheckpoint {
  const end = bytes.indexOf(NEWLINE);
  const { step, lengths, ...rest } = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
  const arrays = new Map<string, Float32Array>();
  let offset = end + 1;
  for (const [name, length] of Object.entries(lengths)) {
    const array = new Float32Array(length);
    Buffer.from(array.buffer).set(bytes.subarray(offset, offset + length * 4));
    arrays.set(name, array);
    offset += length * 4;
  }
  const arrayOf = (name: string): Float32Array => {
    const array = arrays.get(name);
    if (!array) throw new Error(`The checkpoint has no ${name}.`);
    return array;
  };
  return {
    ...rest,
    state: {
      step,
      weights: arrayOf('weights'),
      statistics: arrayOf('statistics'),
      mean: arrayOf('mean'),
      square: arrayOf('square'),
    },
    averageWeights: arrayOf('averageWeights'),
    averageStatistics: arrayOf('averageStatistics'),
  };
}
