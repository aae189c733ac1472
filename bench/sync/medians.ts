/** The middle of so many values, NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

type NumbersOf<T> = { [K in keyof T as T[K] extends number ? K : never]: number };

/** The median of each figure over repetitions; what is no number is left out. */
export function medianOf<T extends object>(runs: readonly T[]): NumbersOf<T> {
  const [first] = runs;
  const keys = Object.entries(first ?? {})
    .filter(([, value]) => typeof value === 'number')
    .map(([key]) => key as keyof T);
  const figures = keys.map((key) => [key, median(runs.map((run) => Number(run[key])))]);
  // Built of exactly the keys that hold numbers.
  return Object.fromEntries(figures) as NumbersOf<T>;
}

/** The median of the quotients of what was measured beside each other. */
export function ratioOf(pairs: readonly (readonly [number, number])[]): number {
  return median(pairs.map(([value, of]) => value / of));
}
