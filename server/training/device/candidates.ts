import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { ONE_CPU_THREAD, type TrainingDevice, type TrainingProvider } from './training-device.ts';

/** More threads than these have nothing to share: the operators of a sketch's network are small. */
const MOST_USEFUL_THREADS = 4;

/** Ways to train on the CPU, those that leave more of it to others first. */
export function cpuDevices(mostThreads: number): TrainingDevice[] {
  const most = Math.min(mostThreads, MOST_USEFUL_THREADS);
  const counts = [...new Set([2, most])].filter((threads) => threads > 1 && threads <= most);
  const shared = [false, true].flatMap((spinning) =>
    counts.map((threads): TrainingDevice => ({ provider: 'cpu', threads, spinning })),
  );
  return [ONE_CPU_THREAD, ...shared];
}

/** A GPU reached through a provider. The CPU only hands over the work. */
export function gpuDevice(provider: Exclude<TrainingProvider, 'cpu'>): TrainingDevice {
  return { ...ONE_CPU_THREAD, provider };
}

/** The GPU providers that ONNX Runtime has its libraries for here; whether they work is not known. */
export function installedGpus(): TrainingDevice[] {
  const supported = listSupportedBackends();
  const isThere = {
    webgpu: supported.some(({ name, bundled }) => name === 'webgpu' && bundled),
    cuda: supported.some(({ name }) => name === 'cuda') && existsSync(cudaLibrary()),
  };
  return (['webgpu', 'cuda'] as const).filter((name) => isThere[name]).map(gpuDevice);
}

/** Where the install script of ONNX Runtime's package puts what it downloads. */
function cudaLibrary(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = path.join(entry, '../../bin/napi-v6', process.platform, process.arch);
  return path.join(folder, 'libonnxruntime_providers_cuda.so');
}
