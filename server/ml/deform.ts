/** Deforms a sketch as another hand would: each stroke a little, and the whole along low waves. */
import { gaussian, type Random } from '../../shared/random.ts';
import { boxOf, longerSideOf, type Box, type StrokeColumns } from '../../shared/stroke.ts';
import { transformed } from './affine.ts';

export interface Deformation {
  /** Standard deviation of a stroke's shift, as a share of the sketch's size. */
  readonly strokeShift: number;
  /** Standard deviation of the waves' height, as a share of the sketch's size. */
  readonly bend: number;
}

/** A stroke's turn and its change of size vary so many times as much as its place. */
const TURN_TO_SHIFT = 1.5;
const WAVES = 3;
/** Over the sketch's size a wave goes up and down this often at least, and at most. */
const LEAST_WAVES = 1;
const MOST_WAVES = 3;

/** The same strokes with the same numbers of points, elsewhere. */
export function deformStrokes(
  strokes: readonly StrokeColumns[],
  { strokeShift, bend }: Deformation,
  random: Random,
): StrokeColumns[] {
  const box = boxOf(strokes);
  const size = box ? longerSideOf(box) : 0;
  if (!box || size === 0) return [...strokes];
  const waves = Array.from({ length: WAVES }, () => randomWave(bend * size, random));
  return strokes.map((stroke) =>
    bent(moved(stroke, { strokeShift, size }, random), { box, size }, waves),
  );
}

/** A stroke shifted, and turned and scaled around its middle. */
function moved(
  stroke: StrokeColumns,
  { strokeShift, size }: { readonly strokeShift: number; readonly size: number },
  random: Random,
): StrokeColumns {
  const shiftX = gaussian(random) * strokeShift * size;
  const shiftY = gaussian(random) * strokeShift * size;
  const scale = Math.exp(gaussian(random) * strokeShift * TURN_TO_SHIFT);
  const turn = gaussian(random) * strokeShift * TURN_TO_SHIFT;
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
  const [x, y] = [meanOf(stroke[0]), meanOf(stroke[1])];
  return transformed(stroke, {
    ...{ xx: cos, xy: -sin, dx: x + shiftX - cos * x + sin * y },
    ...{ yx: sin, yy: cos, dy: y + shiftY - sin * x - cos * y },
  });
}

/** Moves what it passes to and fro along `towards`. */
interface Wave {
  /** Radians for one size of the sketch, to the right and down. */
  readonly perSize: readonly [x: number, y: number];
  readonly towards: readonly [x: number, y: number];
  readonly phase: number;
}

function randomWave(deviation: number, random: Random): Wave {
  const waves = LEAST_WAVES + (MOST_WAVES - LEAST_WAVES) * random();
  const [along, across] = [2 * Math.PI * random(), 2 * Math.PI * random()];
  // Short waves are lower, so that no line is torn.
  const height = (gaussian(random) * deviation) / waves;
  return {
    perSize: [2 * Math.PI * waves * Math.cos(along), 2 * Math.PI * waves * Math.sin(along)],
    towards: [height * Math.cos(across), height * Math.sin(across)],
    phase: 2 * Math.PI * random(),
  };
}

function bent(
  [xs, ys]: StrokeColumns,
  { box, size }: { readonly box: Box; readonly size: number },
  waves: readonly Wave[],
): StrokeColumns {
  const [newXs, newYs] = [Float32Array.from(xs), Float32Array.from(ys)];
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [((xs[i] ?? 0) - box.left) / size, ((ys[i] ?? 0) - box.top) / size];
    for (const { perSize, towards, phase } of waves) {
      const swing = Math.sin(perSize[0] * x + perSize[1] * y + phase);
      newXs[i] = (newXs[i] ?? 0) + swing * towards[0];
      newYs[i] = (newYs[i] ?? 0) + swing * towards[1];
    }
  }
  return [newXs, newYs];
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}
