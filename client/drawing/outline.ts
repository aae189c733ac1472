import { getStroke } from 'perfect-freehand';
import type { InkPoints, InkStyle } from '../../shared/stroke-codec.ts';

/** Where an outline is traced to: a `Path2D`, or a 2D context. */
export type PathSink = Pick<Path2D, 'moveTo' | 'quadraticCurveTo' | 'closePath'>;

/** The outline of a stroke as a polygon in canvas units. Pressure makes it thinner or wider. */
export function outlineOf(
  points: InkPoints,
  style: InkStyle,
  isFinished: boolean,
): readonly (readonly number[])[] {
  const input = points.xs.map((x, i) => [x, points.ys[i] ?? 0, points.pressures[i] ?? 0.5]);
  return getStroke(input, {
    size: style.width,
    thinning: 0.5,
    smoothing: 0.5,
    streamline: 0.5,
    simulatePressure: false,
    last: isFinished,
  });
}

/** Traces the polygon as smooth curves through the middles of its edges. */
export function traceOutline(sink: PathSink, outline: readonly (readonly number[])[]): void {
  const first = outline[0];
  if (!first) return;
  const middle = (i: number): [number, number] => {
    const a = outline[i % outline.length] ?? first;
    const b = outline[(i + 1) % outline.length] ?? first;
    return [((a[0] ?? 0) + (b[0] ?? 0)) / 2, ((a[1] ?? 0) + (b[1] ?? 0)) / 2];
  };
  sink.moveTo(...middle(0));
  for (let i = 1; i <= outline.length; i++) {
    const corner = outline[i % outline.length] ?? first;
    sink.quadraticCurveTo(corner[0] ?? 0, corner[1] ?? 0, ...middle(i));
  }
  sink.closePath();
}
