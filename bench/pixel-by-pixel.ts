import { boxOf, longerSideOf, type StrokeColumns } from '../shared/stroke.ts';

/** The drawing as a slow mouse draws it: `pixels` wide or high, with a point at every pixel it passes. */
export function pixelByPixel(
  strokes: readonly StrokeColumns[],
  pixels: number,
): readonly StrokeColumns[] {
  const box = boxOf(strokes);
  const scale = box ? pixels / (longerSideOf(box) || 1) : 1;
  return strokes.map((stroke) => stepped(stroke, scale));
}

function stepped([xs, ys]: StrokeColumns, scale: number): StrokeColumns {
  const [newXs, newYs]: [number[], number[]] = [[], []];
  const put = (x: number, y: number): void => {
    const [column, row] = [Math.round(x * scale), Math.round(y * scale)];
    if (newXs.at(-1) === column && newYs.at(-1) === row) return;
    newXs.push(column);
    newYs.push(row);
  };
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [xs[i] ?? 0, ys[i] ?? 0];
    const [fromX, fromY] = [xs[i - 1] ?? x, ys[i - 1] ?? y];
    const steps = Math.max(1, Math.floor(Math.hypot(x - fromX, y - fromY) * scale));
    for (let step = 1; step <= steps; step++) {
      const share = step / steps;
      put(fromX + share * (x - fromX), fromY + share * (y - fromY));
    }
  }
  return [newXs, newYs];
}
