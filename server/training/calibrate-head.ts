/**
 * Makes a head's confidences honest and its "?" fit: temperature scaling on the validation split
 * (Guo and others 2017), and the threshold that 95 % of its sketches stay above. Neither is ever
 * fitted on the test split.
 */
import type { StarterModel } from '../inference/starter-model.ts';
import { fitTemperature } from '../ml/calibrate.ts';
import { thresholdFor } from '../ml/fit-unknown.ts';
import { logitsOf, scoresOf, type Head } from '../ml/head.ts';
import { evidenceOf, weigh } from '../ml/unknown.ts';
import type { HeadDataset } from './head-dataset.ts';

/** From so many validation sketches on a project's own figures count alone. */
const ENOUGH_VALIDATION = 50;

interface ValidationSketch {
  readonly embedding: Float32Array;
  readonly category: number;
}

/**
 * The trained head with temperature and rule for "?". Below 50 validation sketches they are shrunk
 * towards the starter model's: with n of them the project's own count n in 50.
 */
export function calibrateHead(
  dataset: HeadDataset,
  head: Head,
  starter: StarterModel['calibration'],
): Head {
  const sketches = validationOf(dataset);
  const usual = { ...head, temperature: starter.trainedTemperature, unknown: starter.unknown };
  if (sketches.length === 0) return usual;
  const own = Math.min(1, sketches.length / ENOUGH_VALIDATION);
  const calibrated = { ...usual, temperature: temperatureOf(usual, sketches, own) };
  const sums = sketches.map(({ embedding }) => {
    const scores = scoresOf(calibrated, embedding);
    return weigh(starter.unknown, evidenceOf(calibrated, embedding, scores));
  });
  const threshold = own * thresholdFor(sums) + (1 - own) * starter.unknown.threshold;
  return { ...calibrated, unknown: { ...starter.unknown, threshold } };
}

function validationOf({ categories, examples, embeddingSize }: HeadDataset): ValidationSketch[] {
  const places = new Map(categories.map(({ id }, place) => [id, place]));
  return examples
    .filter(({ split }) => split === 'validation')
    .map(({ categoryId, embeddings }) => ({
      embedding: embeddings.subarray(0, embeddingSize),
      category: places.get(categoryId) ?? 0,
    }));
}

/** Between the starter model's (`own` 0) and the one that fits the sketches best (`own` 1). */
function temperatureOf(usual: Head, sketches: readonly ValidationSketch[], own: number): number {
  const { temperature } = usual;
  const fitted = fitTemperature({
    logits: sketches.map(({ embedding }) => logitsOf(usual, embedding)),
    categoryOf: sketches.map(({ category }) => category),
    usual: temperature,
  });
  return temperature * (fitted / temperature) ** own;
}
