/**
 * The guard: whether a newly trained version replaces the served one. Both have judged the same
 * sketches, which neither was trained on, of the categories that both know.
 */
import type { PromotionReason } from '../../shared/model-version.ts';
import { ENOUGH_HELD_OUT } from './held-out.ts';

export interface PairedOutcome {
  readonly categoryId: string;
  readonly isCandidateRight: boolean;
  readonly isCurrentRight: boolean;
}

export interface PromotionVerdict {
  readonly promote: boolean;
  readonly reason: PromotionReason;
}

const ENOUGH_OF_A_CATEGORY = 20;
const TOLERATED_FALL = 0.01;
const TOLERATED_FALL_OF_A_CATEGORY = 0.05;

/**
 * Null where nothing is served yet: the first version is always promoted. A version is held back if
 * one category of 20 sketches or more falls by more than 5 points, or if macro accuracy falls by
 * more than a point and by more than its standard error.
 */
export function decidePromotion(outcomes: readonly PairedOutcome[] | null): PromotionVerdict {
  if (outcomes === null) return { promote: true, reason: 'first_version' };
  if (outcomes.length < ENOUGH_HELD_OUT) return { promote: true, reason: 'too_few_sketches' };
  const categories = byCategory(outcomes);
  const isOneWorse = categories.some(
    (gains) =>
      gains.length >= ENOUGH_OF_A_CATEGORY && -meanOf(gains) > TOLERATED_FALL_OF_A_CATEGORY,
  );
  if (isOneWorse) return { promote: false, reason: 'worse_in_a_category' };
  const { fall, standardError } = macroFall(categories);
  if (fall > TOLERATED_FALL && fall > standardError)
    return { promote: false, reason: 'worse_overall' };
  return { promote: true, reason: 'not_worse' };
}

/** For each category the gain of each of its sketches. */
function byCategory(outcomes: readonly PairedOutcome[]): number[][] {
  const gains = new Map<string, number[]>();
  for (const outcome of outcomes) {
    const ofCategory = gains.get(outcome.categoryId) ?? [];
    ofCategory.push(gainOf(outcome));
    gains.set(outcome.categoryId, ofCategory);
  }
  return [...gains.values()];
}

/** 1 where only the candidate is right, -1 where only the current version is. */
function gainOf({ isCandidateRight, isCurrentRight }: PairedOutcome): number {
  return Number(isCandidateRight) - Number(isCurrentRight);
}

/**
 * By how much macro accuracy falls from the current version to the candidate: the mean over the
 * categories of their mean loss. In it a sketch weighs 1 / (categories x sketches of its category),
 * and with these weights its distance from the mean adds to the standard error.
 */
function macroFall(categories: readonly (readonly number[])[]): {
  readonly fall: number;
  readonly standardError: number;
} {
  const fall = -meanOf(categories.map(meanOf));
  const variance = categories.reduce((sum, gains) => {
    const weight = 1 / (categories.length * gains.length);
    return gains.reduce((part, gain) => part + (weight * (-gain - fall)) ** 2, sum);
  }, 0);
  return { fall, standardError: Math.sqrt(variance) };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}
