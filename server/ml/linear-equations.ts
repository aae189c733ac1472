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

/** Gaussian elimination; the matrix is symmetric and positive, so no pivot is needed. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let k = 0; k < size; k++) {
    const pivotRow = matrix[k] ?? [];
    for (let i = k + 1; i < size; i++) {
      const row = matrix[i] ?? [];
      const factor = (row[k] ?? 0) / (pivotRow[k] ?? 1);
      for (let j = k; j < size; j++) row[j] = (row[j] ?? 0) - factor * (pivotRow[j] ?? 0);
      right[i] = (right[i] ?? 0) - factor * (right[k] ?? 0);
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    const row = matrix[k] ?? [];
    const known = solution.reduce((sum, x, j) => (j > k ? sum + x * (row[j] ?? 0) : sum), 0);
    solution[k] = ((right[k] ?? 0) - known) / (row[k] ?? 1);
  }
  return solution;
}
