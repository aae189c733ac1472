import type { SketchPrediction } from '../../shared/prediction.ts';

/** The label that is shown for a sketch, and the one that is trying to replace it. */
export interface SteadyLabel {
  /** Name of the category, or null for "?". */
  readonly label: string | null;
  readonly confidence: number;
  readonly challenger: { readonly label: string | null; readonly timesAhead: number } | null;
}

/** By how much a new label must lead the shown one, and how often in a row. */
const CLEAR_LEAD = 0.1;
const TIMES_AHEAD = 2;

type Judgement = Pick<SketchPrediction, 'label' | 'scores' | 'final'>;

/**
 * The label to show after a prediction. While the pen moves, a new label must lead clearly twice
 * in a row, so that the bubble does not flicker. A final prediction is shown as it is: nothing
 * comes after it that could confirm it.
 */
export function steadyLabelAfter(shown: SteadyLabel | null, prediction: Judgement): SteadyLabel {
  const { label, final } = prediction;
  const confidence = confidenceOf(prediction, label);
  if (!shown || final || shown.label === label) return { label, confidence, challenger: null };
  const shownConfidence = confidenceOf(prediction, shown.label);
  const kept = { label: shown.label, confidence: shownConfidence };
  if (label !== null && confidence - shownConfidence < CLEAR_LEAD)
    return { ...kept, challenger: null };
  const timesAhead = shown.challenger?.label === label ? shown.challenger.timesAhead + 1 : 1;
  if (timesAhead >= TIMES_AHEAD) return { label, confidence, challenger: null };
  return { ...kept, challenger: { label, timesAhead } };
}

function confidenceOf({ scores }: Judgement, label: string | null): number {
  return scores.find((score) => score.name === label)?.confidence ?? 0;
}
