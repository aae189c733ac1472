import { anchor } from './hand-drawn/anchor.ts';
import { ghost } from './hand-drawn/ghost.ts';
import { kite } from './hand-drawn/kite.ts';
import { peaceSign } from './hand-drawn/peace-sign.ts';
import { robot } from './hand-drawn/robot.ts';
import { rocket } from './hand-drawn/rocket.ts';
import type { DrawnStroke, Path } from './hand.ts';
import { Hand } from './hand.ts';

/**
 * The project's own sketches, for tests without SKETCH_DATA: categories that the starter model has
 * never seen, each drawing different in its parts, their number, order and direction, and its hand.
 */
interface Motif {
  readonly paths: (hand: Hand) => Path[];
  /** Degrees that people turn it by, at most, in either direction. */
  readonly turn: number;
}

const MOTIFS = {
  anchor: { paths: anchor, turn: 10 },
  ghost: { paths: ghost, turn: 10 },
  kite: { paths: kite, turn: 25 },
  'peace sign': { paths: peaceSign, turn: 6 },
  robot: { paths: robot, turn: 4 },
  rocket: { paths: rocket, turn: 35 },
} as const satisfies Record<string, Motif>;

export type HandDrawnCategory = keyof typeof MOTIFS;
export const HAND_DRAWN_CATEGORIES = Object.keys(MOTIFS) as HandDrawnCategory[];
/** How many of each category `handDrawn` is meant to be asked for. */
export const HAND_DRAWN_PER_CATEGORY = 30;

/** The n-th drawing of a category: the same one every time, unlike any other. */
export function handDrawn(category: HandDrawnCategory, n: number): DrawnStroke[] {
  const motif: Motif = MOTIFS[category];
  const hand = new Hand((HAND_DRAWN_CATEGORIES.indexOf(category) + 1) * 7_919 + n * 104_729);
  const degrees = hand.between(-motif.turn, motif.turn);
  return hand.draw(motif.paths(hand), degrees);
}
