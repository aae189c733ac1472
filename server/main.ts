import { mkdir } from 'node:fs/promises';
import { AppError } from '../shared/errors.ts';
import type { App } from './app.ts';
import { startApp } from './app.ts';
import type { Config } from './config.ts';
import { readConfig } from './config.ts';
import type { DataLock } from './host/data-lock.ts';
import { DataFolderInUse, lockDataFolder } from './host/data-lock.ts';
import { stopOnSignals } from './host/stop-on-signals.ts';
import { CannotListen } from './http/listen.ts';
import type { Logger } from './logger.ts';
import { createLogger } from './logger.ts';

/** After so long a stop is not waited for any more; supervisors kill after 10 s. */
const STOP_WITHIN_MS = 9_500;

/** Entry of the server process: configuration, lock, app, signals, shutdown. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.LOG_LEVEL);
  await mkdir(config.DATA_DIR, { recursive: true });
  const lock = await lockDataFolder(config.DATA_DIR);
  const app = await startLocked(config, logger, lock);
  // Before the address is out: whoever reads it may end the server at once.
  stopOn(app, lock, logger);
  await lock.announce(app.url);
  print(`Open ${app.url}`);
  logger.info({ url: app.url }, 'server.started');
}

async function startLocked(config: Config, logger: Logger, lock: DataLock): Promise<App> {
  try {
    return await startApp({
      config,
      logger,
      onStep: (step, milliseconds) => print(`[${step}] ${(milliseconds / 1_000).toFixed(1)} s`),
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function stopOn(app: App, lock: DataLock, logger: Logger): void {
  stopOnSignals({
    ...{ signals: process, withinMs: STOP_WITHIN_MS, exit },
    stop: async () => {
      await app.close();
      await lock.release();
    },
    onStopping: (signal) => logger.info({ signal }, 'server.stopping'),
    onFailed: (err) => logger.error({ err }, 'server.stop_failed'),
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function exit(code: number): never {
  process.exit(code);
}

/** What went wrong, for whoever has typed the command; a bug keeps its stack. */
function describe(error: unknown): string {
  const isExpected =
    error instanceof AppError || error instanceof DataFolderInUse || error instanceof CannotListen;
  if (isExpected) return error.message;
  if (!(error instanceof Error)) return String(error);
  return error.message.startsWith('Invalid configuration')
    ? error.message
    : (error.stack ?? error.message);
}

main().catch((error: unknown) => {
  process.stderr.write(`${describe(error)}\n`);
  exit(1);
});
