import type { Hand, Path, Point } from '../hand.ts';
import { arc, curve, line } from '../hand.ts';

/** Ring, shank, stock, arms and flukes; an outlined or a single shank; sometimes a rope. */
export function anchor(hand: Hand): Path[] {
  const top = hand.between(50, 75);
  const bottom = hand.between(205, 235);
  const reach = hand.between(55, 95);
  const rise = hand.between(35, 75);
  return [
    ...hand.inAnyOrder([...ring(hand, top), ...shank(hand, top, bottom), ...stock(hand, top)]),
    ...arms(hand, { bottom, reach, rise }),
    ...flukes(hand, { bottom, reach, rise }),
    ...(hand.chance(0.25) ? [rope(hand, top)] : []),
  ];
}

function ring(hand: Hand, top: number): Path[] {
  const radius = hand.between(9, 20);
  const center: Point = [128, top - radius];
  const style = hand.oneOf(['ring', 'ring', 'double', 'none'] as const);
  if (style === 'none') return [];
  const outer = hand.ellipse(center, [radius, radius]);
  return style === 'ring' ? [outer] : [outer, hand.ellipse(center, [radius * 0.5, radius * 0.5])];
}

function shank(hand: Hand, top: number, bottom: number): Path[] {
  if (hand.chance(0.6)) return [line([128, top], [128, bottom])];
  const half = hand.between(4, 9);
  return [
    line([128 - half, top], [128 - half, bottom - 6]),
    line([128 + half, top], [128 + half, bottom - 6]),
  ];
}

function stock(hand: Hand, top: number): Path[] {
  const y = top + hand.between(12, 45);
  const half = hand.between(28, 60);
  const style = hand.oneOf(['line', 'line', 'box', 'knobs', 'none'] as const);
  if (style === 'none') return [];
  if (style === 'box') {
    const corners: Path = [
      [128 - half, y - 7],
      [128 + half, y - 7],
      [128 + half, y + 7],
      [128 - half, y + 7],
    ];
    return hand.outline(corners);
  }
  const bar = line([128 - half, y], [128 + half, y]);
  if (style === 'line') return [bar];
  return [
    bar,
    hand.ellipse([128 - half - 5, y], [5, 5]),
    hand.ellipse([128 + half + 5, y], [5, 5]),
  ];
}

interface Arms {
  readonly bottom: number;
  readonly reach: number;
  readonly rise: number;
}

function arms(hand: Hand, { bottom, reach, rise }: Arms): Path[] {
  const [left, right]: [Point, Point] = [
    [128 - reach, bottom - rise],
    [128 + reach, bottom - rise],
  ];
  const style = hand.oneOf(['arc', 'arc', 'halves', 'corners', 'double'] as const);
  const bow = arc([128, bottom - rise], [reach, rise], { from: 0.5, to: 0 });
  if (style === 'arc') return [hand.eitherWay(bow)];
  if (style === 'corners') return [[left, [128, bottom], right]];
  if (style === 'halves') {
    const half = (end: Point): Path =>
      curve([[128, bottom], [(128 + end[0] * 2) / 3, bottom - rise * 0.25], end]);
    return [half(left), half(right)];
  }
  return [bow, arc([128, bottom - rise], [reach - 14, rise - 14], { from: 0.5, to: 0 })];
}

function flukes(hand: Hand, { bottom, reach, rise }: Arms): Path[] {
  const size = hand.between(14, 30);
  const style = hand.oneOf(['arrow', 'triangle', 'tick', 'none'] as const);
  if (style === 'none') return [];
  return ([-1, 1] as const).flatMap((side) => {
    const tip: Point = [128 + side * reach, bottom - rise - size * 0.5];
    const inner: Point = [tip[0] - side * size, tip[1] + size * 0.7];
    const outer: Point = [tip[0] + side * size * 0.5, tip[1] + size];
    if (style === 'tick') return [line(tip, inner)];
    if (style === 'arrow') return [hand.eitherWay([inner, tip, outer])];
    return [hand.fromAnywhere([inner, tip, outer, inner])];
  });
}

function rope(hand: Hand, top: number): Path {
  const side = hand.oneOf([-1, 1]);
  return curve([
    [128, top - 20],
    [128 + side * 30, top - hand.between(0, 30)],
    [128 + side * 50, top + hand.between(20, 60)],
    [128 + side * hand.between(20, 90), top + hand.between(70, 130)],
  ]);
}
