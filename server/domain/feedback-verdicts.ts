/**
 * What a sketch that was spoken about more than once is in the dataset: what the newest verdict says,
 * and at most once. Earlier verdicts stay, as history, for one to count again when the newer ones
 * are taken back.
 */
import type { Feedback } from '../../shared/feedback.ts';
import type { SketchExample } from './feedback-ports.ts';

/** What was said about a sketch, and what it is in the dataset by that. */
export interface SketchHistory {
  /** Newest first. */
  readonly verdicts: readonly Feedback[];
  /** Newest first. */
  readonly live: readonly SketchExample[];
}

/**
 * The examples that new feedback takes the place of: all but the newest, which is its own, or that
 * of somebody who spoke at the same time and had the last word. Feedback without an example leaves
 * the newest that it agrees with.
 */
export function replacedBy(
  { exampleId, categoryId }: Feedback,
  live: readonly SketchExample[],
): SketchExample[] {
  const agreed = live.find((example) => example.categoryId === categoryId);
  const kept = exampleId === null ? agreed : live[0];
  return live.filter((example) => example !== kept);
}

/**
 * The example that is to count again when feedback is taken back: the newest that what is left
 * agrees with. None where another is in the dataset, or where the feedback did not count any more:
 * then it has replaced nothing, and what is out of the dataset was deleted by hand.
 */
export function restoredWithout(taken: Feedback, { verdicts, live }: SketchHistory): string | null {
  const others = live.filter(({ id }) => id !== taken.exampleId);
  const didCount = verdicts[0]?.id === taken.id || others.length < live.length;
  if (!didCount || others.length > 0) return null;
  const left = verdicts.filter(({ id }) => id !== taken.id);
  const agreeing = left.filter(({ categoryId }) => categoryId === left[0]?.categoryId);
  return agreeing.find(({ exampleId }) => exampleId !== null)?.exampleId ?? null;
}
