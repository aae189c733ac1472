import type { Hand, Path, Point } from '../hand.ts';
import { arc, curve, line } from '../hand.ts';

/** A head with or without a body; antennas, eyes, mouths, arms and legs of several kinds. */
export function robot(hand: Hand): Path[] {
  const isHeadOnly = hand.chance(0.2);
  const scale = isHeadOnly ? 2.2 : 1;
  const half = hand.between(24, 38) * scale;
  const top = isHeadOnly ? hand.between(60, 80) : hand.between(40, 55);
  const height = hand.between(38, 55) * scale;
  const head = headOf(hand, { half, top, height });
  if (isHeadOnly) return [...head, ...ears(hand, { half, top, height })];
  return [...head, ...body(hand, top + height + hand.between(0, 14))];
}

interface Head {
  readonly half: number;
  readonly top: number;
  readonly height: number;
}

function box([left, top]: Point, [right, bottom]: Point): Path {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

function headOf(hand: Hand, { half, top, height }: Head): Path[] {
  const narrow = hand.chance(0.25) ? hand.between(6, 14) : 0;
  const shell: Path = [
    [128 - half + narrow, top],
    [128 + half - narrow, top],
    [128 + half, top + height],
    [128 - half, top + height],
  ];
  const outline = hand.chance(0.15)
    ? [hand.ellipse([128, top + height / 2], [half, height / 2])]
    : hand.outline(shell);
  const y = top + height * hand.between(0.3, 0.42);
  const kind = hand.oneOf(['ring', 'dot', 'blob', 'square', 'visor'] as const);
  return [
    ...outline,
    ...hand.inAnyOrder([
      ...eyes(hand, { y, gap: half * 0.45, size: half * 0.22 }, kind),
      ...mouth(hand, top + height * 0.75, half),
      ...antennas(hand, top, half),
    ]),
  ];
}

interface Eyes {
  readonly y: number;
  readonly gap: number;
  readonly size: number;
}

function eyes(
  hand: Hand,
  { y, gap, size }: Eyes,
  kind: 'ring' | 'dot' | 'blob' | 'square' | 'visor',
): Path[] {
  if (kind === 'visor')
    return hand.outline(box([128 - gap - 6, y - size], [128 + gap + 6, y + size]));
  return [128 - gap, 128 + gap].flatMap((x) =>
    kind === 'square'
      ? [
          hand.fromAnywhere([
            ...box([x - size, y - size], [x + size, y + size]),
            [x - size, y - size],
          ]),
        ]
      : hand.eye([x, y], size, kind),
  );
}

function mouth(hand: Hand, y: number, half: number): Path[] {
  const reach = half * hand.between(0.4, 0.65);
  const style = hand.oneOf(['line', 'grille', 'smile', 'teeth', 'none'] as const);
  if (style === 'none') return [];
  if (style === 'line') return [line([128 - reach, y], [128 + reach, y])];
  if (style === 'smile') return [arc([128, y - 4], [reach, 8], { from: 0.5, to: 0 })];
  if (style === 'teeth') {
    const teeth = Array.from({ length: 7 }, (_, i): Point => [
      128 - reach + (i * reach) / 3,
      y + (i % 2 === 0 ? -5 : 5),
    ]);
    return [teeth];
  }
  const bars = [-0.5, 0, 0.5].map((x) => line([128 + x * reach, y - 5], [128 + x * reach, y + 5]));
  return [...hand.outline(box([128 - reach, y - 5], [128 + reach, y + 5])), ...bars];
}

function antennas(hand: Hand, top: number, half: number): Path[] {
  const count = hand.wholeBetween(0, 2);
  const length = hand.between(14, 32);
  const hasBalls = hand.chance(0.6);
  const places = count === 1 ? [0] : count === 2 ? [-0.5, 0.5] : [];
  return places.flatMap((place) => {
    const tip: Point = [128 + place * half * hand.between(1, 2), top - length];
    const rod = line([128 + place * half, top], tip);
    return hasBalls ? [rod, hand.ellipse([tip[0], tip[1] - 4], [5, 5])] : [rod];
  });
}

function ears(hand: Hand, { half, top, height }: Head): Path[] {
  if (hand.chance(0.4)) return [];
  const y = top + height * 0.5;
  return ([-1, 1] as const).map((side) => {
    const edge = 128 + side * half;
    return [
      [edge, y - 14],
      [edge + side * 14, y - 10],
      [edge + side * 14, y + 10],
      [edge, y + 14],
    ];
  });
}

function body(hand: Hand, top: number): Path[] {
  const half = hand.between(26, 46);
  const bottom = top + hand.between(55, 80);
  const trunk = hand.outline(box([128 - half, top], [128 + half, bottom]));
  return [
    ...trunk,
    ...hand.inAnyOrder([...panel(hand, top, half), ...armsOf(hand, top, half)]),
    ...legs(hand, bottom, half),
  ];
}

function panel(hand: Hand, top: number, half: number): Path[] {
  const style = hand.oneOf(['none', 'buttons', 'screen', 'heart line'] as const);
  if (style === 'none') return [];
  if (style === 'buttons')
    return [0, 1, 2].map((i) => hand.ellipse([128, top + 14 + i * 15], [4, 4]));
  if (style === 'screen')
    return hand.outline(box([128 - half * 0.6, top + 10], [128 + half * 0.6, top + 34]));
  const y = top + 28;
  return [
    [
      [128 - half, y],
      [118, y],
      [124, y - 14],
      [132, y + 14],
      [138, y],
      [128 + half, y],
    ],
  ];
}

function armsOf(hand: Hand, top: number, half: number): Path[] {
  const style = hand.oneOf(['lines', 'raised', 'boxes', 'claws'] as const);
  const reach = hand.between(22, 42);
  return ([-1, 1] as const).flatMap((side) => {
    const edge = 128 + side * half;
    const end = edge + side * reach;
    if (style === 'boxes') return hand.outline(box([edge, top + 6], [edge + side * 16, top + 50]));
    if (style === 'raised')
      return [
        [
          [edge, top + 16],
          [end, top + 20],
          [end + side * 4, top - 22],
        ],
      ];
    const arm = curve([
      [edge, top + 12],
      [end, top + 20],
      [end, top + 48],
    ]);
    if (style === 'lines') return [arm];
    return [arm, arc([end, top + 56], [8, 8], { from: 0.3, to: 1.2 })];
  });
}

function legs(hand: Hand, bottom: number, half: number): Path[] {
  const style = hand.oneOf(['lines', 'boxes', 'wheels', 'track'] as const);
  const length = hand.between(22, 45);
  if (style === 'track') return [hand.ellipse([128, bottom + 14], [half, 13])];
  return ([-0.5, 0.5] as const).flatMap((place) => {
    const x = 128 + place * half;
    if (style === 'wheels') return [hand.ellipse([x, bottom + 12], [11, 11])];
    if (style === 'boxes') return hand.outline(box([x - 8, bottom], [x + 8, bottom + length]));
    return [
      [
        [x, bottom],
        [x, bottom + length],
        [x + place * 24, bottom + length],
      ],
    ];
  });
}
