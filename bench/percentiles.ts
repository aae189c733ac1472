/** Median and 95th percentile of so many values, in their own unit. */
export interface Summary {
  readonly p50: number;
  readonly p95: number;
  readonly n: number;
}

/** The nearest-rank percentiles; zeros where there is no value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), n: sorted.length };
}

/** Two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A moment that processes of one machine can compare, in milliseconds. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
