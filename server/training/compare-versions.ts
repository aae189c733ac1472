import type { EmbeddedExample } from '../domain/ports.ts';
import { selectCategories } from '../inference/head-columns.ts';
import { bestIndex } from '../ml/evaluate.ts';
import { logitsOf, type Head } from '../ml/head.ts';
import { judgedSketches } from './held-out.ts';
import { decidePromotion, type PairedOutcome, type PromotionVerdict } from './promotion.ts';

/** A version as the guard sees it: its head, and the dataset as its own backbone sees it. */
export interface JudgedSide {
  readonly head: Head;
  /** Of the head's columns, in their order. */
  readonly categories: readonly { readonly id: string }[];
  /** Those of the training split are not looked at. */
  readonly examples: readonly EmbeddedExample[];
}

export interface Sides {
  readonly candidate: JudgedSide;
  /** Null where nothing is served yet. */
  readonly served: JudgedSide | null;
}

/**
 * Whether the candidate may replace the served version. They are compared on the sketches that both
 * have embeddings of: of the test split, or with the validation split where that is too small.
 */
export function judgePromotion({ candidate, served }: Sides): PromotionVerdict {
  return decidePromotion(served && pairedOutcomes(candidate, served));
}

/**
 * How both judge the same sketches, of the categories that both know, when asked for these
 * categories alone.
 */
function pairedOutcomes(candidate: JudgedSide, served: JudgedSide): PairedOutcome[] {
  const known = new Set(served.categories.map(({ id }) => id));
  const shared = candidate.categories.map(({ id }) => id).filter((id) => known.has(id));
  const [newer, older] = [recogniser(candidate, shared), recogniser(served, shared)];
  const olderExamples = new Map(served.examples.map((example) => [example.exampleId, example]));
  const pairs = candidate.examples.flatMap((example) => {
    const older = olderExamples.get(example.exampleId);
    return older && shared.includes(example.categoryId) ? [{ ...example, older }] : [];
  });
  return judgedSketches(pairs).map(({ older: olderExample, ...example }) => ({
    categoryId: example.categoryId,
    isCandidateRight: newer(example) === example.categoryId,
    isCurrentRight: older(olderExample) === example.categoryId,
  }));
}

/** Names the best of some categories for a sketch, judged by the sketch itself and not by its variations. */
function recogniser(
  { head, categories }: JudgedSide,
  ids: readonly string[],
): (example: EmbeddedExample) => string | undefined {
  const columns = ids.map((id) => categories.findIndex((category) => category.id === id));
  const restricted = selectCategories(head, columns);
  const size = ids.length > 0 ? restricted.weights.length / ids.length : 0;
  return ({ embeddings }) =>
    ids[bestIndex(logitsOf(restricted, embeddings.subarray(0, size))) ?? -1];
}
