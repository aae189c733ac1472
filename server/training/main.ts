import os from 'node:os';
import { randomUUID } from 'node:crypto';
import { openBlobs } from '../blobs/blobs.ts';
import { readConfig, type Config } from '../config.ts';
import { loadStarterModel, type StarterModel } from '../inference/starter-model.ts';
import { createLogger, type Logger } from '../logger.ts';
import { headExamples } from '../ml/head-examples.ts';
import { PATHS } from '../paths.ts';
import { openDatabase } from '../store/database.ts';
import { openStores } from '../store/stores.ts';
import { DeviceChooser } from './device/device-chooser.ts';
import { trainHead } from './train-head.ts';
import { trainProject } from './train-project.ts';
import { runTrainer } from './trainer.ts';

/** A trainer that is stopped has so long to finish its run or to give it back. */
const STOP_WITHIN_MS = 4_000;
/** The trainer is worth at most what the server leaves of the processors. */
const PRIORITY = os.constants.priority.PRIORITY_BELOW_NORMAL;

/** Entry of the trainer process: a child of the server, or started by hand on any machine. */
async function main(): Promise<void> {
  const [trainerId = randomUUID()] = process.argv.slice(2);
  const config = readConfig({ ...process.env, ...startedByHand() });
  const logger = createLogger(config.LOG_LEVEL).child({ trainerId });
  os.setPriority(PRIORITY);
  const stop = stopWithServer(logger);
  const starter = await loadStarterModel(PATHS.starterModel);
  await warmUp(starter);
  await train({ config, logger, trainerId, starter, stop });
}

/** A trainer without a server above it has to reach the stores by itself, wherever it runs. */
function startedByHand(): { readonly TRAINER?: 'external' } {
  return process.connected === undefined ? { TRAINER: 'external' } : {};
}

async function train(trainer: {
  readonly config: Config;
  readonly logger: Logger;
  readonly trainerId: string;
  readonly starter: StarterModel;
  readonly stop: AbortSignal;
}): Promise<void> {
  const { config, logger, trainerId, starter, stop } = trainer;
  if (!config.DATABASE_URL) throw new Error('The trainer needs DATABASE_URL.');
  const database = await openDatabase(config.DATABASE_URL, {
    logger,
    maxConnections: 3,
    maxLogConnections: 1,
  });
  try {
    const stores = openStores(database);
    const { claims, categories, examples, modelVersions: models, trainingRuns: runs } = stores;
    const blobs = await openBlobs(config);
    const devices = openDevices(config, logger);
    const ports = {
      ...{ starter, categories, examples, models, blobs, logger },
      chooseDevice: devices.choose.bind(devices),
    };
    logger.info('trainer.ready');
    await runTrainer({
      ...{ trainerId, claims, runs, examples, blobs, logger, stop },
      taken: config.TRAINER_RUNS,
      train: (run, control) => trainProject(ports, run, control),
      news: database.news,
    });
  } finally {
    await database.close();
  }
}

function openDevices(config: Config, logger: Logger): DeviceChooser {
  const devices = new DeviceChooser({
    setting: config.TRAINING_DEVICE,
    mostThreads: config.TRAINING_THREADS,
    probeEntry: PATHS.deviceProbe,
    logger,
  });
  // Beside the first runs: a GPU that hangs is not to hold up a correction.
  void devices.check();
  return devices;
}

/** Aborted by a signal, or when the server that has started this process is gone, however it went. */
function stopWithServer(logger: Logger): AbortSignal {
  const stop = new AbortController();
  const begin = (why: string): void => {
    if (stop.signal.aborted) return;
    logger.info({ why }, 'trainer.stopping');
    setTimeout(() => exit(1), STOP_WITHIN_MS).unref();
    stop.abort();
  };
  process.on('disconnect', () => begin('disconnect'));
  // Ctrl+C reaches the whole group; a child ends when its server says so.
  process.on('SIGINT', () => {
    if (!process.connected) begin('SIGINT');
  });
  process.on('SIGTERM', () => begin('SIGTERM'));
  // The server may have died while this process was still being loaded; no event tells of that.
  if (process.connected === false) begin('disconnect');
  return stop.signal;
}

/** The first training of a process takes three times as long as the others. */
async function warmUp({ preTaught, embeddingSize }: StarterModel): Promise<void> {
  const known = [...preTaught.values()].slice(0, 4).map((category) => ({
    own: [],
    preTaught: category,
  }));
  await trainHead(headExamples(known, embeddingSize));
}

/** What went wrong: a bug keeps its stack, a faulty configuration is told without. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = error.message.startsWith('Invalid configuration');
  return isExpected ? error.message : (error.stack ?? error.message);
}

function exit(code: number): never {
  process.exit(code);
}

main().then(
  () => exit(0),
  (error: unknown) => {
    process.stderr.write(`${describe(error)}\n`);
    exit(1);
  },
);
