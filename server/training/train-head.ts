import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { createSession } from '../inference/session.ts';
import { adamRates } from '../ml/adam.ts';
import { classMeansHead, type Head } from '../ml/head.ts';
import type { HeadExamples } from '../ml/head-examples.ts';
import { headStepGraph } from '../ml/head-step.ts';

const DEFAULT_STEPS = 60;
const DEFAULT_LEARNING_RATE = 0.1;

export interface HeadTraining extends HeadExamples {
  readonly temperature?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  /** Called after each step; throwing ends the training. */
  readonly onStep?: (step: number, loss: number) => void;
}

/**
 * Trains a head from the class means: full-batch Adam, held near them. Nothing in it is random:
 * the same examples give the same head.
 */
export async function trainHead(training: HeadTraining): Promise<Head> {
  const { means, categoryOf } = training;
  const embeddingSize = means[0]?.length ?? 0;
  const categories = means.length;
  const temperature = training.temperature ?? 1;
  const start = classMeansHead(means, temperature);
  if (categoryOf.length === 0) return start;
  const sizes = { examples: categoryOf.length, embeddingSize, categories };
  const session = await createSession(headStepGraph(sizes));
  try {
    const trained = await runSteps(session, training, flatten(start));
    const kernel = embeddingSize * categories;
    return { weights: trained.slice(0, kernel), bias: trained.slice(kernel), temperature };
  } finally {
    await session.release();
  }
}

function flatten({ weights, bias }: Head): Float32Array {
  const flat = new Float32Array(weights.length + bias.length);
  flat.set(weights);
  flat.set(bias, weights.length);
  return flat;
}

async function runSteps(
  session: InferenceSession,
  training: HeadTraining,
  start: Float32Array,
): Promise<Float32Array> {
  const { steps = DEFAULT_STEPS, learningRate = DEFAULT_LEARNING_RATE } = training;
  const constant = constantInputs(training, start);
  const zeros = new Float32Array(start.length);
  let [weights, mean, square] = [vector(start), vector(zeros), vector(zeros)];
  for (let step = 1; step <= steps; step++) {
    const rates = vector(adamRates(step, learningRate, 0));
    const outputs = await session.run({ ...constant, weights, mean, square, rates });
    const { next_weights, next_mean, next_square, loss } = outputs;
    if (!next_weights || !next_mean || !next_square) throw new Error('A head step gave nothing.');
    [weights, mean, square] = [next_weights, next_mean, next_square];
    training.onStep?.(step, Number(loss?.data[0]));
  }
  if (!(weights.data instanceof Float32Array)) throw new Error('A head step gave no floats.');
  return weights.data;
}

function constantInputs(training: HeadTraining, start: Float32Array): Record<string, Tensor> {
  const { embeddings, categoryOf, means } = training;
  const examples = categoryOf.length;
  return {
    embeddings: new Tensor('float32', embeddings, [examples, means[0]?.length ?? 0]),
    targets: new Tensor('float32', weightedTargets(training), [examples, means.length]),
    anchor: vector(start),
    decay: vector(new Float32Array(start.length)),
  };
}

/** Rows with the example's weight at its category; the weights are scaled to a mean of 1. */
function weightedTargets({ categoryOf, weights, means }: HeadTraining): Float32Array {
  const categories = means.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const targets = new Float32Array(categoryOf.length * categories);
  categoryOf.forEach((category, i) => {
    targets[i * categories + category] = ((weights[i] ?? 0) * categoryOf.length) / total;
  });
  return targets;
}

function vector(numbers: Float32Array): Tensor {
  return new Tensor('float32', numbers, [numbers.length]);
}
