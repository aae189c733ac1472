/** The constant matrices of minimal filtering F(4x4, 3x3) by Lavin and Gray (2015). */

/** Edge of a tile of outputs, and of the inputs that it takes. */
const TILE = 4;
const REACH = 6;

/** Multiplications of a tile for each pair of channels. */
export const PLACES = REACH * REACH;

type Matrix = readonly (readonly number[])[];

/** A constant matrix with a name of its own. */
export interface Transform {
  readonly name: string;
  readonly matrix: Matrix;
}

const INPUT: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const KERNEL: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const OUTPUT: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** How many tiles cover an image. */
export function tilesOf(edge: number): number {
  return Math.ceil(edge / TILE) ** 2;
}

/** [places, taps] */
export function kernelTransform(): Transform {
  return { name: 'tile_kernel', matrix: squared(KERNEL) };
}

/** [places x tiles, pixels] of all tiles of an image; pixels outside it are zeros. */
export function inputTransform(edge: number): Transform {
  const matrix = spread(squared(INPUT), { edge, size: REACH, shift: -1 });
  return { name: `tile_input_${edge}`, matrix };
}

/** [pixels, places x tiles] of all tiles of an image; outputs outside it are left out. */
export function outputTransform(edge: number): Transform {
  const matrix = spread(turned(squared(OUTPUT)), { edge, size: TILE, shift: 0 });
  return { name: `tile_output_${edge}`, matrix: turned(matrix) };
}

/** The way back for gradients. */
export function transposed({ name, matrix }: Transform): Transform {
  return { name: `${name}_transposed`, matrix: turned(matrix) };
}

/** A transform of lines, put to work on both axes of a square: its Kronecker product with itself. */
function squared(matrix: Matrix): Matrix {
  return matrix.flatMap((a) => matrix.map((b) => a.flatMap((x) => b.map((y) => x * y))));
}

function turned(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column] ?? 0));
}

interface Spread {
  readonly edge: number;
  /** Edge of the square that a tile's columns are, and where it begins from the tile's corner. */
  readonly size: number;
  readonly shift: number;
}

/** A transform of one tile, [places, size x size], for all tiles: [places x tiles, pixels]. */
function spread(ofTile: Matrix, { edge, size, shift }: Spread): Matrix {
  const along = Math.ceil(edge / TILE);
  const isInside = (at: number): boolean => at >= 0 && at < edge;
  const rowOf = (factors: readonly number[], tile: number): number[] => {
    const row = new Array<number>(edge * edge).fill(0);
    const [top, left] = [Math.floor(tile / along), tile % along].map((at) => at * TILE + shift);
    factors.forEach((factor, i) => {
      const [y, x] = [(top ?? 0) + Math.floor(i / size), (left ?? 0) + (i % size)];
      if (isInside(y) && isInside(x)) row[y * edge + x] = factor;
    });
    return row;
  };
  const tiles = Array.from({ length: tilesOf(edge) }, (_, i) => i);
  return ofTile.flatMap((factors) => tiles.map((tile) => rowOf(factors, tile)));
}
