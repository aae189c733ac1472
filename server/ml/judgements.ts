/**
 * Figures of how sketches of known category were judged. A sketch counts as taken for the category
 * that scores best, also where the answer shown is "?"; how many are answered so is a figure of
 * its own.
 */
import { calibrationError } from './calibrate.ts';
import { bestIndex, rankOf } from './evaluate.ts';
import { wilsonInterval, type Interval } from './wilson.ts';

/** What a head made of a sketch. */
export interface Judgement {
  readonly exampleId: string;
  /** Index of the category that it shows. */
  readonly actual: number;
  /** Confidences of all categories, in their order. */
  readonly scores: Float32Array;
  /** Whether the answer is "?". */
  readonly isUnknown: boolean;
}

/** Fractions, 0 to 1, or null where there was nothing to count. */
export interface OverallFigures {
  readonly accuracy: number | null;
  readonly interval: Interval | null;
  /** Mean of the recalls of the categories that were judged. */
  readonly macroAccuracy: number | null;
  readonly top3: number | null;
  readonly calibrationError: number | null;
  readonly unknownShare: number | null;
}

/** Figures of all sketches together. */
export function overallFigures(
  judgements: readonly Judgement[],
  categories: number,
): OverallFigures {
  const count = judgements.length;
  const right = judgements.filter(isRight).length;
  const recalls = categoryFigures(judgements, categories).flatMap(({ recall }) => recall ?? []);
  const isAmongThree = ({ scores, actual }: Judgement): boolean => rankOf(scores, actual) < 3;
  return {
    accuracy: share(right, count),
    interval: wilsonInterval(right, count),
    macroAccuracy: share(
      recalls.reduce((sum, recall) => sum + recall, 0),
      recalls.length,
    ),
    top3: share(judgements.filter(isAmongThree).length, count),
    calibrationError: count === 0 ? null : errorOf(judgements),
    unknownShare: share(judgements.filter(({ isUnknown }) => isUnknown).length, count),
  };
}

/** The figures of one category. */
export interface CategoryFigures {
  readonly correct: number;
  /** Sketches that show it. */
  readonly sketches: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Figures of each category, in order. */
export function categoryFigures(
  judgements: readonly Judgement[],
  categories: number,
): CategoryFigures[] {
  const counts = Array.from({ length: categories }, () => ({ correct: 0, shown: 0, taken: 0 }));
  for (const judgement of judgements) {
    const [shown, taken] = [counts[judgement.actual], counts[takenFor(judgement)]];
    if (shown) shown.shown++;
    if (taken) taken.taken++;
    if (shown && shown === taken) shown.correct++;
  }
  return counts.map(({ correct, shown, taken }) => ({
    correct,
    sketches: shown,
    precision: share(correct, taken),
    recall: share(correct, shown),
    f1: shown === 0 ? null : (2 * correct) / (shown + taken),
  }));
}

/** So many sketches of one category were taken for another, or for itself. */
export interface Confused {
  readonly actual: number;
  readonly predicted: number;
  readonly exampleIds: readonly string[];
}

/** The cells of the confusion matrix that are not empty, row by row. */
export function confusedCells(judgements: readonly Judgement[], categories: number): Confused[] {
  const cells = new Map<number, string[]>();
  for (const judgement of judgements) {
    const cell = judgement.actual * categories + takenFor(judgement);
    const ids = cells.get(cell) ?? [];
    ids.push(judgement.exampleId);
    cells.set(cell, ids);
  }
  return [...cells]
    .sort(([a], [b]) => a - b)
    .map(([cell, exampleIds]) => ({
      actual: Math.floor(cell / categories),
      predicted: cell % categories,
      exampleIds,
    }));
}

/** Index of the category that scores best. */
function takenFor({ scores }: Judgement): number {
  return bestIndex(scores) ?? -1;
}

function isRight(judgement: Judgement): boolean {
  return takenFor(judgement) === judgement.actual;
}

function errorOf(judgements: readonly Judgement[]): number {
  const scores = judgements.map((judgement) => judgement.scores);
  return calibrationError(
    scores,
    judgements.map(({ actual }) => actual),
  );
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
