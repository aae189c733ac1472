import type { Config } from './config.ts';
import type { Health } from '../shared/api/people.ts';
import type { Logger } from './logger.ts';

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
export function startTrainer({ config }: TrainerOptions): Trainer {
  const state = config.TRAINER === 'external' ? 'external' : 'unavailable';
  return { state: () => state, stop: () => Promise.resolve() };
}
