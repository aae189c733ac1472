import type { Confusion, ConfusionCell } from '../../../shared/model-version.ts';

/** A cell of the matrix that is not empty. */
export interface MatrixCell {
  readonly actual: string;
  readonly predicted: string;
  readonly count: number;
  /** Of the test sketches of its row, the share in this cell, 0 to 1. */
  readonly share: number;
  readonly rowTotal: number;
  readonly exampleIds: readonly string[];
  readonly isRight: boolean;
  /** Places of the categories in the matrix, from 0. */
  readonly row: number;
  readonly column: number;
}

export interface Matrix {
  /** The categories that were tested or taken for another, in their order. */
  readonly names: readonly string[];
  readonly cells: readonly MatrixCell[];
}

/** What the page shows of a confusion: categories without a test sketch or a wrong guess stay out. */
export function matrixOf({ categories, cells }: Confusion): Matrix {
  const seen = new Set(cells.flatMap(({ actualId, predictedId }) => [actualId, predictedId]));
  const shown = categories.filter(({ id }) => seen.has(id));
  const places = new Map(shown.map(({ id }, place) => [id, place]));
  const names = shown.map(({ name }) => name);
  const totals = new Map<string, number>();
  for (const { actualId, count } of cells)
    totals.set(actualId, (totals.get(actualId) ?? 0) + count);
  return {
    names,
    cells: cells.flatMap((cell) => {
      const row = places.get(cell.actualId);
      const column = places.get(cell.predictedId);
      if (row === undefined || column === undefined || cell.count === 0) return [];
      const rowTotal = totals.get(cell.actualId) ?? cell.count;
      return [matrixCell(cell, { row, column, rowTotal, names })];
    }),
  };
}

function matrixCell(
  { count, exampleIds }: ConfusionCell,
  place: { row: number; column: number; rowTotal: number; names: readonly string[] },
): MatrixCell {
  const { row, column, rowTotal, names } = place;
  return {
    actual: names[row] ?? '',
    predicted: names[column] ?? '',
    isRight: row === column,
    share: count / rowTotal,
    ...{ count, exampleIds, rowTotal, row, column },
  };
}

/** The mistakes that happen most often; of equal ones that with the greater share first. */
export function mostConfused({ cells }: Matrix, atMost: number): readonly MatrixCell[] {
  return cells
    .filter(({ isRight }) => !isRight)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, atMost);
}

/** The next cell that is not empty in a direction, or the cell itself at the edge. */
export function neighbourOf(
  { cells }: Matrix,
  from: MatrixCell,
  direction: 'left' | 'right' | 'up' | 'down',
): MatrixCell {
  const isSideways = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  const ahead = (cell: MatrixCell): number =>
    sign * (isSideways ? cell.column - from.column : cell.row - from.row);
  const aside = (cell: MatrixCell): number =>
    Math.abs(isSideways ? cell.row - from.row : cell.column - from.column);
  const candidates = cells.filter((cell) => ahead(cell) > 0 && (!isSideways || aside(cell) === 0));
  // Down and up lead to the next row, to its cell that is nearest.
  return candidates.sort((a, b) => ahead(a) - ahead(b) || aside(a) - aside(b))[0] ?? from;
}
