/**
 * Makes confidences honest, and measures how a project fares that has only what ships: random
 * projects of 20 pre-taught categories, judged on drawings that neither the backbone nor the
 * heads have seen. Half of the projects are fitted on, the other half measured.
 */
import { shuffle, type Random } from '../../../shared/random.ts';
import type { StarterDescription } from '../../inference/starter-model.ts';
import { calibrationError, fitTemperature } from '../../ml/calibrate.ts';
import { topIndexes } from '../../ml/evaluate.ts';
import { classMeansHead, logitsOf, softmax, type Head } from '../../ml/head.ts';
import { headExamples, type PreTaughtCategory } from '../../ml/head-examples.ts';
import { trainHead } from '../train-head.ts';

const PROJECT_CATEGORIES = 20;
const PROJECTS = 10;
/** Share of sketches of known categories that may be answered with "?". */
const MISTAKEN_FOR_UNKNOWN = 0.05;

export interface EmbeddedDrawings {
  readonly embeddings: Float32Array;
  readonly categoryOf: Int32Array;
}

export interface ProjectCalibration {
  readonly calibration: StarterDescription['calibration'];
  readonly figures: Readonly<Record<string, number>>;
}

/** Fits temperatures and the threshold for "?", and measures them. */
export async function calibrateOnProjects(
  categories: readonly PreTaughtCategory[],
  drawings: EmbeddedDrawings,
  random: Random,
): Promise<ProjectCalibration> {
  const fitted = { means: new JudgedSketches(), trained: new JudgedSketches() };
  const measured = { means: new JudgedSketches(), trained: new JudgedSketches() };
  for (let i = 0; i < PROJECTS; i++) {
    const { means, trained } = i % 2 === 0 ? fitted : measured;
    const indexes = shuffle([...categories.keys()], random).slice(0, PROJECT_CATEGORIES);
    const chosen = indexes.flatMap((index) => categories[index] ?? []);
    means.judge(classMeansHead(chosen.map(({ mean }) => mean)), indexes, drawings);
    trained.judge(await priorHead(chosen), indexes, drawings);
  }
  const meansTemperature = fitTemperature(fitted.means);
  const trainedTemperature = fitTemperature(fitted.trained);
  const confidences = fitted.trained.confidencesAt(trainedTemperature).sort((a, b) => a - b);
  const unknownThreshold = confidences[Math.floor(confidences.length * MISTAKEN_FOR_UNKNOWN)] ?? 0;
  return {
    calibration: { meansTemperature, trainedTemperature, unknownThreshold },
    figures: {
      projectMeansTop1: measured.means.accuracy(),
      projectHeadTop1: measured.trained.accuracy(),
      projectSketches: measured.trained.logits.length,
      projectCalibrationError: measured.trained.errorAt(trainedTemperature),
    },
  };
}

/** The head of a project that has no examples of its own: trained on the shipped embeddings. */
async function priorHead(categories: readonly PreTaughtCategory[]): Promise<Head> {
  const size = categories[0]?.mean.length ?? 1;
  const known = categories.map((preTaught) => ({ own: [], preTaught }));
  return trainHead(headExamples(known, size));
}

/** Sketches with a head's logits and the category they really have. */
class JudgedSketches {
  readonly logits: Float32Array[] = [];
  readonly categoryOf: number[] = [];

  /** Adds all drawings whose category is among those of the head (`indexes`, in its order). */
  judge(
    head: Head,
    indexes: readonly number[],
    { embeddings, categoryOf }: EmbeddedDrawings,
  ): void {
    const size = embeddings.length / categoryOf.length;
    categoryOf.forEach((category, i) => {
      const own = indexes.indexOf(category);
      if (own < 0) return;
      this.logits.push(logitsOf(head, embeddings.subarray(i * size, (i + 1) * size)));
      this.categoryOf.push(own);
    });
  }

  accuracy(): number {
    const right = this.logits.filter((row, i) => topIndexes(row, 1)[0] === this.categoryOf[i]);
    return right.length / this.logits.length;
  }

  /** Confidence of each sketch's best category. */
  confidencesAt(temperature: number): number[] {
    return this.#scoresAt(temperature).map((scores) => Math.max(...scores));
  }

  errorAt(temperature: number): number {
    return calibrationError(this.#scoresAt(temperature), this.categoryOf);
  }

  #scoresAt(temperature: number): Float32Array[] {
    return this.logits.map((row) => softmax(row.slice(), temperature));
  }
}
