/**
 * Entry of `npm run pretrain`: trains the starter model again from a folder of Quick Draw ndjson.
 * `--blocks "32/2 64/2 64"` is the network over the image and `--path` that along the pen's path, of
 * which either may be `none`. `--from` begins with the weights of a written model, which may be
 * smaller, and `--path-from` joins to it the branch of another one, trained with `--blocks none`.
 * `--teacher` lets a written model have a say in the targets, `--beginnings 0.3` shows that share of
 * the drawings unfinished, `--resume` goes on from the last checkpoint, `--minutes 0` writes the model
 * as it is, `--threads 2` takes a second core, and `--recalibrate` fits the calibration of a written
 * model again.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RASTER_PIXELS } from '../../../shared/limits.ts';
import { loadStarterModel, type StarterModel } from '../../inference/starter-model.ts';
import { DEFAULT_AUGMENTATION } from '../../ml/augment.ts';
import { growNetwork } from '../../ml/grow-network.ts';
import { joinBranches } from '../../ml/join-branches.ts';
import { initialState, type Network, type NetworkState } from '../../ml/network.ts';
import type { TrainingDevice } from '../device/training-device.ts';
import { parseBlocks } from './blocks.ts';
import { readDrawings, type DrawingFolder } from './drawings.ts';
import { averaged, figuresOf, inWords } from './figures.ts';
import { ProgressBar } from './progress-bar.ts';
import { pretrain, type PretrainProgress } from './pretraining.ts';
import { recalibrate } from './recalibrate.ts';
import { writeStarterModel } from './starter-writer.ts';
import { Teacher } from './teacher.ts';

/** Together 16.5 million multiplications a sketch, 3.9 MB of weights that are served. */
const BLOCKS = '32/2 64/2 64 128/2 128 128 256/2';
const PATH_BLOCKS = '48 48 96/2 96 96 192/2 192';
const EVALUATE_EVERY_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    prefix: { type: 'string', default: '' },
    'per-category': { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    'learning-rate': { type: 'string', default: '0.003' },
    beginnings: { type: 'string', default: String(DEFAULT_AUGMENTATION.prefixChance) },
    out: { type: 'string', default: 'models/starter' },
    checkpoint: { type: 'string', default: 'data/pretrain' },
    blocks: { type: 'string', default: BLOCKS },
    path: { type: 'string', default: PATH_BLOCKS },
    from: { type: 'string' },
    'path-from': { type: 'string' },
    teacher: { type: 'string' },
    resume: { type: 'boolean', default: false },
    recalibrate: { type: 'boolean', default: false },
  },
});

const now = (): number => performance.now();
const bar = new ProgressBar(process.stdout, now);

type NumberOption = 'learning-rate' | 'per-category' | 'seed' | 'threads';

function numberOf(option: NumberOption): number {
  const number = Number(values[option]);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${option} needs a number above 0.`);
}

function minutesOf(): number {
  const minutes = Number(values.minutes);
  if (Number.isFinite(minutes) && minutes >= 0) return minutes;
  throw new Error('--minutes needs a number, 0 to write the model without training.');
}

function shareOf(option: 'beginnings'): number {
  const share = Number(values[option]);
  if (share >= 0 && share <= 1) return share;
  throw new Error(`--${option} needs a number from 0 to 1.`);
}

async function main(): Promise<void> {
  if (!values.data) throw new Error('Name a folder of Quick Draw ndjson: --data <folder>');
  const perCategory = numberOf('per-category');
  const folder = await readDrawings(values.data, { prefix: values.prefix, perCategory });
  const { names, training, validation } = folder;
  bar.say(`${names.length} categories, ${training.count} + ${validation.count} drawings`);
  if (values.recalibrate) {
    const figures = await recalibrate(path.resolve(values.out), validation, numberOf('seed'));
    for (const [figure, value] of Object.entries(figures)) bar.say(`${figure} ${value.toFixed(3)}`);
    return;
  }
  await train(folder);
}

/** Trains, or takes the checkpoint as it is, and writes the model. */
async function train(folder: DrawingFolder): Promise<void> {
  const { names, training } = folder;
  const pathBlocks = parseBlocks(values.path);
  const network: Network = {
    ...{ pixels: RASTER_PIXELS, planes: pathBlocks.length > 0 ? 7 : 6, pathBlocks },
    ...{ blocks: parseBlocks(values.blocks), categories: names.length },
  };
  const budgetMs = minutesOf() * 60_000;
  const teacher = await teacherOf(network, names);
  const checkpoint = await pretrain({
    ...{ folder, network, budgetMs, now },
    start: await startOf(network, names),
    teacher,
    learningRate: numberOf('learning-rate'),
    augmentation: { ...DEFAULT_AUGMENTATION, prefixChance: shareOf('beginnings') },
    seed: numberOf('seed'),
    device: deviceOf(numberOf('threads')),
    checkpointFolder: values.checkpoint,
    resume: values.resume,
    onStep: ({ elapsedMs, loss }) => bar.draw(elapsedMs / budgetMs, `loss ${loss.toFixed(3)}`),
    onProgress: reporter(folder, budgetMs),
  });
  await teacher?.close();
  if (checkpoint.state.step === 0 && values.from === undefined)
    throw new Error('Nothing is trained yet: give it --minutes, or name a model with --from.');
  const figures = await figuresOf(folder, checkpoint);
  await writeStarterModel(path.resolve(values.out), {
    folder,
    network: checkpoint.network,
    state: averaged(checkpoint),
    seed: checkpoint.seed,
    figures: {
      ...figures,
      trainingDrawings: training.count,
      minutes: checkpoint.elapsedMs / 60_000,
    },
  });
  bar.say(`${inWords(figures)}: written to ${values.out}`);
}

/** Threads that wait awake give 1.7 times the speed of one, for the price of a second core. */
function deviceOf(threads: number): TrainingDevice {
  return { provider: 'cpu', threads, spinning: threads > 1 };
}

/** Random weights, or those of `--from`, with the branch of `--path-from` joined to it. */
async function startOf(network: Network, names: readonly string[]): Promise<NetworkState> {
  if (values.from === undefined) {
    if (values['path-from'] !== undefined)
      throw new Error('--path-from is joined to a model over the image: name that with --from.');
    return initialState(network, numberOf('seed'));
  }
  const from = await modelOf('from', values.from, names);
  if (values['path-from'] === undefined) return growNetwork(from, network);
  const path = await modelOf('path-from', values['path-from'], names);
  return growNetwork(joinBranches(path, from), network);
}

async function teacherOf({ planes }: Network, names: readonly string[]): Promise<Teacher | null> {
  if (values.teacher === undefined) return null;
  const { network, state } = await modelOf('teacher', values.teacher, names);
  if (network.planes > planes)
    throw new Error(`The teacher sees ${network.planes} planes of a sketch, more than ${planes}.`);
  return Teacher.create(network, state);
}

/** The written model that an option names; throws if it knows other categories. */
async function modelOf(
  option: string,
  folder: string,
  names: readonly string[],
): Promise<StarterModel> {
  const model = await loadStarterModel(path.resolve(folder));
  if ([...model.preTaught.keys()].join() === names.join()) return model;
  throw new Error(`The model of --${option} was trained on other categories.`);
}

/** Says a line at each checkpoint, with the figures every five minutes and at the end. */
function reporter(
  folder: DrawingFolder,
  budgetMs: number,
): (progress: PretrainProgress) => Promise<void> {
  let evaluatedAt = 0;
  return async ({ elapsedMs, step, epochs, loss, examplesPerSecond, checkpoint }) => {
    const minutes = (elapsedMs / 60_000).toFixed(1);
    let line = `${minutes}/${values.minutes} min  step ${step}  epoch ${epochs.toFixed(1)}`;
    line += `  loss ${loss.toFixed(3)}  ${examplesPerSecond.toFixed(0)} examples/s`;
    if (elapsedMs - evaluatedAt >= EVALUATE_EVERY_MS || elapsedMs >= budgetMs) {
      evaluatedAt = elapsedMs;
      line += `  ${inWords(await figuresOf(folder, checkpoint))}`;
    }
    bar.say(line);
  };
}

await main();
