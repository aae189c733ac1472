/** The interval in which a share lies, 0 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, for 95 %. */
const Z = 1.959964;

/**
 * Wilson's interval (1927) of a share that was counted, 95 %: it stays within 0 and 1 and is sound
 * for few sketches and for all or none right. Null where nothing was counted.
 */
export function wilsonInterval(right: number, count: number): Interval | null {
  if (count === 0) return null;
  const share = right / count;
  const square = Z ** 2 / count;
  const centre = (share + square / 2) / (1 + square);
  const reach =
    (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / count + square / (4 * count));
  return { low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}
