/** Where the values of a chart lie. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** Round values from `min` to `max`, to be written at the axis. */
  readonly ticks: readonly number[];
}

/** Round bounds around the values with two to five ticks between them. */
export function scaleOf(values: readonly number[], wanted = 4): Scale {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = Math.min(0, ...finite);
  const high = Math.max(...finite, low + Number.EPSILON);
  const step = roundStep((high - low) / wanted);
  const min = Math.floor(low / step) * step;
  const count = Math.max(1, Math.ceil((high - min) / step - 1e-9));
  return {
    min,
    max: min + count * step,
    ticks: Array.from({ length: count + 1 }, (_, n) => min + n * step),
  };
}

/** 1, 2 or 5 times a power of ten, at least the value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Points of a line, in percent of the plot's width and height. */
export function linePath(
  points: readonly { readonly x: number; readonly y: number }[],
  x: { readonly min: number; readonly max: number },
  y: { readonly min: number; readonly max: number },
): string {
  return points.map((point) => `${placeOn(x, point.x)},${100 - placeOn(y, point.y)}`).join(' ');
}

/** Percent of the way from the least to the greatest value. */
export function placeOn(
  { min, max }: { readonly min: number; readonly max: number },
  value: number,
): number {
  return max === min ? 50 : Math.round(((value - min) / (max - min)) * 10_000) / 100;
}
