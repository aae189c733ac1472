/**
 * Makes further sketches of one, as people would draw it: turned, sheared and stretched a little,
 * its strokes not quite where they were, bent, with a stroke left out, or not finished yet.
 * Half-drawn sketches are what a live prediction sees most of the time, so prefixes are not a
 * detail. Strokes left out and local and global deformation are those of Yu and others
 * ("Sketch-a-Net: a deep neural network that beats humans", 2017), in simpler form.
 */
import { gaussian, type Random } from '../../shared/random.ts';
import { countPoints, type StrokeColumns } from '../../shared/stroke.ts';
import { RASTER_LINE_WIDTH } from '../../shared/rasterize.ts';
import { transformed } from './affine.ts';
import { deformStrokes, type Deformation } from './deform.ts';

export interface Augmentation {
  /** Standard deviation of the turn, in radians. */
  readonly turn: number;
  /** Standard deviation of the shear. */
  readonly shear: number;
  /** Standard deviation of the logarithm of the change of aspect. */
  readonly stretch: number;
  readonly mirrorChance: number;
  /** How much strokes are moved one by one and the whole is bent, where that happens. */
  readonly deform: (Deformation & { readonly chance: number }) | null;
  /** Chance that one stroke of several is left out. */
  readonly dropChance: number;
  /** Chance that only a beginning is kept, and the least share of points it keeps. */
  readonly prefixChance: number;
  readonly leastPrefix: number;
  /** Largest relative change of the line's width. */
  readonly lineWidth: number;
}

/** Of a line's width, or of the points left away: what is left stays recognisable. */
const LARGEST_CHANGE = 0.8;

/**
 * Mirrored sketches are rare, because people draw most things in the same order and direction: with
 * half of them mirrored, three epochs gave 61.8 % instead of 62.5 % on whole drawings.
 */
export const DEFAULT_AUGMENTATION: Augmentation = {
  turn: 0.12,
  shear: 0.12,
  stretch: 0.15,
  mirrorChance: 0.1,
  deform: { chance: 0.5, strokeShift: 0.02, bend: 0.02 },
  dropChance: 0.1,
  prefixChance: 0.5,
  leastPrefix: 0.25,
  lineWidth: 0.3,
};

/**
 * For the views of an example of people: milder, because few examples must not be outweighed by
 * their beginnings (12 categories of 5 examples: 84.7 % right instead of 83.5 %).
 */
export const EXAMPLE_AUGMENTATION: Augmentation = {
  ...DEFAULT_AUGMENTATION,
  deform: null,
  prefixChance: 0.3,
  leastPrefix: 0.4,
};

/** 0 leaves sketches as they are, 1 varies them as `EXAMPLE_AUGMENTATION` does, 2 twice as much. */
export function scaledAugmentation(strength: number): Augmentation {
  const { turn, shear, stretch, lineWidth, leastPrefix, deform, ...chances } = EXAMPLE_AUGMENTATION;
  return {
    deform,
    turn: turn * strength,
    shear: shear * strength,
    stretch: stretch * strength,
    lineWidth: Math.min(LARGEST_CHANGE, lineWidth * strength),
    leastPrefix: Math.max(1 - LARGEST_CHANGE, 1 - (1 - leastPrefix) * strength),
    // Half of the sketches mirrored is already all that mirroring can do.
    mirrorChance: Math.min(0.5, chances.mirrorChance * strength),
    dropChance: Math.min(1, chances.dropChance * strength),
    prefixChance: Math.min(1, chances.prefixChance * strength),
  };
}

/** Another version of the strokes. It has at least one point where they have one. */
export function augmentStrokes(
  strokes: readonly StrokeColumns[],
  augmentation: Augmentation,
  random: Random,
): StrokeColumns[] {
  let kept = strokes;
  if (random() < augmentation.dropChance) kept = dropStroke(kept, random);
  if (random() < augmentation.prefixChance) {
    const { leastPrefix } = augmentation;
    kept = prefixOf(kept, leastPrefix + (1 - leastPrefix) * random());
  }
  const { deform } = augmentation;
  if (deform && random() < deform.chance) kept = deformStrokes(kept, deform, random);
  return transform(kept, augmentation, random);
}

/** A line width around the usual one. */
export function augmentLineWidth({ lineWidth }: Augmentation, random: Random): number {
  return RASTER_LINE_WIDTH * (1 + lineWidth * (2 * random() - 1));
}

/** The beginning of a sketch: its first points, strokes in the order in which they were drawn. */
export function prefixOf(strokes: readonly StrokeColumns[], share: number): StrokeColumns[] {
  let left = Math.max(1, Math.round(countPoints(strokes) * share));
  const prefix: StrokeColumns[] = [];
  for (const [xs, ys] of strokes) {
    if (left <= 0) break;
    const count = Math.min(left, xs.length);
    prefix.push([Array.from(xs).slice(0, count), Array.from(ys).slice(0, count)]);
    left -= count;
  }
  return prefix;
}

function dropStroke(strokes: readonly StrokeColumns[], random: Random): readonly StrokeColumns[] {
  if (strokes.length < 2) return strokes;
  const dropped = Math.floor(random() * strokes.length);
  return strokes.filter((_, i) => i !== dropped);
}

/** Position and size do not matter, because the rasterizer crops: a 2x2 matrix is enough. */
function transform(
  strokes: readonly StrokeColumns[],
  augmentation: Augmentation,
  random: Random,
): StrokeColumns[] {
  const angle = gaussian(random) * augmentation.turn;
  const shear = gaussian(random) * augmentation.shear;
  const stretch = Math.exp(gaussian(random) * augmentation.stretch);
  const mirror = random() < augmentation.mirrorChance ? -1 : 1;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [xx, xy] = [cos * stretch * mirror, cos * shear - sin];
  const [yx, yy] = [sin * stretch * mirror, sin * shear + cos];
  return strokes.map((stroke) => transformed(stroke, { xx, xy, yx, yy, dx: 0, dy: 0 }));
}
