import type { Hand, Path, Point } from '../hand.ts';
import { curve, line } from '../hand.ts';

/** A pointed body, curved or straight; fins, windows, bands and flames of several kinds. */
export function rocket(hand: Hand): Path[] {
  const half = hand.between(22, 42);
  const top = hand.between(15, 35);
  const bottom = hand.between(165, 195);
  const neck = top + hand.between(40, 70);
  const hull = { half, top, neck, bottom };
  return [
    ...body(hand, hull),
    ...hand.inAnyOrder([...fins(hand, hull), ...windows(hand, hull), ...bands(hand, hull)]),
    ...flames(hand, hull),
  ];
}

interface Hull {
  readonly half: number;
  readonly top: number;
  readonly neck: number;
  readonly bottom: number;
}

function body(hand: Hand, { half, top, neck, bottom }: Hull): Path[] {
  const tip: Point = [128, top];
  const [left, right]: [Point, Point] = [
    [128 - half, bottom],
    [128 + half, bottom],
  ];
  const style = hand.oneOf(['almond', 'bullet', 'tower', 'one stroke'] as const);
  if (style === 'almond') {
    const side = (end: Point, sign: number): Path =>
      curve([
        tip,
        [128 + sign * half * 1.1, neck + 10],
        [128 + sign * half * 1.2, bottom - 40],
        end,
      ]);
    return [
      side([128 - half * 0.6, bottom], -1),
      side([128 + half * 0.6, bottom], 1),
      line(left, right),
    ];
  }
  const corners: Path = [[128 - half, neck], [128 + half, neck], right, left];
  const nose: Path = [[128 - half, neck], tip, [128 + half, neck]];
  if (style === 'tower') return [...hand.outline(corners), hand.eitherWay(nose)];
  const roundNose = curve([[128 - half, neck], [128 - half * 0.6, top + 18], tip]);
  const otherNose = curve([tip, [128 + half * 0.6, top + 18], [128 + half, neck]]);
  const bullet = [left, ...roundNose, ...otherNose, right];
  if (style === 'bullet') return [bullet, line(left, right)];
  return [hand.eitherWay([left, [128 - half, neck], tip, [128 + half, neck], right, left])];
}

function fins(hand: Hand, { half, bottom }: Hull): Path[] {
  const reach = hand.between(16, 38);
  const rise = hand.between(28, 60);
  const drop = hand.between(-5, 22);
  const style = hand.oneOf(['triangles', 'swept', 'curved', 'none'] as const);
  if (style === 'none') return [];
  const sides = ([-1, 1] as const).map((side): Path => {
    const edge = 128 + side * half;
    const foot: Point = [edge + side * reach, bottom + drop];
    if (style === 'triangles') return [[edge, bottom - rise], foot, [edge, bottom]];
    if (style === 'swept')
      return [
        [edge, bottom - rise],
        [edge + side * reach, bottom - rise / 2],
        foot,
        [edge, bottom - 8],
      ];
    return curve([
      [edge, bottom - rise],
      [edge + side * reach, bottom - rise * 0.4],
      foot,
      [edge, bottom],
    ]);
  });
  const keel = line([128, bottom - rise * 0.8], [128, bottom + drop]);
  return hand.chance(0.35) ? [...sides, keel] : sides;
}

function windows(hand: Hand, { half, neck }: Hull): Path[] {
  const count = hand.wholeBetween(0, 3);
  const radius = half * hand.between(0.25, 0.5);
  const isSquare = hand.chance(0.2);
  return Array.from({ length: count }, (_, i): Path[] => {
    const y = neck + 18 + i * (radius * 2 + 8);
    if (isSquare)
      return hand.outline([
        [128 - radius, y - radius],
        [128 + radius, y - radius],
        [128 + radius, y + radius],
        [128 - radius, y + radius],
      ]);
    const pane = hand.ellipse([128, y], [radius, radius]);
    return hand.chance(0.2) ? [pane, hand.ellipse([128, y], [radius * 0.6, radius * 0.6])] : [pane];
  }).flat();
}

function bands(hand: Hand, { half, neck, bottom }: Hull): Path[] {
  const count = hand.wholeBetween(0, 2);
  return Array.from({ length: count }, (_, i) => {
    const y = i === 0 ? neck + hand.between(-2, 6) : bottom - hand.between(14, 30);
    return line([128 - half, y], [128 + half, y]);
  });
}

function flames(hand: Hand, { half, bottom }: Hull): Path[] {
  const length = hand.between(22, 55);
  const style = hand.oneOf(['jagged', 'drop', 'lines', 'two', 'none'] as const);
  const [left, right] = [128 - half * 0.7, 128 + half * 0.7];
  switch (style) {
    case 'none':
      return [];
    case 'jagged': {
      const teeth = hand.wholeBetween(2, 4);
      const step = (right - left) / (teeth * 2);
      const jagged = Array.from({ length: teeth * 2 + 1 }, (_, i): Point => [
        left + i * step,
        bottom + (i % 2 === 0 ? 4 : length * hand.between(0.7, 1.1)),
      ]);
      return [jagged];
    }
    case 'drop':
      return [
        curve([
          [left, bottom],
          [left - 4, bottom + length * 0.4],
          [128, bottom + length],
          [right + 4, bottom + length * 0.4],
          [right, bottom],
        ]),
      ];
    case 'two':
      return [128 - half * 0.4, 128 + half * 0.4].map((x) =>
        hand.ellipse([x, bottom + length * 0.5], [half * 0.25, length * 0.5]),
      );
    case 'lines':
      return [-0.5, 0, 0.5].map((place) =>
        line([128 + place * half, bottom + 8], [128 + place * half, bottom + length]),
      );
  }
}
