import { describe, expect, test } from 'vitest';
import { gaussian, seededRandom } from '../../shared/random.ts';
import type { StarterModel } from '../inference/starter-model.ts';
import type { EmbeddedExample } from '../domain/ports.ts';
import { normalizeEmbeddings } from '../ml/embedding.ts';
import { classMeansHead, scoresOf } from '../ml/head.ts';
import { decideLabel } from '../ml/unknown.ts';
import { calibrateHead } from './calibrate-head.ts';
import type { HeadDataset } from './head-dataset.ts';

const CALIBRATION: StarterModel['calibration'] = {
  meansTemperature: 0.6,
  trainedTemperature: 0.7,
  unknown: { cosine: 5, logit: 0, confidence: 0, categories: 0, fewness: 0, threshold: 2 },
};
const CATEGORIES = ['right', 'up'].map((id) => ({ id, name: id, own: [], preTaught: null }));
const HEAD = classMeansHead([Float32Array.of(1, 0, 0), Float32Array.of(0, 1, 0)]);

/** So many validation sketches, scattered around the two categories. */
function datasetOf(sketches: number, split: EmbeddedExample['split'] = 'validation'): HeadDataset {
  const random = seededRandom(3);
  const examples = Array.from({ length: sketches }, (_, i): EmbeddedExample => {
    const noise = (): number => 0.7 * gaussian(random);
    const numbers = Float32Array.of(noise(), noise(), noise());
    numbers[i % 2] = (numbers[i % 2] ?? 0) + 1;
    return {
      ...{ exampleId: String(i), categoryId: i % 2 === 0 ? 'right' : 'up', split },
      embeddings: normalizeEmbeddings(numbers, new Float32Array(3)),
    };
  });
  return { embeddingSize: 3, categories: CATEGORIES, examples, withoutEmbedding: 0 };
}

describe('the calibration of a trained head', () => {
  test('is the starter model’s while nothing validates, however much tests', () => {
    for (const dataset of [datasetOf(0), datasetOf(200, 'test'), datasetOf(200, 'train')]) {
      const { temperature, unknown } = calibrateHead(dataset, HEAD, CALIBRATION);
      expect(temperature).toBe(CALIBRATION.trainedTemperature);
      expect(unknown).toEqual(CALIBRATION.unknown);
    }
  });

  test('keeps 95 % of the validation sketches from 50 on', () => {
    const dataset = datasetOf(200);
    const head = calibrateHead(dataset, HEAD, CALIBRATION);
    const kept = dataset.examples.filter(
      ({ embeddings }) => decideLabel(head, embeddings, scoresOf(head, embeddings)) !== null,
    );
    expect(kept).toHaveLength(190);
  });

  test('moves from the starter model’s to its own as sketches come in', () => {
    const temperatures = [0, 10, 25, 50].map(
      (sketches) => calibrateHead(datasetOf(sketches), HEAD, CALIBRATION).temperature,
    );
    // These sketches lie so far apart that confidences must be lower than usual.
    expect(temperatures).toEqual([...temperatures].sort((a, b) => a - b));
    expect(temperatures.at(-1)).toBeGreaterThan(1.5);
    const [none = 0, few = 0] = temperatures;
    expect(few - none).toBeLessThan(0.3);
  });
});
