/** How fast the simulated pressure follows the speed of the pen. */
const FOLLOW = 0.275;
const RESTING_PRESSURE = 0.5;

/**
 * Pressure for devices that tell none: a fast pen presses less. It is stored with the stroke, so
 * that a stroke looks the same for everybody and its pieces join without a step.
 */
export function simulatePressure(last: number | undefined, moved: number, width: number): number {
  if (last === undefined) return RESTING_PRESSURE;
  const speed = Math.min(1, moved / (width * 2));
  return Math.min(1, last + (1 - speed - last) * speed * FOLLOW);
}
