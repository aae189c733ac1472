import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '../logger.ts';

const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;
/** A trainer that has lived so long was well: the next restart is a quick one again. */
const WELL_AFTER_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

export interface TrainerProcessOptions {
  /** The bundle of `server/training/main.ts`. */
  readonly entry: string;
  /** Kept over restarts, so that a new trainer gets the run of the dead one at once. */
  readonly trainerId: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** The server's own trainer: a child that is started again whenever it ends. */
export class TrainerProcess {
  readonly #options: TrainerProcessOptions;
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #restartAfterMs = FIRST_RESTART_MS;
  #isStopping = false;

  constructor(options: TrainerProcessOptions) {
    this.#options = options;
    this.#start();
  }

  get isAlive(): boolean {
    return this.#child?.connected ?? false;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Asks it to finish its run or give it back, and to end; after 5 s it is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart ?? undefined);
    const child = this.#child;
    if (!child) return;
    const ended = once(child, 'exit');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(kill);
  }

  #start(): void {
    const { entry, trainerId, env, logger } = this.#options;
    const startedAt = performance.now();
    // Its lines join the server's on standard output. Should the server be killed, the channel
    // closes and the trainer ends by itself.
    const child = fork(entry, [trainerId], {
      env,
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    let isOver = false;
    const end = (details: object): void => {
      if (isOver) return;
      isOver = true;
      this.#child = null;
      if (this.#isStopping) return;
      logger.warn(details, 'trainer.ended');
      this.#startAgain(performance.now() - startedAt);
    };
    child.on('error', (err) => end({ err }));
    child.on('exit', (code, signal) => end({ code, signal }));
  }

  #startAgain(livedMs: number): void {
    if (livedMs > WELL_AFTER_MS) this.#restartAfterMs = FIRST_RESTART_MS;
    this.#restart = setTimeout(() => this.#start(), this.#restartAfterMs);
    this.#restartAfterMs = Math.min(LAST_RESTART_MS, this.#restartAfterMs * 2);
  }
}
