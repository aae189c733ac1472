/**
 * The guard: whether a newly trained version replaces the served one. Both have judged the same
 * sketches, which neither was trained on, of the categories that both know.
 */
export interface PairedOutcome {
  readonly categoryId: string;
  readonly isCandidateRight: boolean;
  readonly isCurrentRight: boolean;
}

export interface PromotionVerdict {
  readonly promote: boolean;
  readonly reason:
    'first_version' | 'too_few_sketches' | 'not_worse' | 'worse_overall' | 'worse_in_a_category';
}

const ENOUGH_SKETCHES = 50;
const ENOUGH_OF_A_CATEGORY = 20;
const TOLERATED_FALL = 0.01;
const TOLERATED_FALL_OF_A_CATEGORY = 0.05;

/** Null where nothing is served yet: the first version is always promoted. */
export function decidePromotion(outcomes: readonly PairedOutcome[] | null): PromotionVerdict {
  if (outcomes === null) return { promote: true, reason: 'first_version' };
  if (outcomes.length < ENOUGH_SKETCHES) return { promote: true, reason: 'too_few_sketches' };
  const categories = byCategory(outcomes);
  const isOneWorse = categories.some(
    (category) =>
      category.length >= ENOUGH_OF_A_CATEGORY &&
      -meanOf(category.map(gainOf)) > TOLERATED_FALL_OF_A_CATEGORY,
  );
  if (isOneWorse) return { promote: false, reason: 'worse_in_a_category' };
  const macroGain = meanOf(categories.map((category) => meanOf(category.map(gainOf))));
  const isCertain = -meanOf(outcomes.map(gainOf)) > standardError(outcomes.map(gainOf));
  if (-macroGain > TOLERATED_FALL && isCertain) return { promote: false, reason: 'worse_overall' };
  return { promote: true, reason: 'not_worse' };
}

function byCategory(outcomes: readonly PairedOutcome[]): PairedOutcome[][] {
  const ids = new Set(outcomes.map(({ categoryId }) => categoryId));
  return [...ids].map((id) => outcomes.filter(({ categoryId }) => categoryId === id));
}

/** 1 where only the candidate is right, -1 where only the current version is. */
function gainOf({ isCandidateRight, isCurrentRight }: PairedOutcome): number {
  return Number(isCandidateRight) - Number(isCurrentRight);
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

function standardError(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  const variance = meanOf(numbers.map((n) => (n - mean) ** 2));
  return Math.sqrt(variance / numbers.length);
}
