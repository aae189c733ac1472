/**
 * Entry of a process that trains the same network on the CPU and on WebGPU, where no node may fall
 * back to the CPU, and tells what came out. The Vulkan driver is what its environment says.
 */
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { seededRandom } from '../../shared/random.ts';
import { embeddingSizeOf, initialState, type Network } from '../../server/ml/network.ts';
import { OnnxGraph } from '../../server/ml/onnx-graph.ts';
import {
  freshState,
  openNetworkTrainer,
  type Batch,
  type TrainingState,
} from '../../server/training/network-trainer.ts';
import type { TrainingProvider } from '../../server/training/device/training-device.ts';

const BATCH = 8;
const STEPS = 10;
const NETWORK: Network = {
  pixels: 16,
  planes: 7,
  pathBlocks: [
    { channels: 8, stride: 1 },
    { channels: 8, stride: 1 },
    { channels: 12, stride: 2 },
  ],
  blocks: [
    { channels: 8, stride: 2 },
    { channels: 16, stride: 2 },
    { channels: 16, stride: 1 },
  ],
  categories: 4,
};

export interface WebGpuTraining {
  readonly cpu: Trained;
  readonly webgpu: Trained;
  /** Where the weights lay that the steps on WebGPU were fed. */
  readonly weightsLocations: readonly string[];
  /** What was said about a node that WebGPU cannot run. */
  readonly refusal: string;
}

interface Trained {
  readonly losses: readonly number[];
  readonly state: TrainingState;
}

type Run = (feeds: Record<string, Tensor>) => ReturnType<InferenceSession['run']>;

const weightsLocations: string[] = [];
const create = InferenceSession.create.bind(InferenceSession);

/** Every session on WebGPU is made without leave to use the CPU, and watched. */
async function createWatched(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if (!options.executionProviders?.includes('webgpu')) return create(model, options);
  const extra = { session: { disable_cpu_ep_fallback: '1' } };
  const session = await create(model, { ...options, extra });
  const run: Run = session.run.bind(session);
  const watched: Run = (feeds) => {
    if (feeds['weights']) weightsLocations.push(feeds['weights'].location);
    return run(feeds);
  };
  return Object.assign(session, { run: watched });
}

function batchOf(step: number): Batch {
  const random = seededRandom(step);
  const { pixels, planes, categories } = NETWORK;
  const rasters = new Uint8Array(BATCH * planes * pixels * pixels);
  rasters.forEach((_, i) => (rasters[i] = random() < 0.2 ? 255 * random() : 0));
  const targets = new Float32Array(BATCH * categories);
  for (let i = 0; i < BATCH; i++) targets[i * categories + (i % categories)] = 1;
  const dropout = new Float32Array(BATCH * embeddingSizeOf(NETWORK)).map(() =>
    random() < 0.1 ? 0 : 1 / 0.9,
  );
  return { rasters, targets, dropout };
}

async function trainOn(provider: TrainingProvider): Promise<Trained> {
  const device = { provider, threads: 1, spinning: false };
  const options = { network: NETWORK, batch: BATCH, device };
  const trainer = await openNetworkTrainer(options, freshState(options, initialState(NETWORK, 1)));
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++)
    losses.push(await trainer.step(batchOf(step), { learningRate: 0.003, weightDecay: 0.01 }));
  const state = await trainer.read();
  await trainer.close();
  return { losses, state };
}

/** Proof that the sessions are strict. */
async function refusalOf(opType: string): Promise<string> {
  const graph = new OnnxGraph();
  const input = graph.input('input', [4, 4]);
  graph.output('output', graph.node(opType, [input], { shape: [4, 4] }));
  return InferenceSession.create(graph.toBytes(), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 4,
  }).then(
    () => '',
    (error: unknown) => String(error),
  );
}

Object.assign(InferenceSession, { create: createWatched });
const training: WebGpuTraining = {
  cpu: await trainOn('cpu'),
  webgpu: await trainOn('webgpu'),
  weightsLocations,
  refusal: await refusalOf('LogSoftmax'),
};
process.send?.(training, () => process.exit(0));
