import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildEntry, type BuiltEntry } from '../../../test/support/build-entry.ts';
import type { DeviceChoice } from '../../../test/support/device-choice.ts';
import { largestDifference } from '../../../test/support/run-graph.ts';
import {
  hasSoftwareGpu,
  messageOf,
  NO_GPU,
  softwareGpuEnvironment,
} from '../../../test/support/software-gpu.ts';
import type { WebGpuTraining } from '../../../test/support/webgpu-training.ts';

// About 20 s of a core in all, for compiling and running shaders; a busy machine takes its time.
const TIMEOUT_MS = 300_000;

const built: BuiltEntry[] = [];
async function build(source: string): Promise<string> {
  const entry = await buildEntry(source);
  built.push(entry);
  return entry.entry;
}

let software: Record<string, string> = {};
let [probe, choice] = ['', ''];
beforeAll(async () => {
  if (!hasSoftwareGpu) return;
  software = await softwareGpuEnvironment();
  probe = await build('server/training/device/probe-main.ts');
  choice = await build('test/support/device-choice.ts');
}, TIMEOUT_MS);
afterAll(() => Promise.all(built.map((entry) => entry.remove())));

async function choose(setting: string, env: Record<string, string>): Promise<DeviceChoice> {
  return (await messageOf(choice, [setting, probe], env)) as DeviceChoice;
}

// On Linux x64 only: elsewhere no Vulkan device in software is at hand.
describe.runIf(hasSoftwareGpu)('training on WebGPU, by a Vulkan device in software', () => {
  let result: WebGpuTraining;
  beforeAll(async () => {
    const entry = await build('test/support/webgpu-training.ts');
    result = (await messageOf(entry, [], software)) as WebGpuTraining;
  }, TIMEOUT_MS);

  test('comes to the losses of the CPU', () => {
    const { cpu, webgpu } = result;
    expect(cpu.losses).toHaveLength(10);
    expect(cpu.losses.at(-1)).toBeLessThan(cpu.losses[0] ?? 0);
    expect(largestDifference(cpu.losses, webgpu.losses)).toBeLessThan(1e-3);
  });

  test('comes to the weights, statistics and moments of the CPU', () => {
    const { cpu, webgpu } = result;
    expect(webgpu.state.step).toBe(10);
    for (const part of ['weights', 'statistics', 'mean', 'square'] as const)
      expect(largestDifference(cpu.state[part], webgpu.state[part])).toBeLessThan(1e-3);
  });

  test('keeps the weights on the device between steps', () => {
    expect(result.weightsLocations).toEqual(Array.from({ length: 10 }, () => 'gpu-buffer'));
  });

  test('leaves no node to the CPU', () => {
    // All sessions were made with the CPU forbidden; this one shows that it was.
    expect(result.refusal).toContain('fallback to CPU EP has been explicitly disabled');
  });
});

describe.runIf(hasSoftwareGpu)('choosing a device', () => {
  test(
    'takes the CPU where no driver is installed, and says why',
    async () => {
      const { chosen, log } = await choose('auto', NO_GPU);
      expect(chosen.device.provider).toBe('cpu');
      expect(log).toMatchObject([
        {
          event: 'training_device.unavailable',
          fields: { provider: 'webgpu', reason: expect.stringContaining('adapter') as string },
        },
        { event: 'training_device.chosen', fields: { device: { provider: 'cpu' } } },
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'takes the CPU where the GPU is there but slower',
    async () => {
      const { chosen, log } = await choose('auto', software);
      expect(chosen.device.provider).toBe('cpu');
      expect(chosen.examplesPerSecond).toBeGreaterThan(0);
      expect(log).toMatchObject([{ event: 'training_device.chosen' }]);
    },
    TIMEOUT_MS,
  );

  test(
    'takes the GPU that was asked for, however fast',
    async () => {
      const { chosen } = await choose('webgpu', software);
      expect(chosen.device.provider).toBe('webgpu');
      expect(chosen.examplesPerSecond).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
