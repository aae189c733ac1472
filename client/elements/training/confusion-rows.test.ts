import { describe, expect, test } from 'vitest';
import { matrixOf, mostConfused, neighbourOf } from './confusion-rows.ts';

const categories = ['cat', 'dog', 'kite', 'owl'].map((name) => ({ id: name, name }));
const cell = (actualId: string, predictedId: string, count: number) => ({
  ...{ actualId, predictedId, count },
  exampleIds: [],
});
const matrix = matrixOf({
  categories,
  cells: [
    cell('cat', 'cat', 6),
    cell('cat', 'dog', 2),
    cell('dog', 'cat', 2),
    cell('dog', 'dog', 1),
  ],
});

describe('a confusion matrix', () => {
  test('leaves out what was neither tested nor guessed', () => {
    expect(matrix.names).toEqual(['cat', 'dog']);
  });

  test('knows the share of each cell in its row', () => {
    expect(matrix.cells.map(({ share }) => share)).toEqual([0.75, 0.25, 2 / 3, 1 / 3]);
  });

  test('puts the most frequent mistake first, of equal ones the greater share', () => {
    expect(mostConfused(matrix, 5).map(({ actual }) => actual)).toEqual(['dog', 'cat']);
  });

  test('leads from cell to cell, and stays at its edge', () => {
    const [first] = matrix.cells;
    if (!first) throw new Error('There is no cell.');
    expect(neighbourOf(matrix, first, 'right')).toMatchObject({ row: 0, column: 1 });
    expect(neighbourOf(matrix, first, 'down')).toMatchObject({ row: 1, column: 0 });
    expect(neighbourOf(matrix, first, 'up')).toBe(first);
  });
});
