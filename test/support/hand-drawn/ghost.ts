import type { Hand, Path, Point } from '../hand.ts';
import { arc, curve, line } from '../hand.ts';

/** A dome with a hem of waves or teeth, or with a tail; eyes, mouths and arms of several kinds. */
export function ghost(hand: Hand): Path[] {
  const half = hand.between(45, 80);
  const shoulder = hand.between(85, 120);
  const bottom = hand.between(195, 235);
  const body = hand.chance(0.2)
    ? tailed(hand, { half, shoulder, bottom })
    : sheet(hand, { half, shoulder, bottom });
  return [
    ...body,
    ...hand.inAnyOrder([...face(hand, shoulder, half), ...arms(hand, shoulder, half)]),
  ];
}

interface Body {
  readonly half: number;
  readonly shoulder: number;
  readonly bottom: number;
}

function sheet(hand: Hand, { half, shoulder, bottom }: Body): Path[] {
  const flare = hand.between(-8, 22);
  const dome = arc([128, shoulder], [half, hand.between(45, 70)], { from: 0.5, to: 1 });
  const left: Point = [128 - half - flare, bottom];
  const right: Point = [128 + half + flare, bottom];
  const hem = hemOf(hand, right, left);
  const style = hand.oneOf(['one stroke', 'dome and hem', 'pieces'] as const);
  if (style === 'one stroke')
    return [hand.eitherWay([...dome, right, ...hem, left, dome[0] ?? left])];
  if (style === 'dome and hem')
    return [[left, ...dome, right], hand.eitherWay([right, ...hem, left])];
  const sides = [line(dome[0] ?? left, left), line(dome.at(-1) ?? right, right)];
  return hand.inAnyOrder([dome, ...sides, [right, ...hem, left]]);
}

function hemOf(hand: Hand, from: Point, to: Point): Path {
  const teeth = hand.wholeBetween(2, 5);
  const depth = hand.between(10, 28) * hand.oneOf([-1, 1]);
  const isRound = hand.chance(0.6);
  const width = (to[0] - from[0]) / teeth;
  const corners: Point[] = [];
  for (let i = 0; i < teeth; i++) {
    const x = from[0] + i * width;
    corners.push([x + width / 2, from[1] - depth], [x + width, from[1]]);
  }
  return isRound ? curve([from, ...corners]) : [from, ...corners];
}

function tailed(hand: Hand, { half, shoulder, bottom }: Body): Path[] {
  const side = hand.oneOf([-1, 1]);
  const tip: Point = [128 + side * hand.between(40, 90), bottom];
  const dome = arc([128, shoulder], [half, hand.between(45, 65)], { from: 0.5, to: 1 });
  const ends: [Point, Point] = [dome[0] ?? tip, dome.at(-1) ?? tip];
  const down = curve([
    ends[1],
    [128 + half * 0.8, bottom - 50],
    [128 + side * 20, bottom - 12],
    tip,
  ]);
  const up = curve([
    tip,
    [128 - half * 0.3, bottom - 15],
    [128 - half * 0.9, bottom - 60],
    ends[0],
  ]);
  return hand.chance(0.5) ? [[...dome, ...down, ...up]] : [dome, down, up];
}

function face(hand: Hand, shoulder: number, half: number): Path[] {
  const gap = hand.between(0.25, 0.5) * half;
  const y = shoulder + hand.between(-12, 15);
  const kind = hand.oneOf(['dot', 'ring', 'blob', 'cross', 'ring'] as const);
  const size = hand.between(5, 14);
  const eyes = [128 - gap, 128 + gap].flatMap((x) => hand.eye([x, y], size, kind));
  return [...eyes, ...mouth(hand, y + hand.between(22, 40), gap)];
}

function mouth(hand: Hand, y: number, gap: number): Path[] {
  const style = hand.oneOf(['none', 'o', 'smile', 'line', 'wave'] as const);
  const [left, right]: [Point, Point] = [
    [128 - gap, y],
    [128 + gap, y],
  ];
  if (style === 'none') return [];
  if (style === 'o') return [hand.ellipse([128, y], [hand.between(5, 12), hand.between(8, 20)])];
  if (style === 'smile') return [arc([128, y - 4], [gap, 16], { from: 0.5, to: 0 })];
  if (style === 'line') return [line(left, right)];
  return [curve([left, [128 - gap / 2, y - 8], [128, y + 6], [128 + gap / 2, y - 8], right])];
}

function arms(hand: Hand, shoulder: number, half: number): Path[] {
  const style = hand.oneOf(['none', 'none', 'bumps', 'raised'] as const);
  if (style === 'none') return [];
  const y = shoulder + hand.between(25, 50);
  return ([-1, 1] as const).map((side) => {
    const edge = 128 + side * half;
    if (style === 'bumps')
      return curve([
        [edge, y],
        [edge + side * 22, y + 8],
        [edge, y + 22],
      ]);
    return curve([
      [edge, y],
      [edge + side * 30, y - 25],
      [edge + side * 38, y - 5],
      [edge, y + 25],
    ]);
  });
}
