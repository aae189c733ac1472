/**
 * How well "?" keeps what is of no category apart, and how honest confidences are: 20 random
 * pre-taught categories as known (drawings kept from the starter model), the 12 that it was never
 * taught as unknown, mean of 10 seeds. Run alone: `node --import tsx bench/unknown.ts`, with the
 * folder of drawings in SKETCH_DATA.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Backbone } from '../server/inference/backbone.ts';
import { loadStarterModel, type StarterModel } from '../server/inference/starter-model.ts';
import { auroc } from '../server/ml/auroc.ts';
import { calibrationError } from '../server/ml/calibrate.ts';
import { bestIndex } from '../server/ml/evaluate.ts';
import { thresholdFor } from '../server/ml/fit-unknown.ts';
import { classMeansHead, scoresOf, type Head } from '../server/ml/head.ts';
import { headExamples } from '../server/ml/head-examples.ts';
import { decideLabel, evidenceOf, weigh } from '../server/ml/unknown.ts';
import { trainHead } from '../server/training/train-head.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import { readDrawings, type SketchStrokes } from '../test/support/sketch-source.ts';
import { round } from './percentiles.ts';
import { OTHER_SCORES, type ScoredProject } from './unknown-scores.ts';

/** Means over the seeds; shares from 0 to 1. */
export interface UnknownFigures {
  readonly auroc: number;
  /** Share of the unknown answered "?" at the threshold that keeps exactly 95 % of the known. */
  readonly answeredAt95: number;
  /** With the threshold that ships. */
  readonly knownKept: number;
  readonly unknownAnswered: number;
  readonly accuracy: number;
  /** Over the known drawings of all seeds together. */
  readonly calibrationError: number;
  readonly knownDrawings: number;
  /** Of the decision alone, the scores being there. */
  readonly microseconds: number;
}

export interface UnknownReport {
  readonly classMeans: UnknownFigures;
  readonly trainedHead: UnknownFigures;
  /** What other numbers would give, AUROC and share answered at 95 % kept, on the trained head. */
  readonly otherScores: Readonly<Record<string, readonly [auroc: number, answeredAt95: number]>>;
}

const KNOWN_CATEGORIES = 20;
const SEEDS = 10;
const TIMED_ROUNDS = 20;

interface EmbeddedFolder {
  readonly starter: StarterModel;
  readonly known: ReadonlyMap<string, readonly Float32Array[]>;
  readonly unknown: readonly Float32Array[];
}

interface JudgedProject extends ScoredProject {
  readonly categoryOf: readonly number[];
}

/** Null where there is no folder of drawings. */
export async function measureUnknown(folder: string | undefined): Promise<UnknownReport | null> {
  if (!folder) return null;
  const embedded = await embedFolder(folder);
  const projects: Record<'means' | 'trained', JudgedProject[]> = { means: [], trained: [] };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { means, trained } = await judgeProject(embedded, seed);
    projects.means.push(means);
    projects.trained.push(trained);
  }
  const others = Object.entries(OTHER_SCORES).map(([name, score]) => {
    const parted = projects.trained.map((project) => score(project, embedded.starter));
    return [name, [mean(parted, separation), mean(parted, answeredAt95)] as const] as const;
  });
  return {
    classMeans: figuresOf(projects.means),
    trainedHead: figuresOf(projects.trained),
    otherScores: Object.fromEntries(others),
  };
}

async function embedFolder(folder: string): Promise<EmbeddedFolder> {
  const starter = await loadStarterModel(join(PROJECT_ROOT, 'models/starter'));
  const backbone = await Backbone.open(starter);
  const embed = (sketches: readonly SketchStrokes[]): Promise<Float32Array[]> =>
    backbone.embedSketches(
      sketches.map((strokes) => strokes.map(([xs = [], ys = []]) => [xs, ys])),
    );
  const known = new Map<string, Float32Array[]>();
  for (const [name, sketches] of readDrawings(join(folder, 'qd-pretrain-val.ndjson.gz')))
    known.set(name, await embed(sketches));
  const never = readDrawings(join(folder, 'ci-fixture.ndjson.gz'));
  const unknown = await embed([...never.values()].flat());
  await backbone.close();
  return { starter, known, unknown };
}

/** The same project with both heads, judged on what it knows and what it does not. */
async function judgeProject(
  { starter, known, unknown }: EmbeddedFolder,
  seed: number,
): Promise<Record<'means' | 'trained', JudgedProject>> {
  const names = shuffle([...starter.preTaught.keys()], seededRandom(seed)).slice(
    0,
    KNOWN_CATEGORIES,
  );
  const taught = names.map((name) => ({ own: [], preTaught: starter.preTaught.get(name) ?? null }));
  const examples = headExamples(taught, starter.embeddingSize);
  const { means, support } = examples;
  const { meansTemperature, trainedTemperature, unknown: rule } = starter.calibration;
  const trained = await trainHead({ ...examples, temperature: trainedTemperature });
  const drawings = names.flatMap((name, category) =>
    (known.get(name) ?? []).map((embedding) => ({ embedding, category })),
  );
  const judged = (head: Head): JudgedProject => ({
    ...{ head, names, unknown },
    known: drawings.map(({ embedding }) => embedding),
    categoryOf: drawings.map(({ category }) => category),
  });
  return {
    means: judged(classMeansHead(means, meansTemperature, { support, unknown: rule })),
    trained: judged({ ...trained, unknown: rule }),
  };
}

function figuresOf(projects: readonly JudgedProject[]): UnknownFigures {
  const sums = projects.map(({ head, known, unknown }) => ({
    known: known.map((embedding) => sumOf(head, embedding)),
    unknown: unknown.map((embedding) => sumOf(head, embedding)),
    threshold: head.unknown.threshold,
  }));
  const scores = projects.flatMap(({ head, known }) => known.map((row) => scoresOf(head, row)));
  const categoryOf = projects.flatMap((project) => project.categoryOf);
  const right = scores.filter((row, i) => bestIndex(row) === categoryOf[i]).length;
  return {
    auroc: mean(sums, separation),
    answeredAt95: mean(sums, answeredAt95),
    knownKept: mean(sums, ({ known, threshold }) => 1 - shareBelow(known, threshold)),
    unknownAnswered: mean(sums, ({ unknown, threshold }) => shareBelow(unknown, threshold)),
    accuracy: right / scores.length,
    calibrationError: calibrationError(scores, categoryOf),
    knownDrawings: scores.length,
    microseconds: timeOf(projects),
  };
}

function sumOf(head: Head, embedding: Float32Array): number {
  return weigh(head.unknown, evidenceOf(head, embedding, scoresOf(head, embedding)));
}

/** Median over rounds of a decision's mean time. */
function timeOf([project]: readonly JudgedProject[]): number {
  if (!project) return 0;
  const { head, known } = project;
  const scores = known.map((embedding) => scoresOf(head, embedding));
  const times = Array.from({ length: TIMED_ROUNDS }, () => {
    const begin = performance.now();
    known.forEach((embedding, i) => decideLabel(head, embedding, scores[i] ?? []));
    return ((performance.now() - begin) * 1_000) / known.length;
  });
  return round(times.sort((a, b) => a - b)[TIMED_ROUNDS / 2] ?? 0);
}

interface Parted {
  readonly known: readonly number[];
  readonly unknown: readonly number[];
}

function separation({ known, unknown }: Parted): number {
  return auroc(known, unknown);
}

function answeredAt95({ known, unknown }: Parted): number {
  return shareBelow(unknown, thresholdFor(known));
}

function shareBelow(numbers: readonly number[], threshold: number): number {
  return numbers.filter((number) => number < threshold).length / numbers.length;
}

function mean<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, item) => sum + figure(item), 0) / items.length;
}

async function main(): Promise<void> {
  const report = await measureUnknown(process.env['SKETCH_DATA']);
  if (!report) {
    console.log('Name a folder of drawings in SKETCH_DATA to measure "?".');
    return;
  }
  const { otherScores, ...heads } = report;
  console.table(heads);
  console.table(
    Object.fromEntries(
      Object.entries(otherScores).map(([name, [area, at95]]) => [name, { auroc: area, at95 }]),
    ),
  );
  console.log(JSON.stringify({ bench: 'unknown', ...report }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
