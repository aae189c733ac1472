/**
 * The rule for "?": whether a sketch is any of the categories at all. A confidence alone cannot
 * tell, because softmax shares out 100 % among the categories there are: of two, one is always
 * likelier. So the rule weighs how near the sketch lies to the mean of the best category against
 * how sure the head is. It is a weighted sum (of a logistic regression, `fit-unknown.ts`), in which
 * the number of categories and of examples move the threshold: a mean of a single example lies
 * farther from other sketches of its category than a mean of hundreds.
 */
import { bestIndex } from './evaluate.ts';
import type { Head } from './head.ts';

/** What speaks for a sketch being of the category that the head likes best. */
export interface Evidence {
  /** Cosine of the angle between the embedding and the mean of that category. */
  readonly cosine: number;
  /** Its logit, not divided by the temperature. */
  readonly logit: number;
  /** Logarithm of its confidence. */
  readonly confidence: number;
  /** Logarithm of the number of categories. */
  readonly categories: number;
  /** 1 / square root of the number of examples of its mean. */
  readonly fewness: number;
}

/** Weights of the evidence; where the sum is below the threshold, the answer is "?". */
export interface UnknownRule extends Evidence {
  readonly threshold: number;
}

/** The rule that always names the best category. */
export const NEVER_UNKNOWN: UnknownRule = {
  ...{ cosine: 0, logit: 0, confidence: 0, categories: 0, fewness: 0 },
  threshold: -Infinity,
};

/**
 * Index of the best category, or null for "?". `embedding` is normalized, `scores` are the head's
 * for it. Costs two columns of the head, microseconds, however many categories there are.
 */
export function decideLabel(
  head: Head,
  embedding: Float32Array,
  scores: ArrayLike<number>,
): number | null {
  const best = bestIndex(scores);
  if (best === null) return null;
  const evidence = evidenceOf(head, embedding, scores);
  return weigh(head.unknown, evidence) >= head.unknown.threshold ? best : null;
}

/** The evidence for the best of the scores; there must be one. */
export function evidenceOf(
  { weights, bias, means, support }: Head,
  embedding: Float32Array,
  scores: ArrayLike<number>,
): Evidence {
  const best = bestIndex(scores) ?? 0;
  const [categories, size] = [bias.length, embedding.length];
  let [cosine, logit] = [0, bias[best] ?? 0];
  for (let d = 0; d < size; d++) {
    const value = embedding[d] ?? 0;
    cosine += value * (means[best * size + d] ?? 0);
    logit += value * (weights[d * categories + best] ?? 0);
  }
  return {
    cosine,
    logit,
    confidence: Math.log((scores[best] ?? 0) + LEAST_CONFIDENCE),
    categories: Math.log(categories),
    fewness: 1 / Math.sqrt(Math.max(1, support[best] ?? 0)),
  };
}

/** Keeps the logarithm finite. */
const LEAST_CONFIDENCE = 1e-12;

/** How much speaks for the sketch being known, to compare with the rule's threshold. */
export function weigh(rule: Evidence, evidence: Evidence): number {
  return (
    rule.cosine * evidence.cosine +
    rule.logit * evidence.logit +
    rule.confidence * evidence.confidence +
    rule.categories * evidence.categories +
    rule.fewness * evidence.fewness
  );
}
