import type { Random } from '../../shared/random.ts';
import { gaussian, seededRandom, shuffle } from '../../shared/random.ts';

/**
 * A drawing hand: turns ideal paths into strokes as a person makes them. Each drawing has a hand of
 * its own, with its own slant, shakiness and speed; each stroke misses its place a little, wobbles
 * along the way, ends too soon or too late, and slows down in bends.
 */
export type Point = readonly [x: number, y: number];
export type Path = readonly Point[];
/** Columns x, y and milliseconds since the stroke began; plain arrays, ready for JSON. */
export type DrawnStroke = [xs: number[], ys: number[], ts: number[]];

/** A straight line. */
export function line(from: Point, to: Point): Path {
  return [from, to];
}

/** An arc of an ellipse; angles in turns, clockwise from three o'clock. */
export function arc(
  center: Point,
  radii: Point,
  turns: { readonly from: number; readonly to: number },
): Path {
  const steps = Math.max(8, Math.ceil(Math.abs(turns.to - turns.from) * 40));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (turns.from + ((turns.to - turns.from) * i) / steps);
    return [center[0] + radii[0] * Math.cos(angle), center[1] + radii[1] * Math.sin(angle)];
  });
}

/** A smooth curve through all points (Catmull and Rom 1974). */
export function curve(through: Path): Path {
  const at = (i: number): Point => through[Math.min(through.length - 1, Math.max(0, i))] ?? [0, 0];
  const points: Point[] = [at(0)];
  for (let i = 0; i + 1 < through.length; i++) {
    for (let step = 1; step <= 8; step++) {
      const mix = (k: 0 | 1): number =>
        spline([at(i - 1)[k], at(i)[k], at(i + 1)[k], at(i + 2)[k]], step / 8);
      points.push([mix(0), mix(1)]);
    }
  }
  return points;
}

/** The corners in order and back to the first one. */
function closed(corners: Path): Path {
  return [...corners, ...corners.slice(0, 1)];
}

function spline(values: readonly [number, number, number, number], t: number): number {
  const [a, b, c, d] = values;
  const [squared, cubed] = [t * t, t * t * t];
  const tangents = (c - a) * t + (2 * a - 5 * b + 4 * c - d) * squared;
  return 0.5 * (2 * b + tangents + (3 * (b - c) + d - a) * cubed);
}

export class Hand {
  readonly random: Random;
  readonly #slant: number;
  readonly #stretch: number;
  readonly #shake: number;
  readonly #carelessness: number;
  /** Units in a millisecond. */
  readonly #speed: number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.#slant = gaussian(this.random) * 0.06;
    this.#stretch = Math.exp(gaussian(this.random) * 0.1);
    this.#shake = this.between(0.6, 2.4);
    this.#carelessness = this.between(0.5, 4);
    this.#speed = this.between(0.15, 0.45);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  wholeBetween(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** One of them, the same chance for each. */
  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.random() * choices.length)] ?? choices[0];
  }

  /** Some people start elsewhere: any order, any direction. */
  inAnyOrder(paths: readonly Path[]): Path[] {
    return shuffle([...paths], this.random).map((path) => this.eitherWay(path));
  }

  eitherWay(path: Path): Path {
    return this.chance(0.5) ? path : [...path].reverse();
  }

  /** A closed line may begin anywhere on it. */
  fromAnywhere(loop: Path): Path {
    const open = loop.slice(0, -1);
    const start = Math.floor(this.random() * open.length);
    return this.eitherWay(closed([...open.slice(start), ...open.slice(0, start)]));
  }

  /** An ellipse in one stroke, begun anywhere, not quite closed or drawn a little too far. */
  ellipse(center: Point, radii: Point): Path {
    const from = this.random();
    const length = this.between(0.96, 1.08) * (this.chance(0.3) ? -1 : 1);
    return arc(center, radii, { from, to: from + length });
  }

  /** The same corners either in one stroke or side by side, as people draw boxes. */
  outline(corners: Path): Path[] {
    const loop = closed(corners);
    if (this.chance(0.6)) return [this.fromAnywhere(loop)];
    if (this.chance(0.5)) {
      const half = Math.ceil(corners.length / 2);
      return [loop.slice(0, half + 1), this.eitherWay(loop.slice(half))];
    }
    return corners.map((corner, i) => this.eitherWay(line(corner, loop[i + 1] ?? corner)));
  }

  /** A dot, a small ring or a filled blob around a point. */
  eye(center: Point, radius: number, kind: 'dot' | 'ring' | 'blob' | 'cross'): Path[] {
    const [x, y] = center;
    if (kind === 'dot') return [line(center, [x + 1, y + this.between(1, 4)])];
    if (kind === 'ring') return [this.ellipse(center, [radius, radius * this.between(0.8, 1.5)])];
    if (kind === 'blob')
      return [arc(center, [radius * 0.6, radius * 0.7], { from: 0, to: this.between(2, 4) })];
    const r = radius * 0.8;
    return [line([x - r, y - r], [x + r, y + r]), line([x + r, y - r], [x - r, y + r])];
  }

  /** Draws the paths as strokes, turned as a whole by some degrees around the middle. */
  draw(paths: readonly Path[], degrees = 0): DrawnStroke[] {
    const angle = (degrees * Math.PI) / 180;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const place = ([x, y]: Point): Point => {
      const [dx, dy] = [(x - 128) * this.#stretch, y - 128];
      const slanted = dx - dy * this.#slant;
      return [128 + slanted * cos - dy * sin, 128 + slanted * sin + dy * cos];
    };
    return paths.map((path) => this.#stroke(path.map(place)));
  }

  #stroke(path: Path): DrawnStroke {
    const points = resample(this.#missed(path), 3);
    const wobble = [this.#wave(), this.#wave()] as const;
    const columns: DrawnStroke = [[], [], []];
    let at = 0;
    points.forEach(([x, y], i) => {
      columns[0].push(round(x + wobble[0](i)));
      columns[1].push(round(y + wobble[1](i)));
      columns[2].push(Math.round(at));
      at += this.#stepMs(points, i);
    });
    return columns;
  }

  /** The path where the hand puts it: shifted a little, its end too far or too near. */
  #missed(path: Path): Path {
    const [dx, dy] = [gaussian(this.random), gaussian(this.random)].map(
      (n) => n * this.#carelessness,
    ) as [number, number];
    const moved = path.map(([x, y]): Point => [x + dx, y + dy]);
    const last = moved.at(-1);
    const before = moved.at(-2);
    if (!last || !before) return moved;
    const length = Math.hypot(last[0] - before[0], last[1] - before[1]) || 1;
    const reach = (gaussian(this.random) * this.#carelessness * 1.2) / length;
    const share = Math.max(-0.5, reach);
    const end: Point = [
      last[0] + (last[0] - before[0]) * share,
      last[1] + (last[1] - before[1]) * share,
    ];
    return [...moved.slice(0, -1), end];
  }

  /** Two slow waves of a wavelength of 30 to 150 units, and a tremor. */
  #wave(): (i: number) => number {
    const waves = [0, 1].map(() => ({
      amplitude: this.#shake * this.between(0.4, 1),
      frequency: (2 * Math.PI) / this.between(10, 50),
      phase: this.between(0, 2 * Math.PI),
    }));
    const tremor = this.#shake * 0.12;
    return (i) =>
      waves.reduce((sum, w) => sum + w.amplitude * Math.sin(w.frequency * i + w.phase), 0) +
      gaussian(this.random) * tremor;
  }

  /** Slow at both ends and in bends. */
  #stepMs(points: Path, i: number): number {
    const [a, b, c] = [points[i - 1], points[i], points[i + 1]];
    if (!b || !c) return 0;
    const length = Math.hypot(c[0] - b[0], c[1] - b[1]);
    if (!a) return (length / this.#speed) * 2;
    const turn = Math.abs(
      Math.atan2(c[1] - b[1], c[0] - b[0]) - Math.atan2(b[1] - a[1], b[0] - a[0]),
    );
    const bend = Math.min(turn, 2 * Math.PI - turn);
    return (length / this.#speed) * (1 + bend) * this.between(0.85, 1.2);
  }
}

/** Points along the path, `step` units apart, its corners and its end kept. */
function resample(path: Path, step: number): Path {
  const points: Point[] = path.slice(0, 1);
  for (let i = 1; i < path.length; i++) {
    const [from, to] = [path[i - 1], path[i]];
    if (!from || !to) continue;
    const pieces = Math.max(1, Math.round(Math.hypot(to[0] - from[0], to[1] - from[1]) / step));
    for (let k = 1; k <= pieces; k++) {
      const share = k / pieces;
      points.push([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]);
    }
  }
  return points;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
