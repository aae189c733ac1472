/** Share of the steps over which the learning rate rises, and the most steps it takes. */
const WARM_UP_SHARE = 0.1;
const LONGEST_WARM_UP = 100;

/**
 * Share of the full learning rate at a step, the first being 0: it rises for a tenth of the steps,
 * then falls along half a cosine (Loshchilov and Hutter 2017).
 */
export function learningRateShare(step: number, steps: number): number {
  const warmUp = Math.min(LONGEST_WARM_UP, Math.ceil(steps * WARM_UP_SHARE));
  if (step < warmUp) return (step + 1) / warmUp;
  return (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, steps - warmUp))) / 2;
}
