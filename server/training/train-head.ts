import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { ResolvedHyperparameters } from '../../shared/hyperparameters.ts';
import { seededRandom } from '../../shared/random.ts';
import { createSession } from '../inference/session.ts';
import { adamRates } from '../ml/adam.ts';
import { classMeansHead, type Head, type LinearHead } from '../ml/head.ts';
import type { HeadExamples } from '../ml/head-examples.ts';
import { headStepGraph } from '../ml/head-step.ts';
import { dropoutMask } from './fine-tune-batches.ts';

const DEFAULT_STEPS = 60;
const DEFAULT_LEARNING_RATE = 0.1;

/** What a head's training can be told, each with a default. */
export type HeadSettings = Pick<
  ResolvedHyperparameters,
  'learningRate' | 'weightDecay' | 'dropout' | 'labelSmoothing' | 'seed'
>;

/** Without `support` each mean counts as one of many examples. */
export interface HeadTraining
  extends Omit<HeadExamples, 'support'>, Partial<Pick<HeadExamples, 'support'>> {
  readonly temperature?: number;
  readonly steps?: number;
  readonly settings?: Partial<HeadSettings>;
  /** Called after each step, with the loss before it; throwing ends the training in failure. */
  readonly onStep?: (step: number, loss: number) => void;
  /** Asked after each step: a head that it gives ends the training with that head. */
  readonly stopWith?: (step: number, read: () => LinearHead) => LinearHead | null;
}

/**
 * Trains a head from the class means: full-batch Adam, held near them. The same examples, settings
 * and seed give the same head.
 */
export async function trainHead(training: HeadTraining): Promise<Head> {
  const { means, categoryOf, support } = training;
  const embeddingSize = means[0]?.length ?? 0;
  const categories = means.length;
  const start = classMeansHead(means, training.temperature ?? 1, support && { support });
  if (categoryOf.length === 0) return start;
  const sizes = { examples: categoryOf.length, embeddingSize, categories };
  const session = await createSession(headStepGraph(sizes));
  try {
    const { weights, bias } = await runSteps(session, training, start);
    return { ...start, weights, bias };
  } finally {
    await session.release();
  }
}

async function runSteps(
  session: InferenceSession,
  training: HeadTraining,
  start: Head,
): Promise<LinearHead> {
  const { steps = DEFAULT_STEPS, settings = {} } = training;
  const { learningRate = DEFAULT_LEARNING_RATE, weightDecay = 0 } = settings;
  const flat = flatten(start);
  const inputs = constantInputs(training, start, flat);
  const embeddings = embeddingInputs(training);
  const zeros = new Float32Array(flat.length);
  let [weights, mean, square] = [vector(flat), vector(zeros), vector(zeros)];
  const read = (): LinearHead => unflatten(weights, start);
  for (let step = 1; step <= steps; step++) {
    const rates = vector(adamRates(step, learningRate, weightDecay));
    const varying = { embeddings: embeddings(), weights, mean, square, rates };
    const outputs = await session.run({ ...inputs, ...varying });
    [weights, mean, square] = ['weights', 'mean', 'square'].map((name) =>
      outputOf(outputs, `next_${name}`),
    ) as [Tensor, Tensor, Tensor]; // Three names, three tensors.
    training.onStep?.(step, Number(outputOf(outputs, 'loss').data[0]));
    const ended = training.stopWith?.(step, read);
    if (ended) return ended;
  }
  return read();
}

function outputOf(outputs: InferenceSession.ReturnType, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`A head step gave no ${name}.`);
  return output;
}

function flatten({ weights, bias }: LinearHead): Float32Array {
  const flat = new Float32Array(weights.length + bias.length);
  flat.set(weights);
  flat.set(bias, weights.length);
  return flat;
}

function unflatten({ data }: Tensor, { weights, temperature }: LinearHead): LinearHead {
  if (!(data instanceof Float32Array)) throw new Error('A head step gave no floats.');
  const kernel = weights.length;
  return { weights: data.slice(0, kernel), bias: data.slice(kernel), temperature };
}

function constantInputs(
  training: HeadTraining,
  { weights }: LinearHead,
  anchor: Float32Array,
): Record<string, Tensor> {
  const { categoryOf, means } = training;
  // Biases do not decay.
  const decay = new Float32Array(anchor.length).fill(1, 0, weights.length);
  return {
    targets: new Tensor('float32', weightedTargets(training), [categoryOf.length, means.length]),
    anchor: vector(anchor),
    decay: vector(decay),
  };
}

/** The embeddings of each step: the same ones, but for what dropout leaves out. */
function embeddingInputs({ embeddings, categoryOf, means, settings }: HeadTraining): () => Tensor {
  const shape = [categoryOf.length, means[0]?.length ?? 0];
  const { dropout = 0, seed = 1 } = settings ?? {};
  if (dropout === 0) {
    const tensor = new Tensor('float32', embeddings, shape);
    return () => tensor;
  }
  const random = seededRandom(seed);
  return () => {
    const mask = dropoutMask(embeddings.length, dropout, random);
    const dropped = mask.map((kept, i) => kept * (embeddings[i] ?? 0));
    return new Tensor('float32', dropped, shape);
  };
}

/**
 * Rows with the example's weight at its category, but for what label smoothing spreads over all; the
 * weights are scaled to a mean of 1.
 */
function weightedTargets({ categoryOf, weights, means, settings }: HeadTraining): Float32Array {
  const categories = means.length;
  const { labelSmoothing = 0 } = settings ?? {};
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const targets = new Float32Array(categoryOf.length * categories);
  categoryOf.forEach((category, i) => {
    const weight = ((weights[i] ?? 0) * categoryOf.length) / total;
    const row = targets.subarray(i * categories, (i + 1) * categories);
    row.fill((weight * labelSmoothing) / categories);
    row[category] = weight * (1 - labelSmoothing + labelSmoothing / categories);
  });
  return targets;
}

function vector(numbers: Float32Array): Tensor {
  return new Tensor('float32', numbers, [numbers.length]);
}
