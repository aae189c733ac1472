import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCheckpoint, writeCheckpoint, type PretrainCheckpoint } from './checkpoint.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: PretrainCheckpoint = {
  network: { pixels: 32, planes: 1, blocks: [{ channels: 4, stride: 2 }], categories: 2 },
  names: ['cat', 'émoji 🐈'],
  seed: 1,
  elapsedMs: 1234.5,
  state: {
    step: 7,
    weights: Float32Array.of(1, -2.5, 3),
    statistics: Float32Array.of(0.25),
    mean: Float32Array.of(4, 5),
    square: Float32Array.of(6, 7),
  },
  averageWeights: Float32Array.of(8, 9, 10),
  averageStatistics: Float32Array.of(11),
};

test('a checkpoint is read as it was written', async () => {
  await writeCheckpoint(folder, checkpoint);
  expect(await findCheckpoint(folder)).toEqual(checkpoint);
});

test('a part of an array is written without the rest of its memory', async () => {
  const weights = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
  await writeCheckpoint(folder, { ...checkpoint, averageWeights: weights });
  expect((await findCheckpoint(folder))?.averageWeights).toEqual(Float32Array.of(1, 2));
});

test('a write that was cut off leaves the checkpoint before', async () => {
  await writeCheckpoint(folder, checkpoint);
  await writeFile(path.join(folder, 'checkpoint.bin.new'), 'half');
  expect(await findCheckpoint(folder)).toEqual(checkpoint);
});

test('there is none at first', async () => {
  expect(await findCheckpoint(path.join(folder, 'nowhere'))).toBeNull();
});
