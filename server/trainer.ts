import path from 'node:path';
import type { Health } from '../shared/api/people.ts';
import { childEnvironment, type Config } from './config.ts';
import type { RunsTaken } from './domain/learning-ports.ts';
import type { Logger } from './logger.ts';
import { PATHS } from './paths.ts';
import { randomUUID } from 'node:crypto';
import { TrainerProcess } from './training/trainer-process.ts';

/** Whoever trains, as the server sees it. */
export interface Trainer {
  state(): Health['trainer'];
  stop(): Promise<void>;
}

export interface TrainerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly databaseUrl: string;
}

/** One for heads and one for backbones: no correction waits for a long training elsewhere. */
const TRAINERS: readonly RunsTaken[] = ['head', 'backbone'];

/** Starts the trainers as children of the server, unless trainers are started elsewhere. */
export function startTrainer(options: TrainerOptions): Trainer {
  const { config, logger } = options;
  if (config.TRAINER !== 'embedded') {
    const state = config.TRAINER === 'external' ? 'external' : 'unavailable';
    return { state: () => state, stop: () => Promise.resolve() };
  }
  const children = TRAINERS.map(
    (taken) =>
      new TrainerProcess({
        entry: PATHS.trainer,
        // Stable while the server lives, so that a trainer started again goes on with its own run.
        trainerId: randomUUID(),
        logger,
        env: childEnvironment({ ...variablesFor(options), TRAINER_RUNS: taken }),
      }),
  );
  return {
    state: () => (children.every(({ isAlive }) => isAlive) ? 'embedded' : 'unavailable'),
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  };
}

/** What the server was configured to, so that both read and write the same. */
function variablesFor({ config, databaseUrl }: TrainerOptions): Record<string, string | undefined> {
  return {
    DATABASE_URL: databaseUrl,
    DATA_DIR: path.resolve(config.DATA_DIR),
    AZURE_STORAGE_CONNECTION_STRING: config.AZURE_STORAGE_CONNECTION_STRING,
    AZURE_STORAGE_CONTAINER: config.AZURE_STORAGE_CONTAINER,
    TRAINER: 'embedded',
    TRAINING_DEVICE: config.TRAINING_DEVICE,
    TRAINING_THREADS: String(config.TRAINING_THREADS),
    LOG_LEVEL: config.LOG_LEVEL,
  };
}
