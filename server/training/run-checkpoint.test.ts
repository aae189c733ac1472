import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { resolveHyperparameters } from '../../shared/hyperparameters.ts';
import { INITIAL_PROGRESS, type TrainingRun } from '../../shared/training-run.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { initialState, type Network } from '../ml/network.ts';
import { freshState } from './network-trainer.ts';
import { decodeCheckpoint, encodeCheckpoint, type RunCheckpoint } from './run-checkpoint.ts';

const NETWORK: Network = {
  ...{ pixels: 32, planes: 2, categories: 2 },
  blocks: [{ channels: 4, stride: 2 }],
};
const hyperparameters = resolveHyperparameters('all');
const projectId = randomUUID();

const RUN: TrainingRun = {
  ...{ id: randomUUID(), projectId, state: 'running', layers: 'all', hyperparameters },
  ...{ data: DEFAULT_STRATEGY.data, leastExamples: DEFAULT_STRATEGY.leastExamples },
  ...{ rebuildOf: null, progress: INITIAL_PROGRESS, modelVersionId: null, reason: null },
  ...{ createdAt: '2026-11-24T12:00:00.000Z', finishedAt: null },
};

function checkpoint(): RunCheckpoint {
  const state = initialState(NETWORK, 3);
  const point = { epoch: 1, loss: 2, validationLoss: null, accuracy: 0.5 };
  return {
    network: NETWORK,
    examplesLeftOut: 2,
    snapshot: {
      ...{ formatVersion: 1, projectId, layers: 'all', hyperparameters, categories: [] },
      ...{ start: { backboneId: 'starter', backboneKey: null }, seenUntil: null },
      ...{ examples: [], stoppedAfterSteps: null },
    },
    position: {
      ...{ step: 7, lossSum: 1.5, curve: [point], elapsedMs: 12_345 },
      best: { epoch: 1, loss: 0.7, state: initialState(NETWORK, 4) },
    },
    state: { ...freshState({ network: NETWORK }, state), step: 7 },
  };
}

describe('a checkpoint', () => {
  test('comes back as it was written, with the best weights so far or without', () => {
    const whole = checkpoint();
    expect(decodeCheckpoint(RUN, encodeCheckpoint(RUN, whole))).toEqual(whole);
    const young = { ...whole, position: { ...whole.position, best: null } };
    expect(decodeCheckpoint(RUN, encodeCheckpoint(RUN, young))).toEqual(young);
  });

  test.each([
    ['cut off', (bytes: Uint8Array) => bytes.slice(0, -4)],
    ['changed', (bytes: Uint8Array) => bytes.with(bytes.length - 3, 1)],
    ['empty', () => new Uint8Array()],
    ['of another kind', (bytes: Uint8Array) => bytes.with(0, 1)],
    ['of another format', (bytes: Uint8Array) => bytes.with(4, 99)],
  ])('that is %s is refused', (_, spoil) => {
    const bytes = spoil(encodeCheckpoint(RUN, checkpoint()));
    expect(() => decodeCheckpoint(RUN, bytes)).toThrow();
  });

  test('of other settings is refused', () => {
    const bytes = encodeCheckpoint(RUN, checkpoint());
    const other = { ...RUN, hyperparameters: { ...hyperparameters, seed: 2 } };
    expect(() => decodeCheckpoint(other, bytes)).toThrow('other settings');
  });
});
