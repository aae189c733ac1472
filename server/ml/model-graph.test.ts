import { describe, expect, test } from 'vitest';
import { Tensor } from 'onnxruntime-node';
import { seededRandom } from '../../shared/random.ts';
import { largestDifference } from '../../test/support/run-graph.ts';
import { createSession } from '../inference/session.ts';
import { normalizeEmbeddings } from './embedding.ts';
import { scoresOf, type Head } from './head.ts';
import { modelGraph, type CompleteModel } from './model-graph.ts';
import { initialState, type Network } from './network.ts';
import { decideLabel, NEVER_UNKNOWN } from './unknown.ts';

const SIZE = 12;
const SKETCHES = 40;
const NAMES = ['cat', 'dog', 'Haus & Hof', 'tree', '火'];
const NETWORK: Network = {
  pixels: 16,
  planes: 2,
  blocks: [
    { channels: 8, stride: 2 },
    { channels: SIZE, stride: 2 },
  ],
  categories: 3,
};
/** About half of the sketches below are unknown to it. */
const RULE = {
  ...{ cosine: 2, logit: 0.1, confidence: 0.5, categories: -0.3, fewness: 0.2 },
  threshold: 0.1,
};

function someHead(unknown = RULE): Head {
  const random = seededRandom(8);
  const numbers = (count: number): Float32Array =>
    new Float32Array(count).map(() => random() - 0.5);
  return {
    weights: numbers(SIZE * NAMES.length).map((weight) => 10 * weight),
    bias: numbers(NAMES.length),
    temperature: 0.7,
    means: normalizeEmbeddings(numbers(SIZE * NAMES.length), new Float32Array(SIZE)),
    support: Float32Array.of(1, 2, 24, 0, 7),
    unknown,
  };
}

function someModel(unknown = RULE): CompleteModel {
  const random = seededRandom(9);
  return {
    network: NETWORK,
    state: initialState(NETWORK, 3),
    center: new Float32Array(SIZE).map(() => 0.02 * random()),
    head: someHead(unknown),
    categories: NAMES,
  };
}

/** What an ONNX runtime makes of random rasters. */
async function run(bytes: Uint8Array): Promise<{
  readonly embedding: Float32Array;
  readonly probabilities: Float32Array;
  readonly label: readonly string[];
  readonly categories: readonly string[];
}> {
  const random = seededRandom(4);
  const rasters = new Uint8Array(SKETCHES * 2 * 16 * 16);
  rasters.forEach((_, i) => (rasters[i] = random() < 0.2 ? random() * 255 : 0));
  const session = await createSession(bytes);
  const raster = new Tensor('uint8', rasters, [SKETCHES, 2, 16, 16]);
  const outputs = await session.run({ raster });
  await session.release();
  return {
    embedding: outputs['embedding']?.data as Float32Array,
    probabilities: outputs['probabilities']?.data as Float32Array,
    label: outputs['label']?.data as string[],
    categories: outputs['categories']?.data as string[],
  };
}

describe('a model as a file', () => {
  test('has the confidences and labels that the server computes', async () => {
    const model = someModel();
    const { embedding, probabilities, label, categories } = await run(modelGraph(model, {}));
    expect(categories).toEqual(NAMES);
    normalizeEmbeddings(embedding, model.center);
    const expected: string[] = [];
    for (let i = 0; i < SKETCHES; i++) {
      const row = embedding.subarray(i * SIZE, (i + 1) * SIZE);
      const scores = scoresOf(model.head, row);
      const given = probabilities.subarray(i * NAMES.length, (i + 1) * NAMES.length);
      expect(largestDifference(given, scores)).toBeLessThan(1e-5);
      expected.push(NAMES[decideLabel(model.head, row, scores) ?? -1] ?? '?');
    }
    expect(label).toEqual(expected);
    expect(label).toContain('?');
    expect(new Set(label).size).toBeGreaterThan(2);
  });

  test('always has a name where there is no rule for "?"', async () => {
    const { label } = await run(modelGraph(someModel(NEVER_UNKNOWN), {}));
    expect(label).not.toContain('?');
  });

  test('carries its metadata', () => {
    const bytes = modelGraph(someModel(), { license: 'of its own' });
    expect(new TextDecoder().decode(bytes)).toContain('of its own');
  });
});
