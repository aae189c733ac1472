/**
 * The head: what turns a normalized embedding into confidences. At once it is the class means;
 * trained, it starts there and is held near them.
 */
import { normalizeEmbeddings } from './embedding.ts';

/** Sharpness of a head's logits, before its temperature. */
const HEAD_SCALE = 10;

export interface Head {
  /** [embedding, categories], row by row. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** Logits are divided by it, so that a confidence of 0.8 is right in 8 of 10. */
  readonly temperature: number;
}

/** A head whose logits are the cosines to the class means, times a constant. */
export function classMeansHead(means: readonly Float32Array[], temperature = 1): Head {
  const categories = means.length;
  const size = means[0]?.length ?? 0;
  const weights = new Float32Array(size * categories);
  means.forEach((mean, c) => {
    const direction = normalizeEmbeddings(mean.slice(), new Float32Array(size));
    for (let d = 0; d < size; d++) weights[d * categories + c] = HEAD_SCALE * (direction[d] ?? 0);
  });
  return { weights, bias: new Float32Array(categories), temperature };
}

/** Logits of one normalized embedding, not divided by the temperature. */
export function logitsOf({ weights, bias }: Head, embedding: Float32Array): Float32Array {
  const logits = bias.slice();
  const categories = bias.length;
  for (let d = 0; d < embedding.length; d++) {
    const value = embedding[d] ?? 0;
    const row = d * categories;
    for (let c = 0; c < categories; c++) {
      logits[c] = (logits[c] ?? 0) + value * (weights[row + c] ?? 0);
    }
  }
  return logits;
}

/** Confidences, one for each category, that sum to 1. */
export function scoresOf(head: Head, embedding: Float32Array): Float32Array {
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
