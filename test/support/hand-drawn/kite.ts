import type { Hand, Path, Point } from '../hand.ts';
import { curve, line } from '../hand.ts';

/** A diamond in one stroke or in pieces; spars; a straight, wavy or jagged tail with or without bows. */
export function kite(hand: Hand): Path[] {
  const half = hand.between(35, 65);
  const top: Point = [128, hand.between(15, 40)];
  const waist = top[1] + hand.between(40, 75);
  const bottom: Point = [128 + hand.between(-8, 8), waist + hand.between(45, 100)];
  const corners: Path = [top, [128 + half, waist], bottom, [128 - half, waist]];
  const tail = tailOf(hand, bottom);
  const parts = [...sail(hand, corners), ...spars(hand, corners)];
  return [...parts, hand.chance(0.85) ? tail : tail.slice(0, 5), ...bows(hand, tail)];
}

function sail(hand: Hand, corners: Path): Path[] {
  const [top, right, bottom, left] = corners;
  if (!top || !right || !bottom || !left) return [];
  if (hand.chance(0.25))
    return hand.inAnyOrder([
      [left, top, right],
      [left, bottom, right],
    ]);
  return hand.outline(corners);
}

function spars(hand: Hand, [top, right, bottom, left]: Path): Path[] {
  if (!top || !right || !bottom || !left) return [];
  const style = hand.oneOf(['cross', 'cross', 'spine', 'beam', 'none', 'panels'] as const);
  const spine = line(top, bottom);
  const beam = hand.chance(0.3)
    ? curve([left, [(left[0] + right[0]) / 2, left[1] - 14], right])
    : line(left, right);
  if (style === 'cross') return hand.inAnyOrder([spine, beam]);
  if (style === 'spine') return [spine];
  if (style === 'beam') return [beam];
  if (style === 'none') return [];
  const middle: Point = [(top[0] + bottom[0]) / 2, left[1]];
  return [
    spine,
    line(left, middle),
    line(middle, [(right[0] + bottom[0]) / 2, (right[1] + bottom[1]) / 2]),
  ];
}

function tailOf(hand: Hand, from: Point): Path {
  const side = hand.oneOf([-1, 1]);
  const length = hand.between(55, 120);
  const swings = hand.wholeBetween(1, 5);
  const swing = hand.between(6, 22);
  const drift = hand.between(-10, 60) * side;
  const corners = Array.from({ length: swings + 1 }, (_, i): Point => {
    const share = (i + 1) / (swings + 1);
    const sign = i % 2 === 0 ? 1 : -1;
    return [from[0] + drift * share + sign * swing * side, from[1] + length * share];
  });
  const style = hand.oneOf(['wave', 'wave', 'jagged', 'straight'] as const);
  if (style === 'straight') return line(from, [from[0] + drift, from[1] + length]);
  return style === 'wave' ? curve([from, ...corners]) : [from, ...corners];
}

function bows(hand: Hand, tail: Path): Path[] {
  const count = hand.wholeBetween(0, 4);
  const size = hand.between(6, 13);
  const style = hand.oneOf(['bow', 'cross', 'dash', 'ring'] as const);
  return Array.from({ length: count }, (_, i) => {
    const share = (i + 1) / (count + 1);
    const [x, y] =
      tail.length > 2 ? (tail[Math.floor(share * tail.length)] ?? [0, 0]) : between(tail, share);
    return bow(hand, style, [x, y, size]);
  }).flat();
}

function between(tail: Path, share: number): Point {
  const [from, to] = [tail[0] ?? [0, 0], tail.at(-1) ?? [0, 0]];
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

type BowStyle = 'bow' | 'cross' | 'dash' | 'ring';

function bow(hand: Hand, style: BowStyle, [x, y, size]: readonly [number, number, number]): Path[] {
  const [low, high] = [y + size * 0.6, y - size * 0.6];
  switch (style) {
    case 'bow':
      return [
        [
          [x - size, high],
          [x - size, low],
          [x + size, high],
          [x + size, low],
          [x - size, high],
        ],
      ];
    case 'cross':
      return [line([x - size, high], [x + size, low]), line([x + size, high], [x - size, low])];
    case 'dash':
      return [line([x - size, y], [x + size, y + 2])];
    case 'ring':
      return [hand.ellipse([x, y], [size * 0.7, size * 0.5])];
  }
}
