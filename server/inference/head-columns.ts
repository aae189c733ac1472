import type { Head } from '../ml/head.ts';

/** The head for some of its categories, in the order given. */
export function selectCategories(head: Head, columns: readonly number[]): Head {
  const categories = head.bias.length;
  const size = categories > 0 ? head.weights.length / categories : 0;
  const weights = new Float32Array(size * columns.length);
  const means = new Float32Array(size * columns.length);
  columns.forEach((column, c) => {
    for (let d = 0; d < size; d++)
      weights[d * columns.length + c] = head.weights[d * categories + column] ?? 0;
    means.set(head.means.subarray(column * size, (column + 1) * size), c * size);
  });
  const pick = (numbers: Float32Array): Float32Array =>
    Float32Array.from(columns, (column) => numbers[column] ?? 0);
  return { ...head, weights, means, bias: pick(head.bias), support: pick(head.support) };
}

/**
 * The categories of both, those of the first before those of the second. Trained columns and class
 * means can stand side by side, because training starts at the means and is held near them. The
 * temperature and the rule for "?" are the first head's; the logits of the second are scaled, so
 * that at this temperature they are worth as much as they were at their own.
 */
export function joinHeads(first: Head, second: Head): Head {
  const [before, after] = [first.bias.length, second.bias.length];
  if (before === 0) return second;
  if (after === 0) return first;
  const both = before + after;
  const size = first.weights.length / before;
  const scale = first.temperature / second.temperature;
  const scaled = second.weights.map((weight) => weight * scale);
  const weights = new Float32Array(size * both);
  for (let d = 0; d < size; d++) {
    weights.set(first.weights.subarray(d * before, (d + 1) * before), d * both);
    weights.set(scaled.subarray(d * after, (d + 1) * after), d * both + before);
  }
  return {
    ...first,
    weights,
    bias: joined(
      first.bias,
      second.bias.map((value) => value * scale),
    ),
    means: joined(first.means, second.means),
    support: joined(first.support, second.support),
  };
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
