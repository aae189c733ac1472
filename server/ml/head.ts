/**
 * The head: what turns a normalized embedding into confidences. At once it is the class means;
 * trained, it starts there and is held near them. It keeps the class means beside its weights,
 * because how far a sketch lies from them tells whether it is any of the categories (`unknown.ts`).
 */
import { normalizeEmbeddings } from './embedding.ts';
import { parametersOf, type Network, type NetworkState } from './network.ts';
import { NEVER_UNKNOWN, type UnknownRule } from './unknown.ts';

/** Sharpness of a head's logits, before its temperature. */
const HEAD_SCALE = 10;

/** The layer itself. */
export interface LinearHead {
  /** [embedding, categories], row by row. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** Logits are divided by it, so that a confidence of 0.8 is right in 8 of 10. */
  readonly temperature: number;
}

export interface Head extends LinearHead {
  /** [categories, embedding], row by row: class means of length 1. */
  readonly means: Float32Array;
  /** How many examples each mean is made of: a mean of few lies farther from other sketches. */
  readonly support: Float32Array;
  /** When the answer is "?". */
  readonly unknown: UnknownRule;
}

/** The layer that a network was trained with; its input are embeddings as they are. */
export function headOf(network: Network, { weights }: NetworkState): LinearHead {
  const [kernel, bias] = parametersOf(network)
    .slice(-2)
    .map(({ offset, size }) => weights.subarray(offset, offset + size));
  if (!kernel || !bias) throw new Error('The network has no head.');
  return { weights: kernel, bias, temperature: 1 };
}

/** What a head knows beside its weights. */
export interface HeadKnowledge {
  readonly support: Float32Array;
  readonly unknown: UnknownRule;
}

/**
 * A head whose logits are the cosines to the class means, times a constant. Without knowledge each
 * mean counts as one of many examples, and the answer is never "?".
 */
export function classMeansHead(
  means: readonly Float32Array[],
  temperature = 1,
  knowledge: Partial<HeadKnowledge> = {},
): Head {
  const categories = means.length;
  const size = means[0]?.length ?? 0;
  const weights = new Float32Array(size * categories);
  const directions = new Float32Array(size * categories);
  means.forEach((mean, c) => directions.set(mean, c * size));
  normalizeEmbeddings(directions, new Float32Array(size));
  for (let c = 0; c < categories; c++)
    for (let d = 0; d < size; d++)
      weights[d * categories + c] = HEAD_SCALE * (directions[c * size + d] ?? 0);
  return {
    ...{ weights, temperature, means: directions, bias: new Float32Array(categories) },
    support: knowledge.support ?? new Float32Array(categories).fill(MANY_EXAMPLES),
    unknown: knowledge.unknown ?? NEVER_UNKNOWN,
  };
}

/** How many examples a mean is taken to be made of where that is not known: a shipped one's. */
export const MANY_EXAMPLES = 24;

/**
 * Logits of one normalized embedding, not divided by the temperature. Four categories at a time,
 * because sums that do not wait for one another take a third of the time: 2.8 instead of 8.2
 * microseconds for 20 categories of 448 numbers.
 */
export function logitsOf({ weights, bias }: LinearHead, embedding: Float32Array): Float32Array {
  const logits = bias.slice();
  const categories = bias.length;
  for (let c = 0; c < categories; c += 4) {
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let d = 0; d < embedding.length; d++) {
      const value = embedding[d] ?? 0;
      const at = d * categories + c;
      first += value * (weights[at] ?? 0);
      second += value * (weights[at + 1] ?? 0);
      third += value * (weights[at + 2] ?? 0);
      fourth += value * (weights[at + 3] ?? 0);
    }
    // Of the last four some may be no categories: nothing is written past the end of an array.
    for (const [i, sum] of [first, second, third, fourth].entries())
      logits[c + i] = (logits[c + i] ?? 0) + sum;
  }
  return logits;
}

/** Confidences, one for each category, that sum to 1. */
export function scoresOf(head: LinearHead, embedding: Float32Array): Float32Array {
  return softmax(logitsOf(head, embedding), head.temperature);
}

/** Softmax of logits / temperature, in place. */
export function softmax(logits: Float32Array, temperature = 1): Float32Array {
  const largest = logits.reduce((max, logit) => Math.max(max, logit), -Infinity);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    const power = Math.exp(((logits[c] ?? 0) - largest) / temperature);
    logits[c] = power;
    sum += power;
  }
  for (let c = 0; c < logits.length; c++) logits[c] = (logits[c] ?? 0) / sum;
  return logits;
}
