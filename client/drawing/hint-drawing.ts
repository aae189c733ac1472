import type { InkPoints } from '../../shared/stroke-codec.ts';
import { outlineOf } from './outline.ts';

type Corner = readonly [x: number, y: number];

/** A house as a hand draws it, on a field of 200 × 180. */
const HOUSE: readonly (readonly Corner[])[] = [
  [
    [42, 84],
    [41, 120],
    [43, 162],
    [92, 164],
    [158, 161],
    [159, 120],
    [157, 82],
  ],
  [
    [24, 96],
    [60, 60],
    [101, 22],
    [140, 58],
    [177, 95],
  ],
  [
    [84, 163],
    [83, 122],
    [112, 121],
    [114, 162],
  ],
  [
    [124, 100],
    [144, 99],
    [145, 118],
    [125, 119],
    [124, 100],
  ],
  [
    [136, 52],
    [136, 30],
    [150, 29],
    [151, 65],
  ],
];

/** The sun beside it. */
const SUN: readonly (readonly Corner[])[] = [
  [
    [30, 24],
    [38, 31],
    [36, 42],
    [25, 45],
    [16, 38],
    [18, 27],
    [30, 24],
  ],
  [
    [27, 14],
    [27, 7],
  ],
  [
    [42, 22],
    [47, 17],
  ],
  [
    [47, 36],
    [54, 37],
  ],
  [
    [9, 24],
    [4, 19],
  ],
];

const STYLE = { tool: 'pen', color: '#000000', width: 5 } as const;

/** The drawing of an empty canvas as polygons, one a stroke, made by the renderer of all ink. */
export function hintOutlines(): readonly (readonly (readonly number[])[])[] {
  return [...HOUSE, ...SUN].map((corners) => outlineOf(handDrawn(corners), STYLE, true));
}

/** Points along the corners, close to each other as a pen leaves them. */
function handDrawn(corners: readonly Corner[]): InkPoints {
  const points = {
    xs: [] as number[],
    ys: [] as number[],
    ts: [] as number[],
    pressures: [] as number[],
  };
  for (const [i, [x, y]] of corners.entries()) {
    const [fromX, fromY] = corners[i - 1] ?? [x, y];
    const steps = Math.max(1, Math.round(Math.hypot(x - fromX, y - fromY) / 6));
    for (let step = i === 0 ? steps : 1; step <= steps; step++) {
      points.xs.push(fromX + ((x - fromX) * step) / steps);
      points.ys.push(fromY + ((y - fromY) * step) / steps);
      points.ts.push(points.xs.length * 8);
      points.pressures.push(0.5);
    }
  }
  return points;
}
