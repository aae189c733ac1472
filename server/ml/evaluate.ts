/** Indexes of the k largest scores, best first; of equal ones the earlier. */
export function topIndexes(scores: ArrayLike<number>, k: number): number[] {
  return Array.from(scores, (_, i) => i)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
    .slice(0, k);
}

/** Index of the largest score, the earlier of equal ones; null where there is none. */
export function bestIndex(scores: ArrayLike<number>): number | null {
  let best: number | null = null;
  for (let c = 0; c < scores.length; c++)
    if (best === null || (scores[c] ?? 0) > (scores[best] ?? 0)) best = c;
  return best;
}

/** Share of sketches whose category is the best (top-1) and among the three best (top-3). */
export interface Accuracy {
  readonly top1: number;
  readonly top3: number;
  readonly sketches: number;
}

/** Compares rows of scores with the category each sketch really has. */
export function accuracyOf(
  scores: Float32Array,
  categoryOf: ArrayLike<number>,
  categories: number,
): Accuracy {
  let [first, firstThree] = [0, 0];
  const sketches = categoryOf.length;
  for (let i = 0; i < sketches; i++) {
    const row = scores.subarray(i * categories, (i + 1) * categories);
    const rank = rankOf(row, categoryOf[i] ?? 0);
    if (rank === 0) first++;
    if (rank < 3) firstThree++;
  }
  return { top1: first / sketches, top3: firstThree / sketches, sketches };
}

/** How many categories score higher than the given one; 0 is the best. */
export function rankOf(row: Float32Array, category: number): number {
  const own = row[category] ?? 0;
  let rank = 0;
  for (const score of row) if (score > own) rank++;
  return rank;
}
