import { seededRandom } from '../../shared/random.ts';
import type { InkPoints, InkStroke, InkStyle } from '../../shared/stroke-codec.ts';

/** Every stroke of the benchmark has so many points ... */
const POINTS_PER_STROKE = 60;
/** ... drawn in frames of 3 and 4 points in turn, as a hand at 100 points a second makes them. */
const FRAME_SIZES = [3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 4];
export const FRAMES_PER_STROKE = FRAME_SIZES.length;

/** The index of each frame's first point. */
const FRAME_STARTS = FRAME_SIZES.map((_, i) =>
  FRAME_SIZES.slice(0, i).reduce((sum, size) => sum + size, 0),
);

export const STYLE: InkStyle = { tool: 'pen', color: '#1f1d1a', width: 4 };

const SHAPES = 16;
const SPEED = 6;

/** Which stroke of an author a frame belongs to, and where in it. */
export interface FramePlace {
  readonly stroke: number;
  /** Index of its first point. */
  readonly sequence: number;
  readonly isLast: boolean;
}

/** `frame` counts an author's frames from 0. */
export function placeOf(frame: number): FramePlace {
  const inStroke = frame % FRAMES_PER_STROKE;
  return {
    stroke: Math.floor(frame / FRAMES_PER_STROKE),
    sequence: FRAME_STARTS[inStroke] ?? 0,
    isLast: inStroke === FRAMES_PER_STROKE - 1,
  };
}

/** The inverse of `placeOf`. */
export function frameOf(stroke: number, sequence: number): number {
  return stroke * FRAMES_PER_STROKE + (FRAME_OF_SEQUENCE[sequence] ?? 0);
}

const FRAME_OF_SEQUENCE: readonly number[] = FRAME_SIZES.flatMap((size, i) =>
  new Array<number>(size).fill(i),
);

/** Strokes that wander as a pen does; the same ones in every run. */
const STROKES: readonly InkPoints[] = Array.from({ length: SHAPES }, (_, i) => wander(i + 1));

/** The points of an author's stroke. */
function strokePoints(author: number, stroke: number): InkPoints {
  return STROKES[(author * 7 + stroke) % SHAPES] ?? wander(1);
}

/** The points of one frame. */
export function framePoints(author: number, frame: number): InkPoints {
  const { stroke, sequence } = placeOf(frame);
  const to = sequence + (FRAME_SIZES[frame % FRAMES_PER_STROKE] ?? 0);
  const { xs, ys, ts, pressures } = strokePoints(author, stroke);
  const part = (values: readonly number[]): number[] => values.slice(sequence, to);
  return { xs: part(xs), ys: part(ys), ts: part(ts), pressures: part(pressures) };
}

/** The finished stroke, as the document keeps it. */
export function finishedStroke(author: number, stroke: number, authorId: string): InkStroke {
  return { style: STYLE, authorId, startedAt: Date.now(), points: strokePoints(author, stroke) };
}

function wander(seed: number): InkPoints {
  const random = seededRandom(seed);
  const points = {
    xs: [] as number[],
    ys: [] as number[],
    ts: [] as number[],
    pressures: [] as number[],
  };
  let [x, y] = [random() * 800, random() * 600];
  let angle = random() * 2 * Math.PI;
  for (let i = 0; i < POINTS_PER_STROKE; i++) {
    angle += random() - 0.5;
    x += Math.cos(angle) * SPEED;
    y += Math.sin(angle) * SPEED;
    points.xs.push(x);
    points.ys.push(y);
    points.ts.push(i * 10);
    points.pressures.push(0.4 + random() * 0.2);
  }
  return points;
}
