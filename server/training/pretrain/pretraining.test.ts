import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../../shared/random.ts';
import type { StrokeColumns } from '../../../shared/stroke.ts';
import { loadStarterModel } from '../../inference/starter-model.ts';
import { DEFAULT_AUGMENTATION } from '../../ml/augment.ts';
import { initialState, type Network } from '../../ml/network.ts';
import { ONE_CPU_THREAD } from '../device/training-device.ts';
import { findCheckpoint, type PretrainCheckpoint } from './checkpoint.ts';
import { Drawings, type DrawingFolder } from './drawings.ts';
import { pretrain, type PretrainOptions } from './pretraining.ts';
import { writeStarterModel } from './starter-writer.ts';
import { Teacher } from './teacher.ts';

const NETWORK: Network = {
  pixels: 32,
  planes: 2,
  blocks: [
    { channels: 4, stride: 2 },
    { channels: 8, stride: 2 },
    { channels: 8, stride: 2 },
  ],
  categories: 2,
};
/** A clock that a step of training takes so long by. */
const STEP_MS = 6_000;

function drawing(category: number, random: () => number): StrokeColumns[] {
  const bend = category === 0 ? 0 : 60;
  const shake = (): number => 5 * gaussian(random);
  return [
    [
      [0, 50 + shake(), 100],
      [shake(), bend + shake(), shake()],
    ],
  ];
}

function drawings(count: number, seed: number): Drawings {
  const random = seededRandom(seed);
  return new Drawings(
    Array.from({ length: count }, (_, i) => ({
      category: i % 2,
      strokes: drawing(i % 2, random),
    })),
  );
}

const folder: DrawingFolder = {
  names: ['bend', 'line'],
  training: drawings(80, 1),
  validation: drawings(20, 2),
};

let temporary = '';
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'pretrain-'));
});
afterAll(() => rm(temporary, { recursive: true }));

async function run(change: Partial<PretrainOptions>): Promise<PretrainCheckpoint> {
  let clock = 0;
  return pretrain({
    folder,
    network: NETWORK,
    start: initialState(NETWORK, 1),
    teacher: null,
    learningRate: 0.003,
    augmentation: DEFAULT_AUGMENTATION,
    seed: 1,
    budgetMs: 180_000,
    device: ONE_CPU_THREAD,
    checkpointFolder: path.join(temporary, 'whole'),
    resume: false,
    now: () => (clock += STEP_MS),
    onProgress: () => undefined,
    ...change,
  });
}

describe('pre-training', () => {
  test('stopped after the first checkpoint and resumed, ends as if it had never stopped', async () => {
    const whole = await run({});
    const checkpointFolder = path.join(temporary, 'stopped');
    const stop = new Error('stopped');
    const onProgress = (): never => {
      throw stop;
    };
    await expect(run({ checkpointFolder, onProgress })).rejects.toBe(stop);
    const halfWay = await findCheckpoint(checkpointFolder);
    expect(halfWay?.elapsedMs).toBe(60_000);
    const resumed = await run({ checkpointFolder, resume: true });
    expect(resumed).toEqual(whole);
    expect(resumed.state.step).toBeGreaterThan(halfWay?.state.step ?? Infinity);
  });

  test('learns something else from a teacher than from the labels alone', async () => {
    const alone = await findCheckpoint(path.join(temporary, 'whole'));
    const teacher = await Teacher.create(NETWORK, initialState(NETWORK, 2));
    const taught = await run({ teacher, checkpointFolder: path.join(temporary, 'taught') });
    await teacher.close();
    expect(taught.state.step).toBe(alone?.state.step);
    expect(taught.averageWeights).not.toEqual(alone?.averageWeights);
  });

  test('refuses to resume on other categories', async () => {
    const other = { ...folder, names: ['bend', 'circle'] };
    await expect(run({ folder: other, resume: true })).rejects.toThrow('other categories');
  });

  test('refuses to resume with another network', async () => {
    const network = { ...NETWORK, blocks: NETWORK.blocks.slice(1) };
    const change = { network, start: initialState(network, 1), resume: true };
    await expect(run(change)).rejects.toThrow('of another network');
  });

  test('ends in a folder that can be loaded', async () => {
    const checkpoint = await findCheckpoint(path.join(temporary, 'whole'));
    const state = {
      weights: checkpoint?.averageWeights ?? new Float32Array(),
      statistics: checkpoint?.averageStatistics ?? new Float32Array(),
    };
    const out = path.join(temporary, 'out');
    await writeStarterModel(out, {
      folder,
      network: NETWORK,
      state,
      seed: 1,
      figures: { top1: 1 },
    });
    const starter = await loadStarterModel(out);
    expect(starter.state).toEqual(state);
    expect([...starter.preTaught.keys()]).toEqual(['bend', 'line']);
    expect(starter.preTaught.get('line')?.embeddings).toHaveLength(24 * starter.embeddingSize);
  });
});
