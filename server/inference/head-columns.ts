import type { Head } from '../ml/head.ts';

/** The head for some of its categories, in the order given. */
export function selectCategories(head: Head, columns: readonly number[]): Head {
  const categories = head.bias.length;
  const size = head.weights.length / categories;
  const weights = new Float32Array(size * columns.length);
  columns.forEach((column, c) => {
    for (let d = 0; d < size; d++)
      weights[d * columns.length + c] = head.weights[d * categories + column] ?? 0;
  });
  const bias = Float32Array.from(columns, (column) => head.bias[column] ?? 0);
  return { weights, bias, temperature: head.temperature };
}

/**
 * The categories of both, those of the first before those of the second. Trained columns and class
 * means can stand side by side, because training starts at the means and is held near them. The
 * temperature is the first head's.
 */
export function joinHeads(first: Head, second: Head): Head {
  const [before, after] = [first.bias.length, second.bias.length];
  const both = before + after;
  const size = before > 0 ? first.weights.length / before : second.weights.length / after;
  const weights = new Float32Array(size * both);
  for (let d = 0; d < size; d++) {
    weights.set(first.weights.subarray(d * before, (d + 1) * before), d * both);
    weights.set(second.weights.subarray(d * after, (d + 1) * after), d * both + before);
  }
  const bias = new Float32Array(both);
  bias.set(first.bias);
  bias.set(second.bias, before);
  return { weights, bias, temperature: first.temperature };
}
