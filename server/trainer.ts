import path from 'node:path';
import type { Health } from '../shared/api/people.ts';
import { childEnvironment, type Config } from './config.ts';
import type { Logger } from './logger.ts';
import { PATHS } from './paths.ts';
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
  /** Stable while the server lives, so that a trainer started again may go on with its own run. */
  readonly trainerId: string;
}

/** Starts the trainer as a child of the server, unless trainers are started elsewhere. */
export function startTrainer(options: TrainerOptions): Trainer {
  const { config, logger, trainerId } = options;
  if (config.TRAINER !== 'embedded') {
    const state = config.TRAINER === 'external' ? 'external' : 'unavailable';
    return { state: () => state, stop: () => Promise.resolve() };
  }
  const child = new TrainerProcess({
    entry: PATHS.trainer,
    trainerId,
    logger,
    env: childEnvironment(variablesFor(options)),
  });
  return {
    state: () => (child.isAlive ? 'embedded' : 'unavailable'),
    stop: () => child.stop(),
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
