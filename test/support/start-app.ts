import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppOptions } from '../../server/app.ts';
import { startApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { createLogger } from '../../server/logger.ts';
import { createTestDatabase } from './database.ts';
import { HttpSession } from './http-session.ts';

/** A whole server of a test's own: random port, database and data folder. */
export interface TestApp {
  readonly url: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  /** A new guest: nothing is sent before the first request. */
  guest(): HttpSession;
  stop(): Promise<void>;
}

/** Starts it without a trainer unless the variables say otherwise. */
export async function startTestApp(
  variables: Readonly<Record<string, string>> = {},
  options: Pick<AppOptions, 'schedule'> = {},
): Promise<TestApp> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'training-canvas-'));
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    TRAINER: 'none',
    NEW_GUESTS_PER_ADDRESS: '10000',
    ...variables,
  });
  const removeAll = async (): Promise<void> => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const logger = createLogger(process.env['LOG_LEVEL'] ?? 'silent');
  const app = await startApp({ config, logger, ...options }).catch(async (error: unknown) => {
    await removeAll();
    throw error;
  });
  return {
    url: app.url,
    dataDir,
    databaseUrl: database.url,
    guest: () => new HttpSession(app.url),
    stop: async () => {
      await app.close();
      await removeAll();
    },
  };
}
