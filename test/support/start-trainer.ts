import { randomUUID } from 'node:crypto';
import { createLogger } from '../../server/logger.ts';
import { TrainerProcess } from '../../server/training/trainer-process.ts';
import { buildTrainer } from './build-trainer.ts';
import type { TestApp } from './start-app.ts';

/** A trainer in a process of its own that works for a server of a test. Returns its undo. */
export async function startTrainerFor({ databaseUrl, dataDir }: TestApp): Promise<{
  stop(): Promise<void>;
}> {
  const { entry, remove } = await buildTrainer();
  const trainer = new TrainerProcess({
    entry,
    trainerId: randomUUID(),
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, DATA_DIR: dataDir, TRAINING_DEVICE: 'cpu' },
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
    },
    logger: createLogger('silent'),
  });
  return {
    stop: async () => {
      await trainer.stop();
      await remove();
    },
  };
}
