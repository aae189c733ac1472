import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../../shared/random.ts';
import { openGraph, type Feed } from '../../../test/support/run-graph.ts';
import { Tape } from '../autodiff.ts';
import { OnnxGraph, sizeOf, type Shape, type Value } from '../onnx-graph.ts';
import { batchNorm, frozenBatchNorm } from './batch-norm.ts';
import { concatenateFeatures } from './concatenation.ts';
import { convolve, type ConvolutionForm } from './convolution.ts';
import { crossEntropy } from './cross-entropy.ts';
import { add, multiply, silu } from './elementwise.ts';
import { linear } from './linear.ts';
import { globalAveragePool } from './pooling.ts';

type Write<Name extends string> = (tape: Tape, inputs: Record<Name, Value>) => Value;

function randomNumbers(size: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return new Float32Array(size).map(() => gaussian(random));
}

/** The sum of all numbers times fixed random weights: a loss that every number takes part in. */
function weightedSum(tape: Tape, value: Value): Value {
  const { graph } = tape;
  const weights = graph.tensor('sum_weights', value.shape, randomNumbers(sizeOf(value.shape), 99));
  const product = graph.node('Mul', [value, weights], { shape: value.shape });
  const axes = graph.integers(value.shape.map((_, axis) => axis));
  const attributes = { keepdims: 0 };
  const sum = graph.node('ReduceSum', [product, axes], { shape: [], attributes });
  return tape.record([value], sum, (gradient) => [
    graph.node('Mul', [weights, gradient], { shape: value.shape }),
  ]);
}

function lossOf(tape: Tape, output: Value): Value {
  return output.shape.length === 0 ? output : weightedSum(tape, output);
}

/**
 * The largest relative error between an operator's gradients and central differences of its loss,
 * along three random directions in each input.
 */
async function worstGradientError<Name extends string>(
  shapes: Record<Name, Shape>,
  write: Write<Name>,
): Promise<number> {
  const graph = new OnnxGraph();
  const tape = new Tape(graph);
  const entries = Object.entries<Shape>(shapes);
  const inputs = Object.fromEntries(
    entries.map(([name, shape]) => [name, graph.input(name, shape)]),
  ) as Record<Name, Value>;
  const loss = lossOf(tape, write(tape, inputs));
  const gradients = tape.gradients(loss, Object.values<Value>(inputs));
  gradients.forEach((gradient, i) => graph.output(`gradient_${entries[i]?.[0] ?? ''}`, gradient));
  graph.output('loss', loss);
  const opened = await openGraph(graph.toBytes());
  const feeds: Record<string, Feed> = Object.fromEntries(
    entries.map(([name, shape], i) => [name, [randomNumbers(sizeOf(shape), i), shape]]),
  );
  const outputs = await opened.run(feeds);

  let worst = 0;
  for (const [name, shape] of entries) {
    for (let seed = 10; seed < 13; seed++) {
      const direction = randomNumbers(sizeOf(shape), seed);
      const lossAt = async (step: number): Promise<number> => {
        const [numbers] = feeds[name] ?? [new Float32Array()];
        const moved = Float32Array.from(numbers, (x, i) => x + step * (direction[i] ?? 0));
        const result = await opened.run({ ...feeds, [name]: [moved, shape] });
        return result['loss']?.[0] ?? NaN;
      };
      const step = 3e-2 / Math.sqrt(sizeOf(shape));
      const measured = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      const gradient = outputs[`gradient_${name}`] ?? new Float32Array();
      const expected = gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
      const scale = Math.abs(measured) + Math.abs(expected) + 0.05;
      worst = Math.max(worst, Math.abs(measured - expected) / scale);
    }
  }
  await opened.close();
  return worst;
}

describe('the gradient agrees with finite differences', () => {
  test('of a sum', async () => {
    const shapes = { a: [2, 3], b: [2, 3] };
    expect(await worstGradientError(shapes, (tape, { a, b }) => add(tape, a, b))).toBeLessThan(
      0.01,
    );
  });

  test('of a product', async () => {
    const shapes = { a: [2, 3], b: [2, 3] };
    expect(await worstGradientError(shapes, (tape, { a, b }) => multiply(tape, a, b))).toBeLessThan(
      0.01,
    );
  });

  test('of SiLU', async () => {
    expect(await worstGradientError({ x: [4, 5] }, (tape, { x }) => silu(tape, x))).toBeLessThan(
      0.01,
    );
  });

  test('of a value that is used twice', async () => {
    const twice: Write<'x'> = (tape, { x }) => multiply(tape, silu(tape, x), add(tape, x, x));
    expect(await worstGradientError({ x: [3, 4] }, twice)).toBeLessThan(0.01);
  });

  test('of the mean of each channel', async () => {
    const error = await worstGradientError({ x: [2, 16, 3] }, (tape, { x }) =>
      globalAveragePool(tape, x),
    );
    expect(error).toBeLessThan(0.01);
  });

  test('of features laid end to end', async () => {
    const shapes = { a: [3, 2], b: [3, 4] };
    const write: Write<'a' | 'b'> = (tape, { a, b }) =>
      concatenateFeatures(tape, [silu(tape, a), b]);
    expect(await worstGradientError(shapes, write)).toBeLessThan(0.01);
    const alone: Write<'a'> = (tape, { a }) => concatenateFeatures(tape, [silu(tape, a)]);
    expect(await worstGradientError({ a: [3, 2] }, alone)).toBeLessThan(0.01);
  });

  test('of a linear layer', async () => {
    const shapes = { x: [4, 3], w: [3, 5], b: [5] };
    const write: Write<'x' | 'w' | 'b'> = (tape, { x, w, b }) =>
      linear(tape, { input: x, weights: w, bias: b });
    expect(await worstGradientError(shapes, write)).toBeLessThan(0.01);
  });

  test('of batch norm', async () => {
    const shapes = { x: [3, 9, 4], gamma: [1, 4], beta: [1, 4] };
    const write: Write<'x' | 'gamma' | 'beta'> = (tape, { x, gamma, beta }) =>
      batchNorm(tape, { input: x, gamma: gamma, beta: beta }).output;
    expect(await worstGradientError(shapes, write)).toBeLessThan(0.01);
  });

  test('of cross-entropy with soft and weighted targets', async () => {
    const write: Write<'logits'> = (tape, { logits }) => {
      const targets = Float32Array.of(0.1, 0.7, 0.2, 0.5, 0, 0, 0, 0, 2);
      return crossEntropy(tape, logits, tape.graph.tensor('targets', [3, 3], targets));
    };
    expect(await worstGradientError({ logits: [3, 3] }, write)).toBeLessThan(0.01);
  });

  const geometries = [
    { edge: 6, stride: 1 },
    { edge: 5, stride: 1 },
    { edge: 4, stride: 1 },
    { edge: 6, stride: 2 },
    { edge: 5, stride: 2 },
    { edge: 1, stride: 2 },
  ];
  const forms: ConvolutionForm[] = ['kernels', 'patches', 'tiles'];
  for (const form of forms) {
    const fitting = geometries.filter(({ stride }) => stride === 1 || form !== 'tiles');
    test.each(fitting)(`of convolution by ${form}, %o`, async ({ edge, stride }) => {
      const shapes = { x: [2, edge * edge, 3], w: [9 * 3, 4] };
      const write: Write<'x' | 'w'> = (tape, { x, w }) =>
        convolve(tape, { input: x, weights: w, stride, form });
      expect(await worstGradientError(shapes, write)).toBeLessThan(0.01);
    });
  }

  const lines = [
    { points: 8, stride: 1 },
    { points: 7, stride: 1 },
    { points: 8, stride: 2 },
    { points: 7, stride: 2 },
    { points: 1, stride: 2 },
  ];
  for (const form of ['kernels', 'patches'] as const) {
    test.each(lines)(`of convolution along a line by ${form}, %o`, async ({ points, stride }) => {
      const shapes = { x: [2, points, 3], w: [3 * 3, 4] };
      const write: Write<'x' | 'w'> = (tape, { x, w }) =>
        convolve(tape, { input: x, weights: w, stride, isLine: true, form });
      expect(await worstGradientError(shapes, write)).toBeLessThan(0.01);
    });
  }
});

test('a frozen batch norm uses the statistics it is given', async () => {
  const graph = new OnnxGraph();
  const constant = (name: string, value: number): Value =>
    graph.tensor(name, [1, 1], Float32Array.of(value));
  const input = graph.input('x', [1, 2, 1]);
  const norm = { input, gamma: constant('gamma', 3), beta: constant('beta', 1) };
  const statistics = { mean: constant('mean', 2), variance: constant('variance', 4) };
  graph.output('y', frozenBatchNorm(graph, norm, statistics));
  const opened = await openGraph(graph.toBytes());
  const { y } = await opened.run({ x: [Float32Array.of(2, 6), [1, 2, 1]] });
  await opened.close();
  expect(y?.[0]).toBeCloseTo(1, 4);
  expect(y?.[1]).toBeCloseTo(7, 4);
});

test('refuses to convolve by tiles with a stride', () => {
  const graph = new OnnxGraph();
  const [input, weights] = [graph.input('x', [2, 16, 3]), graph.input('w', [27, 4])];
  expect(() => convolve(new Tape(graph), { input, weights, stride: 2, form: 'tiles' })).toThrow(
    'stride 1',
  );
});

test('refuses images and kernels that are not square', () => {
  const graph = new OnnxGraph();
  const [input, weights] = [graph.input('x', [2, 12, 3]), graph.input('w', [27, 4])];
  expect(() => convolve(new Tape(graph), { input, weights, stride: 1 })).toThrow('square');
});

test('refuses to add tensors of different shapes', () => {
  const graph = new OnnxGraph();
  const [a, b] = [graph.input('a', [2]), graph.input('b', [3])];
  expect(() => add(new Tape(graph), a, b)).toThrow('Shapes 2 and 3 differ.');
});
