/**
 * Chooses what to train a network on. GPUs are tried out in processes of their own, the ways to
 * use the CPU here; what makes the most steps wins. Choices are kept while the process lives.
 */
import type { Logger } from '../../logger.ts';
import { countBlocks } from '../../ml/network.ts';
import { cpuDevices, gpuDevice, installedGpus } from './candidates.ts';
import { agree, fastest, type TimedDevice } from './fastest-device.ts';
import { probeDevice } from './probe-device.ts';
import { timeSteps, type StepShape } from './time-steps.ts';
import { ONE_CPU_THREAD, type TrainingDevice, type TrainingProvider } from './training-device.ts';

/** `TRAINING_DEVICE`: the fastest one there is, or one in particular. */
export type DeviceSetting = 'auto' | TrainingProvider;

export interface ChosenDevice {
  readonly device: TrainingDevice;
  /** As timed with the network in question; null where there was nothing to choose from. */
  readonly examplesPerSecond: number | null;
}

export interface DeviceChooserOptions {
  readonly setting: DeviceSetting;
  /** Of the CPU, for one step. */
  readonly mostThreads: number;
  /** The bundle of `probe-main.ts`. */
  readonly probeEntry: string;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** After so long a GPU is taken for one that hangs. */
  readonly probeLimitMs?: number;
}

const PROBE_LIMIT_MS = 20_000;
const ADVICE = 'Install what it needs (docs/gpu.md), or set TRAINING_DEVICE=auto.';
const ONE_THREAD: ChosenDevice = { device: ONE_CPU_THREAD, examplesPerSecond: null };
/** Just enough to learn whether a device is there. */
const SMALL_STEP: StepShape = {
  network: { pixels: 8, planes: 1, blocks: [{ channels: 4, stride: 2 }], categories: 2 },
  batch: 2,
};

/** Chooses the devices of training runs. */
export class DeviceChooser {
  readonly #options: DeviceChooserOptions;
  readonly #chosen = new Map<string, ChosenDevice>();
  /** Tried in vain, and not tried again by this process. */
  readonly #unavailable = new Set<TrainingProvider>();

  constructor(options: DeviceChooserOptions) {
    this.#options = options;
  }

  /** Where a certain GPU is wanted, the log says at once if it cannot be had, and what to do. */
  async check(): Promise<void> {
    for (const device of this.#wantedGpus()) await this.#probe(device, SMALL_STEP);
  }

  /**
   * The device for training a network: with `auto` the fastest one, with a certain GPU that GPU,
   * or the CPU where it cannot be had. Takes seconds for the first network of a kind (the number
   * of categories does not make another kind), and no time where only the head learns. Throws the
   * reason of `signal` when that is aborted.
   */
  async choose(shape: StepShape, signal?: AbortSignal): Promise<ChosenDevice> {
    if ((shape.frozenBlocks ?? 0) >= countBlocks(shape.network)) return ONE_THREAD;
    const key = keyOf(shape);
    const known = this.#chosen.get(key);
    if (known) return known;
    const { device, examplesPerSecond } = await this.#measure(shape, signal);
    const chosen = { device, examplesPerSecond };
    this.#chosen.set(key, chosen);
    this.#options.logger.info(chosen, 'training_device.chosen');
    return chosen;
  }

  async #measure(shape: StepShape, signal?: AbortSignal): Promise<ChosenDevice> {
    const { setting, mostThreads } = this.#options;
    const gpus = await this.#timedGpus(shape, signal);
    const [, ...cpus] = cpuDevices(mostThreads);
    if (gpus.length + cpus.length === 0) return ONE_THREAD;
    const oneThread = await timedHere(shape, ONE_CPU_THREAD, signal);
    const right = gpus.filter((gpu) => this.#isRight(gpu, oneThread));
    const [wanted] = right;
    if (wanted && setting !== 'auto') return wanted;
    const others: TimedDevice[] = [];
    for (const device of cpus) others.push(await timedHere(shape, device, signal));
    return fastest(oneThread, [...others, ...right]);
  }

  #wantedGpus(): TrainingDevice[] {
    const { setting } = this.#options;
    return setting === 'auto' || setting === 'cpu' ? [] : [gpuDevice(setting)];
  }

  async #timedGpus(shape: StepShape, signal?: AbortSignal): Promise<TimedDevice[]> {
    const gpus = this.#options.setting === 'auto' ? installedGpus() : this.#wantedGpus();
    const timed: TimedDevice[] = [];
    for (const gpu of gpus) timed.push(...(await this.#probe(gpu, shape, signal)));
    return timed;
  }

  /** One timed device, or none. */
  async #probe(
    device: TrainingDevice,
    shape: StepShape,
    signal?: AbortSignal,
  ): Promise<TimedDevice[]> {
    if (this.#unavailable.has(device.provider)) return [];
    const { probeEntry: entry, probeLimitMs: timeLimitMs = PROBE_LIMIT_MS } = this.#options;
    const reply = await probeDevice({ device, shape, timeLimitMs }, { entry, signal });
    if (reply.isThere) return [{ device, ...reply.timing }];
    this.#giveUp(device, reply.reason);
    return [];
  }

  #isRight(gpu: TimedDevice, reference: TimedDevice): boolean {
    if (agree(reference, gpu)) return true;
    this.#giveUp(gpu.device, 'It computes other losses than the CPU.');
    return false;
  }

  #giveUp({ provider }: TrainingDevice, reason: string): void {
    this.#unavailable.add(provider);
    const { setting, logger } = this.#options;
    const event = 'training_device.unavailable';
    if (setting === 'auto') logger.info({ provider, reason }, event);
    else logger.error({ provider, reason, advice: ADVICE }, event);
  }
}

/** What the speed depends on: not on the number of categories, which changes all the time. */
function keyOf({ network, batch, frozenBlocks = 0 }: StepShape): string {
  return JSON.stringify({ ...network, categories: 0, batch, frozenBlocks });
}

async function timedHere(
  shape: StepShape,
  device: TrainingDevice,
  signal?: AbortSignal,
): Promise<TimedDevice> {
  signal?.throwIfAborted();
  return { device, ...(await timeSteps(shape, device, signal)) };
}
