/**
 * How well a number tells two kinds apart: the chance that it is larger for one of the first than
 * for one of the second (area under the ROC curve). 0.5 is guessing; equal numbers count half.
 */
export function auroc(larger: readonly number[], smaller: readonly number[]): number {
  const all = [
    ...larger.map((value) => ({ value, isLarger: true })),
    ...smaller.map((value) => ({ value, isLarger: false })),
  ].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let start = 0; start < all.length;) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) end++;
    // Equal numbers share the mean of their ranks, which count from 1.
    const rank = (start + end + 1) / 2;
    rankSum += rank * all.slice(start, end).filter(({ isLarger }) => isLarger).length;
    start = end;
  }
  const wins = rankSum - (larger.length * (larger.length + 1)) / 2;
  return wins / (larger.length * smaller.length);
}
