import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { initialState, type Network } from '../server/ml/network.ts';
import { embeddingSizeOf } from '../server/ml/network.ts';
import { freshState, openNetworkTrainer } from '../server/training/network-trainer.ts';
import { seededRandom } from '../shared/random.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import { installPeers } from './peers.ts';
import { summarise } from './percentiles.ts';
import { SMALL_NETWORK } from './small-network.ts';

/** Examples a second of the training step on one core, ours beside the peer's, in one run. */
export interface TrainingStepFigures {
  readonly batch: number;
  /** Of the network that ships. */
  readonly starterPerSecond: number;
  /** The smaller network that both train: the peer would take minutes for a step of ours. */
  readonly network: string;
  readonly oursPerSecond: number;
  readonly tensorflowJsPerSecond: number;
  readonly ratio: number;
}

const BATCH = 64;
const ROUNDS = 40;
/** TensorFlow.js takes seconds a step. */
const PEER_STEPS = 1;

const execute = promisify(execFile);

/** Times the step of the starter model's network and of one that the peer trains, too. */
export async function measureTrainingStep(starter: Network): Promise<TrainingStepFigures> {
  const peers = await installPeers();
  const starterPerSecond = await ourRate({ ...starter, categories: SMALL_NETWORK.categories });
  const before = await ourRate(SMALL_NETWORK);
  const tensorflowJsPerSecond = await peerRate(peers, SMALL_NETWORK);
  const after = await ourRate(SMALL_NETWORK);
  const oursPerSecond = Math.round((before + after) / 2);
  return {
    batch: BATCH,
    starterPerSecond: Math.round(starterPerSecond),
    network: SMALL_NETWORK.blocks.map(({ channels, stride }) => `${channels}/${stride}`).join(' '),
    oursPerSecond,
    tensorflowJsPerSecond: Math.round(tensorflowJsPerSecond * 10) / 10,
    ratio: Math.round(oursPerSecond / tensorflowJsPerSecond),
  };
}

/** Median rate of steps on one thread. */
async function ourRate(network: Network): Promise<number> {
  const { pixels, planes, categories } = network;
  const random = seededRandom(1);
  const state = freshState({ network }, initialState(network, 1));
  const trainer = await openNetworkTrainer({ network, batch: BATCH }, state);
  const batch = {
    rasters: Uint8Array.from({ length: BATCH * planes * pixels * pixels }, () => random() * 256),
    targets: new Float32Array(BATCH * categories).fill(1 / categories),
    dropout: new Float32Array(BATCH * embeddingSizeOf(network)).fill(1),
  };
  const milliseconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await trainer.step(batch, { learningRate: 0.001, weightDecay: 0.01 });
    milliseconds.push(performance.now() - begin);
  }
  await trainer.close();
  return (BATCH * 1_000) / summarise(milliseconds).p50;
}

async function peerRate(peers: string, network: Network): Promise<number> {
  const options = JSON.stringify({ network, batch: BATCH });
  const script = join(peers, 'tfjs-step.mjs');
  const { stdout } = await execute(process.execPath, [script, options, String(PEER_STEPS)], {
    cwd: PROJECT_ROOT,
  });
  // The last line is ours; the library greets before it.
  const figures: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  if (typeof figures === 'object' && figures && 'examplesPerSecond' in figures)
    return Number(figures.examplesPerSecond);
  throw new Error('The peer gave no figures.');
}
