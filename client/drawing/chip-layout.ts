import type { Box } from '../../shared/stroke.ts';
import type { Point, Size } from './view.ts';

/** A bubble to be placed beside its sketch; everything in CSS pixels of the window. */
export interface ChipToPlace {
  readonly id: string;
  readonly sketch: Box;
  readonly size: Size;
  /** Room between it and the ink. */
  readonly gap: number;
}

export interface PlacedChip {
  readonly id: string;
  /** Left top corner. */
  readonly at: Point;
  /** The edge of the sketch that it stands at. */
  readonly side: Side;
}

export type Side = 'top' | 'right' | 'left' | 'bottom';

/**
 * Places each bubble at the top of its sketch, or at another side where it would cover ink, another
 * bubble, or leave the window. Where no side is free, the one that covers least is taken.
 */
export function placeChips(
  chips: readonly ChipToPlace[],
  ink: readonly Box[],
  window: Box,
): PlacedChip[] {
  const taken: Box[] = [];
  return chips.map((chip) => {
    const best = bestOf(candidatesFor(chip, window), (box) => coverOf(box, [...ink, ...taken]));
    taken.push(best.box);
    return { id: chip.id, at: { x: best.box.left, y: best.box.top }, side: best.side };
  });
}

interface Candidate {
  readonly side: Side;
  readonly box: Box;
}

/** In order of preference; pushed into the window where they stick out. */
function candidatesFor({ sketch, size, gap }: ChipToPlace, window: Box): Candidate[] {
  const middleX = (sketch.left + sketch.right - size.width) / 2;
  const middleY = (sketch.top + sketch.bottom - size.height) / 2;
  const above = sketch.top - gap - size.height;
  const places: [Side, number, number][] = [
    ['top', middleX, above],
    ['top', sketch.right - size.width, above],
    ['top', sketch.left, above],
    ['right', sketch.right + gap, middleY],
    ['left', sketch.left - gap - size.width, middleY],
    ['bottom', middleX, sketch.bottom + gap],
  ];
  return places.map(([side, left, top]) => ({ side, box: within(window, { left, top }, size) }));
}

function within(window: Box, corner: { left: number; top: number }, size: Size): Box {
  const left = Math.max(window.left, Math.min(window.right - size.width, corner.left));
  const top = Math.max(window.top, Math.min(window.bottom - size.height, corner.top));
  return { left, top, right: left + size.width, bottom: top + size.height };
}

function bestOf(candidates: readonly Candidate[], cost: (box: Box) => number): Candidate {
  let best: Candidate = candidates[0] ?? { side: 'top', box: EMPTY };
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const covered = cost(candidate.box);
    if (covered < least) [best, least] = [candidate, covered];
    if (least === 0) break;
  }
  return best;
}

const EMPTY: Box = { left: 0, top: 0, right: 0, bottom: 0 };

function coverOf(box: Box, others: readonly Box[]): number {
  let area = 0;
  for (const other of others) {
    const width = Math.min(box.right, other.right) - Math.max(box.left, other.left);
    const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
    if (width > 0 && height > 0) area += width * height;
  }
  return area;
}
