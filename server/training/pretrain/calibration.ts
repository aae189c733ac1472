/**
 * Makes confidences honest and fits the rule for "?", on random projects of pre-taught categories
 * judged on validation drawings. Half of the categories are fitted on, the other half measured.
 * Sketches of other pre-taught categories are the unknown ones.
 */
import { shuffle, type Random } from '../../../shared/random.ts';
import type { StarterDescription } from '../../inference/starter-model.ts';
import { auroc } from '../../ml/auroc.ts';
import { calibrationError, fitTemperature } from '../../ml/calibrate.ts';
import { topIndexes } from '../../ml/evaluate.ts';
import { fitUnknownRule, thresholdFor, type UnknownTrial } from '../../ml/fit-unknown.ts';
import { logitsOf, scoresOf, type Head } from '../../ml/head.ts';
import type { PreTaughtCategory } from '../../ml/head-examples.ts';
import { evidenceOf, weigh, type Evidence, type UnknownRule } from '../../ml/unknown.ts';
import {
  makeTrialProject,
  type EmbeddedDrawings,
  type TrialPlan,
  type TrialProject,
  type TrialSource,
} from './trial-project.ts';

/** As most projects begin: what temperatures are fitted on, and figures told of. */
const USUAL: TrialPlan = { categories: 20, shots: 0 };

/** Of each kind of project how many the rule for "?" is fitted on. */
const FITTED: readonly (TrialPlan & { readonly projects: number })[] = [
  { ...USUAL, projects: 6 },
  { categories: 2, shots: 0, projects: 4 },
  { categories: 5, shots: 0, projects: 4 },
  { categories: 10, shots: 0, projects: 2 },
  { categories: 50, shots: 0, projects: 2 },
  { categories: 100, shots: 0, projects: 1 },
  { categories: 5, shots: 1, projects: 3 },
  { categories: 20, shots: 1, projects: 2 },
  { categories: 5, shots: 3, projects: 3 },
  { categories: 20, shots: 3, projects: 2 },
  { categories: 5, shots: 5, projects: 3 },
  { categories: 12, shots: 10, projects: 2 },
  { categories: 20, shots: 10, projects: 2 },
];
const MEASURED = { ...USUAL, projects: 6 };
/** Of fewer categories no half is a project: they are fitted and measured on alike. */
const ENOUGH_TO_HALVE = 12;

export interface ProjectCalibration {
  readonly calibration: StarterDescription['calibration'];
  readonly figures: Readonly<Record<string, number>>;
}

/** Fits temperatures and the rule for "?", and measures them. */
export async function calibrateOnProjects(
  categories: readonly PreTaughtCategory[],
  drawings: EmbeddedDrawings,
  random: Random,
): Promise<ProjectCalibration> {
  const all = shuffle([...categories.keys()], random);
  const half = all.length < ENOUGH_TO_HALVE ? all.length : Math.floor(all.length / 2);
  const fitted: TrialProject[] = [];
  for (const { projects, ...plan } of FITTED)
    fitted.push(...(await makeProjects({ pool: all.slice(0, half) }, plan, projects)));
  const measured = await makeProjects(
    { pool: all.slice(all.length - half) },
    USUAL,
    MEASURED.projects,
  );
  const calibration = fit(fitted);
  return { calibration, figures: measure(measured, calibration) };

  async function makeProjects(
    { pool }: Pick<TrialSource, 'pool'>,
    plan: TrialPlan,
    count: number,
  ): Promise<TrialProject[]> {
    const projects: TrialProject[] = [];
    for (let i = 0; i < count; i++)
      projects.push(await makeTrialProject({ categories, drawings, pool }, plan, random));
    return projects;
  }
}

type Kind = keyof TrialProject['heads'];

function fit(projects: readonly TrialProject[]): StarterDescription['calibration'] {
  const usual = projects.filter(({ plan }) => plan.shots === 0 && plan.categories === 20);
  const temperatureOf = (kind: Kind): number =>
    fitTemperature({
      logits: usual.flatMap(({ heads, known }) =>
        known.map(({ embedding }) => logitsOf(heads[kind], embedding)),
      ),
      categoryOf: usual.flatMap(({ known }) => known.map(({ category }) => category)),
    });
  const temperatures = { means: temperatureOf('means'), trained: temperatureOf('trained') };
  const trials = projects.flatMap((project) => [
    trialOf(project, { ...project.heads.means, temperature: temperatures.means }),
    trialOf(project, { ...project.heads.trained, temperature: temperatures.trained }),
  ]);
  return {
    meansTemperature: temperatures.means,
    trainedTemperature: temperatures.trained,
    unknown: fitUnknownRule(trials),
  };
}

function trialOf({ known, unknown }: TrialProject, head: Head): UnknownTrial {
  const evidence = (embedding: Float32Array): Evidence =>
    evidenceOf(head, embedding, scoresOf(head, embedding));
  return {
    known: known.map(({ embedding }) => evidence(embedding)),
    unknown: unknown.map(evidence),
  };
}

/** On projects of other categories than were fitted on. */
function measure(
  projects: readonly TrialProject[],
  { trainedTemperature, unknown }: StarterDescription['calibration'],
): Record<string, number> {
  const categoryOf = projects.flatMap(({ known }) => known.map(({ category }) => category));
  const scores = (kind: Kind): Float32Array[] =>
    projects.flatMap(({ heads, known }) => {
      const head = { ...heads[kind], temperature: trainedTemperature };
      return known.map(({ embedding }) => scoresOf(head, embedding));
    });
  const shareRight = (rows: readonly Float32Array[]): number =>
    rows.filter((row, i) => topIndexes(row, 1)[0] === categoryOf[i]).length / rows.length;
  const trained = scores('trained');
  return {
    projectMeansTop1: shareRight(scores('means')),
    projectHeadTop1: shareRight(trained),
    projectSketches: trained.length,
    projectCalibrationError: calibrationError(trained, categoryOf),
    ...measureUnknown(
      projects.map((project) =>
        trialOf(project, { ...project.heads.trained, temperature: trainedTemperature }),
      ),
      unknown,
    ),
  };
}

/** Means over the projects; nothing where there were no sketches of other categories. */
function measureUnknown(
  trials: readonly UnknownTrial[],
  rule: UnknownRule,
): Record<string, number> {
  const sums = trials
    .filter(({ unknown }) => unknown.length > 0)
    .map(({ known, unknown }) => ({
      known: known.map((evidence) => weigh(rule, evidence)),
      unknown: unknown.map((evidence) => weigh(rule, evidence)),
    }));
  if (sums.length === 0) return {};
  const mean = (figure: (of: (typeof sums)[number]) => number): number =>
    sums.reduce((sum, project) => sum + figure(project), 0) / sums.length;
  return {
    projectUnknownAuroc: mean((of) => auroc(of.known, of.unknown)),
    projectKnownKept: mean(({ known }) => 1 - shareBelow(known, rule.threshold)),
    projectUnknownAnswered: mean(({ unknown }) => shareBelow(unknown, rule.threshold)),
    projectUnknownAt95: mean((of) => shareBelow(of.unknown, thresholdFor(of.known))),
  };
}

function shareBelow(numbers: readonly number[], threshold: number): number {
  return numbers.filter((number) => number < threshold).length / numbers.length;
}
