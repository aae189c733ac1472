import type { EmbeddedExample } from '../domain/ports.ts';

/** Below this a split says too little: figures fall back on more sketches, the guard does not judge. */
export const ENOUGH_HELD_OUT = 50;

/** The sketches of the validation and test splits. */
export function heldOut<T extends Pick<EmbeddedExample, 'split'>>(examples: readonly T[]): T[] {
  return examples.filter(({ split }) => split !== 'train');
}

/**
 * The sketches that a version is judged on: the test split, which nothing was fitted or chosen on;
 * where it has fewer than 50, validation and test split together.
 */
export function judgedSketches<T extends Pick<EmbeddedExample, 'split'>>(
  examples: readonly T[],
): T[] {
  const test = examples.filter(({ split }) => split === 'test');
  return test.length >= ENOUGH_HELD_OUT ? test : heldOut(examples);
}
