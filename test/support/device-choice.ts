/**
 * Entry of a process that chooses the device of a small network and tells which one, with what the
 * log said. The GPU drivers are what its environment says.
 */
import {
  DeviceChooser,
  type ChosenDevice,
  type DeviceSetting,
} from '../../server/training/device/device-chooser.ts';

export interface DeviceChoice {
  readonly chosen: ChosenDevice;
  readonly log: readonly unknown[];
}

const [setting = 'auto', probeEntry = ''] = process.argv.slice(2);
const log: unknown[] = [];
const write = (fields: unknown, event?: unknown): void => {
  log.push({ event, fields });
};
const chooser = new DeviceChooser({
  // The test that starts this process gives one of them.
  setting: setting as DeviceSetting,
  mostThreads: 1,
  probeEntry,
  logger: { info: write, error: write },
  probeLimitMs: 100_000,
});
// Small, for a driver in software compiles each kind of operator for a while.
const network = {
  pixels: 8,
  planes: 1,
  blocks: [{ channels: 8, stride: 2 }],
  categories: 4,
} as const;
const choice: DeviceChoice = { chosen: await chooser.choose({ network, batch: 8 }), log };
process.send?.(choice, () => process.exit(0));
