import type { NetworkState } from '../../ml/network.ts';
import type { PretrainCheckpoint } from './checkpoint.ts';
import { Classifier } from './classifier.ts';
import type { DrawingFolder } from './drawings.ts';
import { evaluateDrawings, firstHalf } from './embed-drawings.ts';

/** Fractions right on the validation drawings, whole ones and first halves of their points. */
export interface PretrainFigures {
  readonly top1: number;
  readonly top3: number;
  readonly half1: number;
  readonly half3: number;
  readonly sketches: number;
}

/** The averaged weights, which are better than those of any one step. */
export function averaged(checkpoint: PretrainCheckpoint): NetworkState {
  return { weights: checkpoint.averageWeights, statistics: checkpoint.averageStatistics };
}

/** How good a checkpoint is, with the head of all categories. */
export async function figuresOf(
  folder: DrawingFolder,
  checkpoint: PretrainCheckpoint,
): Promise<PretrainFigures> {
  const classifier = await Classifier.create(checkpoint.network, averaged(checkpoint));
  const whole = await evaluateDrawings(classifier, folder.validation);
  const half = await evaluateDrawings(classifier, folder.validation, firstHalf);
  await classifier.close();
  const { top1, top3, sketches } = whole;
  return { top1, top3, half1: half.top1, half3: half.top3, sketches };
}

/** For people. */
export function inWords({ top1, top3, half1, half3 }: PretrainFigures): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const halves = `first halves ${percent(half1)} ${percent(half3)}`;
  return `top-1 ${percent(top1)} top-3 ${percent(top3)}  ${halves}`;
}
