/**
 * Entry of `npm run pretrain`: trains the starter model again from a folder of Quick Draw ndjson.
 * `--resume` goes on from the last checkpoint, `--export-only` just writes the model of it.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RASTER_PIXELS } from '../../../shared/limits.ts';
import { Embedder } from '../../inference/embedder.ts';
import { servingGraph } from '../../ml/serving-graph.ts';
import type { Block, NetworkState } from '../../ml/network.ts';
import type { PretrainCheckpoint } from './checkpoint.ts';
import { readDrawings, type DrawingFolder } from './drawings.ts';
import { evaluateDrawings } from './embed-drawings.ts';
import { pretrain, type PretrainProgress } from './pretraining.ts';
import { writeStarterModel } from './starter-writer.ts';

const BLOCKS: readonly Block[] = [
  { channels: 32, stride: 2 },
  { channels: 64, stride: 2 },
  { channels: 128, stride: 2 },
  { channels: 128, stride: 1 },
  { channels: 256, stride: 2 },
];
const EVALUATE_EVERY_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    prefix: { type: 'string', default: '' },
    'per-category': { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'models/starter' },
    checkpoint: { type: 'string', default: 'data/pretrain' },
    resume: { type: 'boolean', default: false },
    'export-only': { type: 'boolean', default: false },
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The averaged weights, which are better than those of any one step. */
function averaged(checkpoint: PretrainCheckpoint): NetworkState {
  return { weights: checkpoint.averageWeights, statistics: checkpoint.averageStatistics };
}

async function figuresOf(
  folder: DrawingFolder,
  checkpoint: PretrainCheckpoint,
): Promise<{ top1: number; top3: number; half1: number; half3: number; sketches: number }> {
  const { network } = checkpoint;
  const state = averaged(checkpoint);
  const embedder = await Embedder.create(servingGraph(network, state));
  const whole = await evaluateDrawings({ network, state, embedder }, folder.validation);
  const half = await evaluateDrawings({ network, state, embedder }, folder.validation, 0.5);
  await embedder.close();
  const { top1, top3, sketches } = whole;
  return { top1, top3, half1: half.top1, half3: half.top3, sketches };
}

function numberOf(option: 'minutes' | 'per-category' | 'seed'): number {
  const number = Number(values[option]);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${option} needs a number above 0.`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function main(): Promise<void> {
  if (!values.data) throw new Error('Name a folder of Quick Draw ndjson: --data <folder>');
  const budgetMs = numberOf('minutes') * 60_000;
  const perCategory = numberOf('per-category');
  const folder = await readDrawings(values.data, { prefix: values.prefix, perCategory });
  const { names, training, validation } = folder;
  say(`${names.length} categories, ${training.count} + ${validation.count} drawings`);
  let evaluatedAt = 0;
  const onProgress = async (progress: PretrainProgress): Promise<void> => {
    const { elapsedMs, loss, epochs, examplesPerSecond, checkpoint } = progress;
    const minutes = (elapsedMs / 60_000).toFixed(1);
    let line = `${minutes}/${values.minutes} min  step ${progress.step}  epoch ${epochs.toFixed(1)}`;
    line += `  loss ${loss.toFixed(3)}  ${examplesPerSecond.toFixed(0)} examples/s`;
    if (elapsedMs - evaluatedAt >= EVALUATE_EVERY_MS || elapsedMs >= budgetMs) {
      evaluatedAt = elapsedMs;
      const { top1, top3, half1, half3 } = await figuresOf(folder, checkpoint);
      line += `  top-1 ${percent(top1)} top-3 ${percent(top3)}`;
      line += `  first halves ${percent(half1)} ${percent(half3)}`;
    }
    say(line);
  };
  const checkpoint = await pretrain({
    folder,
    network: { pixels: RASTER_PIXELS, planes: 1, blocks: BLOCKS, categories: names.length },
    seed: numberOf('seed'),
    budgetMs: values['export-only'] ? 0 : budgetMs,
    checkpointFolder: values.checkpoint,
    resume: values.resume || values['export-only'],
    now: () => performance.now(),
    onProgress,
  });
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
  say(`top-1 ${percent(figures.top1)}, top-3 ${percent(figures.top3)}: written to ${values.out}`);
}

await main();
