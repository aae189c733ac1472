import type { Layers } from '../../../shared/hyperparameters.ts';
import type { ModelMetrics, ModelVersion, PromotionReason } from '../../../shared/model-version.ts';
import { MIN_TEST_SKETCHES } from '../training-words.ts';

/** What may be trained, as people choose it. */
export const LAYER_WORDS: Readonly<
  Record<Layers, { readonly name: string; readonly about: string }>
> = {
  head: {
    name: 'Quick',
    about: 'Sorts what the network already sees into your categories. Under a second.',
  },
  last_block: {
    name: 'Last block',
    about: 'Adapts the last step of seeing to your sketches, too. Seconds to a minute.',
  },
  all: {
    name: 'Whole network',
    about: 'Adapts all of its seeing to your sketches. Up to some minutes.',
  },
  scratch: {
    name: 'From scratch',
    about:
      'Forgets all it knew and learns from your sketches alone. Slow, and wants many examples.',
  },
};

/** The name of what a version was trained with; versions of later servers may have others. */
export function layersName(layers: string): string {
  return Object.entries(LAYER_WORDS).find(([key]) => key === layers)?.[1].name ?? layers;
}

/** A fraction, 0 to 1, as people read it; a dash where there was nothing to count. */
export function share(fraction: number | null): string {
  return fraction === null ? '–' : `${Math.round(fraction * 100)}\u00a0%`;
}

/** A number with its unit: `1 sketch`, `2 sketches`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** How good a version is. */
export interface AccuracyWords {
  /** `82 %`, or null where the test sketches are too few for a figure. */
  readonly figure: string | null;
  /** On what it rests. */
  readonly basis: string;
  /** Where the true figure lies. */
  readonly interval: string | null;
  /** How it was tested, where that is not by sketches held out for good. */
  readonly method: string | null;
}

/** Puts accuracy into words, never without its n. */
export function accuracyWords(metrics: ModelMetrics): AccuracyWords {
  const { accuracy, testExamples, interval, method } = metrics;
  if (accuracy === null || testExamples === 0)
    return { figure: null, basis: 'No sketch to test on yet', interval: null, method: null };
  const right = `${Math.round(accuracy * testExamples)} of ${counted(testExamples, 'test sketch', 'test sketches')}`;
  if (testExamples < MIN_TEST_SKETCHES)
    return {
      figure: null,
      basis: `${right} right: too few to judge`,
      interval: null,
      method: methodWords(method),
    };
  return {
    figure: share(accuracy),
    basis: right,
    interval: interval
      ? `With ${testExamples} test sketches, the true figure is most likely between ${share(interval.low)} and ${share(interval.high)}.`
      : null,
    method: methodWords(method),
  };
}

function methodWords(method: ModelMetrics['method']): string | null {
  return method === 'cross_validated'
    ? 'Each sketch was judged by a model that had not learnt from it, since too few are held out for testing yet.'
    : null;
}

/** What the guard found, as a clause: `held back: …`. */
export const PROMOTION_WORDS: Readonly<Record<PromotionReason, string>> = {
  first_version: 'First version.',
  too_few_sketches: 'Live without a comparison: too few test sketches to judge.',
  not_worse: 'No worse than the one before.',
  worse_overall: 'Held back: worse on the same test sketches than the one before.',
  worse_in_a_category: 'Held back: clearly worse in one category than the one before.',
  made_again: 'Made again: it does not replace what is live.',
};

/** Whether the guard kept it from serving. */
export function isHeldBack({ promotionReason }: Pick<ModelVersion, 'promotionReason'>): boolean {
  return promotionReason === 'worse_overall' || promotionReason === 'worse_in_a_category';
}

/** A day and time. */
export function momentWords(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}

/** A span of time, rounded as people would. */
export function spanWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
