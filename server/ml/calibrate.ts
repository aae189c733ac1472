import { softmax } from './head.ts';
import { bestIndex } from './evaluate.ts';

const COLDEST = 0.05;
const HOTTEST = 10;
const SEARCH_STEPS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/**
 * How many nats it costs to be e times as hot or cold as usual. Some fifty sketches that are all
 * right would else call for a temperature of 0; hundreds of sketches outweigh it.
 */
const COST_OF_UNUSUAL = 5;

/** Sketches of known category with their logits. */
export interface Calibration {
  /** A row of logits for each sketch. */
  readonly logits: readonly Float32Array[];
  readonly categoryOf: ArrayLike<number>;
  /** The temperature to expect, where there is one. */
  readonly usual?: number;
}

/**
 * The temperature that makes the confidences fit best what is right (Guo and others 2017): the
 * one with the least negative log-likelihood, found by golden-section search.
 */
export function fitTemperature(calibration: Calibration): number {
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  for (let i = 0; i < SEARCH_STEPS; i++) {
    const [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    const isColder = surprise(calibration, Math.exp(a)) < surprise(calibration, Math.exp(b));
    if (isColder) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Negative log-likelihood of the right categories, and what an unusual temperature costs. */
function surprise({ logits, categoryOf, usual }: Calibration, temperature: number): number {
  const cost = usual === undefined ? 0 : COST_OF_UNUSUAL * Math.log(temperature / usual) ** 2;
  return logits.reduce((sum, row, i) => {
    const confidence = softmax(row.slice(), temperature)[categoryOf[i] ?? 0] ?? 0;
    return sum - Math.log(confidence + 1e-12);
  }, cost);
}

/**
 * Expected calibration error: how far confidence and accuracy differ, as a mean over ten equally
 * wide ranges of confidence, weighted by how many sketches fall into each.
 */
export function calibrationError(
  scores: readonly Float32Array[],
  categoryOf: ArrayLike<number>,
): number {
  const ranges = Array.from({ length: 10 }, () => ({ confidence: 0, right: 0 }));
  scores.forEach((row, i) => {
    const best = bestIndex(row) ?? 0;
    const confidence = row[best] ?? 0;
    const range = ranges[Math.min(9, Math.floor(confidence * 10))];
    if (!range) return;
    range.confidence += confidence;
    if (best === categoryOf[i]) range.right += 1;
  });
  const gaps = ranges.map(({ confidence, right }) => Math.abs(confidence - right));
  return gaps.reduce((sum, gap) => sum + gap, 0) / scores.length;
}
