import type { Hand, Path, Point } from '../hand.ts';
import { arc, line } from '../hand.ts';

/** A ring with three spokes below: as lines, a fork, a stem with a roof, or four wedges. */
export function peaceSign(hand: Hand): Path[] {
  const radii: Point = [hand.between(70, 105), hand.between(75, 105)];
  const spread = hand.between(0.09, 0.17);
  const rings = ringsOf(hand, radii);
  const inside =
    hand.chance(0.2) && rings.length > 0
      ? wedges(hand, radii, spread)
      : spokes(hand, radii, spread);
  const ordered = hand.chance(0.75) ? [...rings, ...inside] : [...inside, ...rings];
  return hand.chance(0.12) ? [...ordered, ...rays(hand, radii)] : ordered;
}

/** Short lines around it, as if it shone. */
function rays(hand: Hand, radii: Point): Path[] {
  const count = hand.wholeBetween(6, 10);
  const reach = hand.between(12, 22);
  const beyond = (by: number): Point => [radii[0] + by, radii[1] + by];
  return Array.from({ length: count }, (_, i) =>
    line(rim(beyond(8), i / count), rim(beyond(8 + reach), i / count)),
  );
}

function ringsOf(hand: Hand, radii: Point): Path[] {
  const style = hand.oneOf(['one', 'one', 'halves', 'double', 'twice'] as const);
  const outer = hand.ellipse([128, 128], radii);
  if (style === 'one') return [outer];
  if (style === 'halves') {
    const from = hand.random();
    const halves = [from, from + 0.5].map((start) =>
      arc([128, 128], radii, { from: start, to: start + 0.5 }),
    );
    return hand.inAnyOrder(halves);
  }
  if (style === 'double') return [outer, hand.ellipse([128, 128], [radii[0] - 16, radii[1] - 16])];
  const from = hand.random();
  return [arc([128, 128], radii, { from, to: from + hand.between(1.4, 2.1) })];
}

/** Where a spoke at so many turns from three o'clock meets the ring. */
function rim(radii: Point, turns: number): Point {
  const angle = 2 * Math.PI * turns;
  return [128 + radii[0] * Math.cos(angle), 128 + radii[1] * Math.sin(angle)];
}

function spokes(hand: Hand, radii: Point, spread: number): Path[] {
  const [top, bottom] = [rim(radii, 0.75), rim(radii, 0.25)];
  const [left, right] = [rim(radii, 0.25 + spread), rim(radii, 0.25 - spread)];
  const middle: Point = [128 + hand.between(-5, 5), 128 + hand.between(-14, 14)];
  const stem = line(top, bottom);
  const style = hand.oneOf(['lines', 'halves', 'roof', 'fork', 'strokes'] as const);
  if (style === 'lines') return hand.inAnyOrder([stem, line(middle, left), line(middle, right)]);
  if (style === 'halves') {
    const halves = [line(top, middle), line(middle, bottom)];
    return hand.inAnyOrder([...halves, line(middle, left), line(middle, right)]);
  }
  if (style === 'roof') return [stem, hand.eitherWay([left, middle, right])];
  if (style === 'fork') return [[top, middle, left], line(middle, bottom), line(middle, right)];
  return [[top, bottom, middle, left], line(middle, right)];
}

/** The four fields between the spokes, each an outline of its own. */
function wedges(hand: Hand, radii: Point, spread: number): Path[] {
  const inner: Point = [radii[0] - 16, radii[1] - 16];
  const spans: [number, number][] = [
    [0.75, 1.25 - spread],
    [0.25 - spread, 0.25],
    [0.25, 0.25 + spread],
    [0.25 + spread, 0.75],
  ];
  return spans.map(([from, to]) => {
    const half = (from + to) / 2;
    const tip: Point = [
      128 + 12 * Math.cos(2 * Math.PI * half),
      128 + 12 * Math.sin(2 * Math.PI * half),
    ];
    const gap = 0.025;
    return hand.fromAnywhere([
      tip,
      ...arc([128, 128], inner, { from: from + gap, to: to - gap }),
      tip,
    ]);
  });
}
