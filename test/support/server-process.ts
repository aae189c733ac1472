import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.ts';

/** The built server in a process of its own, as `npm start` runs it, on a free port. */
export class ServerProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #output: string[];
  #isAskedToEnd = false;

  /** Use `startServer`. */
  constructor(started: {
    readonly url: string;
    readonly dataDir: string;
    readonly child: ChildProcess;
    readonly output: string[];
  }) {
    this.url = started.url;
    this.dataDir = started.dataDir;
    this.#child = started.child;
    this.#output = started.output;
    // Whoever started it and breaks off leaves no server behind.
    const endToo = (): void => void this.#child.kill();
    process.once('exit', endToo);
    this.#child.once('exit', (code, reason) => {
      process.off('exit', endToo);
      if (this.#isAskedToEnd) return;
      process.stderr.write(`The server ended by itself (${code ?? reason}):\n${this.output}\n`);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything printed so far, for messages of failed tests. */
  get output(): string {
    return this.#output.join('');
  }

  /** Sends a signal that it goes on after. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end, as Ctrl+C does, and waits; the exit code. */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  /** Ends it without a chance to tidy up. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isAskedToEnd = true;
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}

export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What Node itself is told. */
  readonly nodeArguments?: readonly string[];
}

/** Starts the built server and waits until it listens; throws with what it printed if it ends. */
export async function startServer({
  dataDir,
  env = {},
  nodeArguments = [],
}: ServerOptions): Promise<ServerProcess> {
  const commandLine = ['--enable-source-maps', ...nodeArguments, 'dist/server.js'];
  const child = spawn(process.execPath, commandLine, {
    cwd: PROJECT_ROOT,
    env: { ...inheritedEnv(), PORT: '0', HOST: '0.0.0.0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      output.push(chunk.toString());
      const address = /Open (http:\/\/\S+)/.exec(output.join(''))?.[1];
      if (address) resolve(address.replace('localhost', '127.0.0.1'));
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => reject(new Error(`The server ended:\n${output.join('')}`)));
  });
  return new ServerProcess({ url: url.replace(/\/$/, ''), dataDir, child, output });
}

/** A data folder of its own, removed by `remove`. */
export async function temporaryDataDir(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'training-canvas-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** What the machine says, without what would configure a server. */
function inheritedEnv(): NodeJS.ProcessEnv {
  const { DATABASE_URL, AZURE_STORAGE_CONNECTION_STRING, TRAINER, ...rest } = process.env;
  void [DATABASE_URL, AZURE_STORAGE_CONNECTION_STRING, TRAINER];
  return rest;
}
