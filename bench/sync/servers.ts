import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../server/store/embedded-postgres.ts';
import { buildEntry } from '../../test/support/build-entry.ts';
import { PROJECT_ROOT } from '../../test/support/project-root.ts';
import { temporaryDataDir } from '../../test/support/server-process.ts';
import { installPeers } from '../peers.ts';

/** What is compared: our hub with its log, and the peers without a store. */
export const SERVER_KINDS = ['ours', 'yws', 'hocuspocus'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export const SERVER_NAMES: Readonly<Record<ServerKind, string>> = {
  ours: 'ours, with log and acks',
  yws: '@y/websocket-server 0.1.1',
  hocuspocus: 'Hocuspocus 4.7.0',
};

/** What a server process has used since it began. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Heap of the engine and buffers outside of it. */
  readonly heapBytes: number;
}

/** A function of a server and the milliseconds it spent in itself. */
export interface ProfiledFunction {
  readonly name: string;
  readonly ms: number;
}

/** A server in a process of its own, asked over its IPC channel. */
export class MeasuredServer {
  readonly kind: ServerKind;
  readonly url: string;
  /** Names of its rooms, as many as were asked for. */
  readonly rooms: readonly string[];
  readonly #child: ChildProcess;
  #questions = 0;

  /** Use `Servers.start`. */
  constructor(child: ChildProcess, started: Pick<MeasuredServer, 'kind' | 'url' | 'rooms'>) {
    this.kind = started.kind;
    this.url = started.url;
    this.rooms = started.rooms;
    this.#child = child;
  }

  usage(): Promise<Usage> {
    return this.#ask('usage') as Promise<Usage>;
  }

  /** Its usage after the garbage is gone. */
  collect(): Promise<Usage> {
    return this.#ask('collect') as Promise<Usage>;
  }

  async startProfile(): Promise<void> {
    await this.#ask('startProfile');
  }

  stopProfile(): Promise<ProfiledFunction[]> {
    return this.#ask('stopProfile') as Promise<ProfiledFunction[]>;
  }

  /** Live ink and presence that it chose not to send; only ours tells (and only ours drops). */
  async droppedMessages(): Promise<number> {
    if (this.kind !== 'ours') return 0;
    return ((await this.#ask('metrics')) as { droppedMessages: number }).droppedMessages;
  }

  /** Without a farewell: an overloaded peer would not hear it for minutes. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #ask(ask: string): Promise<unknown> {
    this.#questions += 1;
    const id = this.#questions;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', read);
        this.#child.off('exit', fail);
      };
      const read = (answer: unknown): void => {
        const { id: of, value } = answer as { id?: number; value?: unknown };
        if (of !== id) return;
        settle();
        resolve(value);
      };
      const fail = (): void => {
        settle();
        reject(new Error(`The server ended (${this.kind})`));
      };
      this.#child.on('message', read);
      this.#child.once('exit', fail);
      this.#child.send({ id, ask });
    });
  }
}

/** Starts servers to be measured, one after the other, each in a fresh process. */
export interface Servers {
  start(kind: ServerKind, rooms?: number): Promise<MeasuredServer>;
  /** Ends the PostgreSQL behind our servers and removes what was built. */
  close(): Promise<void>;
}

/** Builds our server, starts its PostgreSQL (with fsync, as in the product), installs the peers. */
export async function openServers(): Promise<Servers> {
  const peers = await installPeers();
  const data = await temporaryDataDir();
  const built = await buildEntry('bench/sync-server.ts');
  const postgres = await startEmbeddedPostgres({
    dir: join(data.dir, 'postgres'),
    database: 'training_canvas',
    durable: true,
  });
  const entries: Readonly<Record<ServerKind, string>> = {
    ours: built.entry,
    yws: join(peers, 'yws-server.mjs'),
    hocuspocus: join(peers, 'hocuspocus-server.mjs'),
  };
  const env = {
    ...process.env,
    LOG_LEVEL: 'warn',
    DATABASE_URL: postgres.url,
    DATA_DIR: data.dir,
    AZURE_STORAGE_CONNECTION_STRING: '',
  };
  const started: MeasuredServer[] = [];
  return {
    start: async (kind, rooms = 1) => {
      const server = await start(kind, entries[kind], { ...env, ROOMS: String(rooms) });
      started.push(server);
      return server;
    },
    close: async () => {
      for (const server of started) await server.stop();
      await postgres.stop();
      await built.remove();
      await data.remove();
    },
  };
}

async function start(
  kind: ServerKind,
  entry: string,
  env: NodeJS.ProcessEnv,
): Promise<MeasuredServer> {
  const figures = join(PROJECT_ROOT, 'bench/sync-figures.mjs');
  const child = fork(entry, { env, execArgv: ['--expose-gc', '--import', figures] });
  const started = await new Promise<{ url: string; rooms: string[] }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string; rooms: string[] }));
    child.once('exit', (code) => reject(new Error(`${kind} did not start (${code ?? 'killed'})`)));
  });
  return new MeasuredServer(child, { kind, ...started });
}
