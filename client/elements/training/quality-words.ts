import type { ModelMetrics } from '../../../shared/model-version.ts';
import { MIN_TEST_SKETCHES } from '../training-words.ts';
import { accuracyWords, counted, share } from './model-words.ts';

/** One of the figures that tell how good a version is. */
export interface QualityFigure {
  readonly name: string;
  /** `94 %`, or a dash where there is none. */
  readonly figure: string;
  /** On what it rests, or what it means. */
  readonly basis: string;
}

/** All figures of a version; fewer test sketches than `MIN_TEST_SKETCHES` give none. */
export function qualityFigures(metrics: ModelMetrics): readonly QualityFigure[] {
  const { figure, basis } = accuracyWords(metrics);
  const others = [firstThree(metrics), confidence(metrics), unknown(metrics)];
  const isTooFew = metrics.testExamples < MIN_TEST_SKETCHES;
  return [
    { name: 'Right', figure: figure ?? share(null), basis },
    ...(isTooFew ? others.map(withoutFigure) : others),
  ];
}

function withoutFigure({ name }: QualityFigure): QualityFigure {
  return { name, figure: share(null), basis: 'Too few test sketches' };
}

function firstThree({ top3, macroAccuracy, testExamples }: ModelMetrics): QualityFigure {
  const mean =
    macroAccuracy === null ? '' : `. Mean of the categories: ${share(macroAccuracy)} right at once`;
  return {
    name: 'Among the first three',
    figure: share(top3),
    basis: `${ofSketches(testExamples)}${mean}`,
  };
}

function confidence({ calibrationError, testExamples }: ModelMetrics): QualityFigure {
  return {
    name: 'Its confidence',
    figure: calibrationError === null ? share(null) : `± ${Math.round(calibrationError * 100)}`,
    basis: calibrationWords(calibrationError, testExamples),
  };
}

function unknown({ unknownShare, testExamples }: ModelMetrics): QualityFigure {
  return {
    name: 'Answered “?”',
    figure: share(unknownShare),
    basis: `${ofSketches(testExamples)} of known things: it would rather not say`,
  };
}

/** How far the confidences can be believed. */
function calibrationWords(error: number | null, testExamples: number): string {
  if (error === null) return 'Not known yet.';
  const points = Math.round(error * 100);
  const off = `off by ${points} points on average ${ofSketches(testExamples)}`;
  if (error <= 0.05) return `When it says 80\u00a0%, it is right about 8 times in 10 (${off}).`;
  if (error <= 0.12) return `Roughly right (${off}).`;
  return `Better not taken at its word (${off}).`;
}

function ofSketches(testExamples: number): string {
  return `of ${counted(testExamples, 'test sketch', 'test sketches')}`;
}
