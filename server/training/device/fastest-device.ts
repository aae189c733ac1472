import type { StepTiming } from './time-steps.ts';
import type { TrainingDevice } from './training-device.ts';

/** A device and how it makes the steps of the network in question. */
export interface TimedDevice extends StepTiming {
  readonly device: TrainingDevice;
}

/** What takes more of the machine must be faster by so much. */
const WORTH_IT = 1.1;
/** GPUs add up in another order, and some multiply with fewer digits. */
const LOSS_TOLERANCE = 0.02;

/** The one that makes the most steps; of two about as fast, the earlier one. */
export function fastest(first: TimedDevice, others: readonly TimedDevice[]): TimedDevice {
  return others.reduce(
    (best, other) => (other.examplesPerSecond > best.examplesPerSecond * WORTH_IT ? other : best),
    first,
  );
}

/** Whether both came to the same losses at the same steps. */
export function agree(a: StepTiming, b: StepTiming): boolean {
  return a.losses.every((loss, step) => {
    const difference = Math.abs(loss - (b.losses[step] ?? NaN));
    return difference <= LOSS_TOLERANCE * Math.max(1, Math.abs(loss));
  });
}
