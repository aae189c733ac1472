import { onTestFinished } from 'vitest';
import {
  createPredictor,
  type LivePredictor,
  type PredictorOptions,
} from '../../server/inference/predictor.ts';
import type { LearningLab } from './learning-lab.ts';

/** A server of the test's own, which has nothing read yet; closed when the test is over. */
export async function openPredictor(
  { starter, blobs, stores }: LearningLab,
  options: Partial<PredictorOptions> & Pick<PredictorOptions, 'onError'>,
): Promise<LivePredictor> {
  const predictor = await createPredictor({
    ...{ starter, blobs, models: stores.modelVersions },
    ...{ categories: stores.categories, examples: stores.examples },
    ...options,
  });
  onTestFinished(() => predictor.close());
  return predictor;
}
