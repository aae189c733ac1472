/**
 * Fits the rule for "?" on projects whose sketches are partly of their categories and partly of
 * none. Two steps. A logistic regression finds the weights that tell the two kinds apart best.
 * Then the threshold is laid where 95 % of the known stay above it: as a plane over the number of
 * categories and of examples, so that it holds for 2 categories and for 300, after one example
 * and after hundreds.
 */
import { leastSquares, type SquaresRow } from './linear-equations.ts';
import { weigh, type Evidence, type UnknownRule } from './unknown.ts';

/** What the head of one project found for sketches of its categories, and for others. */
export interface UnknownTrial {
  readonly known: readonly Evidence[];
  readonly unknown: readonly Evidence[];
}

/** Share of known sketches that may be answered with "?". */
const MISTAKEN_FOR_UNKNOWN = 0.05;
const REGRESSION_STEPS = 15;
/** Keeps the weights finite where the two kinds are fully apart. */
const RIDGE = 1e-3;

/** The rule; each trial counts the same, and in it the known as much as the unknown. */
export function fitUnknownRule(trials: readonly UnknownTrial[]): UnknownRule {
  const weights = logisticWeights(trials);
  const plane = thresholdPlane(trials, weights);
  return {
    ...weights,
    categories: weights.categories - plane.categories,
    fewness: weights.fewness - plane.fewness,
    threshold: plane.constant,
  };
}

/** Where 95 % of these sums of known sketches lie above; 0 for none. */
export function thresholdFor(sums: readonly number[]): number {
  const sorted = [...sums].sort((a, b) => a - b);
  const place = MISTAKEN_FOR_UNKNOWN * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** Logistic regression by iteratively reweighted least squares. */
function logisticWeights(trials: readonly UnknownTrial[]): Evidence {
  const rows = trials.flatMap(({ known, unknown }) => [
    ...known.map((evidence) => trialRow(evidence, 1, known.length)),
    ...unknown.map((evidence) => trialRow(evidence, 0, unknown.length)),
  ]);
  let factors = new Array<number>(6).fill(0);
  for (let step = 0; step < REGRESSION_STEPS; step++) {
    const current = factors;
    factors = leastSquares(
      rows.map((row) => linearized(row, current)),
      RIDGE,
    );
  }
  const [cosine = 0, logit = 0, confidence = 0, categories = 0, fewness = 0] = factors;
  return { cosine, logit, confidence, categories, fewness };
}

function trialRow(evidence: Evidence, target: number, count: number): SquaresRow {
  const { cosine, logit, confidence, categories, fewness } = evidence;
  const columns = [cosine, logit, confidence, categories, fewness, 1];
  return { columns, target, weight: 1 / count };
}

/** The row as the tangent at the current factors sees it. */
function linearized({ columns, target, weight }: SquaresRow, factors: number[]): SquaresRow {
  const sum = columns.reduce((total, x, i) => total + x * (factors[i] ?? 0), 0);
  const chance = 1 / (1 + Math.exp(-sum));
  const slope = Math.max(chance * (1 - chance), 1e-4);
  return { columns, target: sum + (target - chance) / slope, weight: weight * slope };
}

interface Plane {
  readonly constant: number;
  readonly categories: number;
  readonly fewness: number;
}

/** The threshold of each trial, as a linear function of its circumstances. */
function thresholdPlane(trials: readonly UnknownTrial[], weights: Evidence): Plane {
  const rows = trials
    .filter(({ known }) => known.length > 0)
    .map(({ known }) => {
      const mean = (part: (evidence: Evidence) => number): number =>
        known.reduce((sum, evidence) => sum + part(evidence), 0) / known.length;
      const columns = [1, mean(({ categories }) => categories), mean(({ fewness }) => fewness)];
      const target = thresholdFor(known.map((evidence) => weigh(weights, evidence)));
      return { columns, target, weight: known.length };
    });
  const [constant = 0, categories = 0, fewness = 0] = leastSquares(rows, RIDGE);
  return { constant, categories, fewness };
}
