/** A sum of weighted squares to be made least: rows of columns, what each row should give, weights. */
export interface SquaresRow {
  readonly columns: readonly number[];
  readonly target: number;
  readonly weight: number;
}

/**
 * The factors of the columns that make the weighted squared differences to the targets, plus
 * `ridge` times the squared factors, as small as can be.
 */
export function leastSquares(rows: readonly SquaresRow[], ridge: number): number[] {
  const size = rows[0]?.columns.length ?? 0;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_unused, j) => (i === j ? ridge : 0)),
  );
  const right = new Array<number>(size).fill(0);
  for (const { columns, target, weight } of rows) {
    columns.forEach((x, i) => {
      right[i] = (right[i] ?? 0) + weight * x * target;
      const row = matrix[i] ?? [];
      columns.forEach((y, j) => (row[j] = (row[j] ?? 0) + weight * x * y));
    });
  }
  return solve(matrix, right);
}

/** Gaussian elimination, in place; the matrix is symmetric and positive, so no pivot is needed. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let k = 0; k < size; k++)
    for (let i = k + 1; i < size; i++) eliminate(matrix, right, [k, i]);
  const solution = new Array<number>(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    const row = matrix[k] ?? [];
    const known = solution.reduce((sum, x, j) => (j > k ? sum + x * at(row, j) : sum), 0);
    solution[k] = (at(right, k) - known) / at(row, k);
  }
  return solution;
}

/** Takes so much of row k from row i that nothing is left in column k. */
function eliminate(matrix: number[][], right: number[], [k, i]: readonly [number, number]): void {
  const [pivot, row] = [matrix[k] ?? [], matrix[i] ?? []];
  const factor = at(row, k) / at(pivot, k);
  for (let j = k; j < right.length; j++) row[j] = at(row, j) - factor * at(pivot, j);
  right[i] = at(right, i) - factor * at(right, k);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? 0;
}
