import { join } from 'node:path';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../server/store/embedded-postgres.ts';
import { startEmbeddedPostgres } from '../../server/store/embedded-postgres.ts';
import { eventually } from './eventually.ts';
import { HttpSession } from './http-session.ts';
import { postmastersIn } from './process-table.ts';
import type { ServerProcess } from './server-process.ts';
import { startServer, temporaryDataDir } from './server-process.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { proxyDatabase } from './tcp-proxy.ts';

/** The statement by which changes of canvases come into the log, as it is named on the wire. */
export const APPEND_STATEMENT = 'append_canvas_updates';

/**
 * A built server on a durable PostgreSQL of its own, with a proxy in between: both can be killed
 * and brought back, and it keeps its address.
 */
export class BreakableServer {
  readonly proxy: TcpProxy;
  readonly #postgres: EmbeddedPostgres;
  readonly #env: Readonly<Record<string, string>>;
  readonly #dataDir: string;
  readonly #remove: () => Promise<void>;
  #server: ServerProcess;

  private constructor(parts: {
    readonly proxy: TcpProxy;
    readonly postgres: EmbeddedPostgres;
    readonly env: Readonly<Record<string, string>>;
    readonly dataDir: string;
    readonly remove: () => Promise<void>;
    readonly server: ServerProcess;
  }) {
    this.proxy = parts.proxy;
    this.#postgres = parts.postgres;
    this.#env = parts.env;
    this.#dataDir = parts.dataDir;
    this.#remove = parts.remove;
    this.#server = parts.server;
  }

  /** Starts database, proxy and server. */
  static async start(variables: Readonly<Record<string, string>> = {}): Promise<BreakableServer> {
    const { dir, remove } = await temporaryDataDir();
    const database = join(dir, 'database');
    const postgres = await startEmbeddedPostgres({
      ...{ dir: database, database: 'training_canvas', durable: true },
    });
    // A run that breaks off leaves no database behind.
    process.once('exit', () => {
      for (const { pid } of postmastersIn(database)) process.kill(pid, 'SIGQUIT');
    });
    const { url, proxy } = await proxyDatabase(postgres.url);
    const env = {
      ...{ DATABASE_URL: url, TRAINER: 'none', LOG_LEVEL: 'warn' },
      ...{ NEW_GUESTS_PER_ADDRESS: '100000', UNLOAD_AFTER_MS: '100' },
      ...variables,
    };
    const dataDir = join(dir, 'server');
    const server = await startServer({ dataDir, env });
    return new BreakableServer({ proxy, postgres, env, dataDir, remove, server });
  }

  get server(): ServerProcess {
    return this.#server;
  }

  /** Stays the same over all restarts. */
  get url(): string {
    return this.#server.url;
  }

  /** Starts the server anew, on the same data and port. */
  async restart(): Promise<void> {
    const env = { ...this.#env, PORT: String(this.#server.port) };
    this.#server = await startServer({ dataDir: this.#dataDir, env });
  }

  /** Waits until the server and what it needs are well. */
  async isWell(): Promise<void> {
    const session = new HttpSession(this.url);
    await eventually(async () => {
      const health = await session.get<{ database: string }>('/health');
      if (health.database !== 'ok') throw new Error('The database is away.');
    }, 30_000);
  }

  /** Asks the database itself, past the proxy. */
  async ask<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.#postgres.url });
    // It may be killed with the others.
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Row>(statement, values);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Rows of the log, of all canvases. */
  async countRows(): Promise<number> {
    const [row] = await this.ask<{ count: string }>('select count(*) from canvas_updates');
    return Number(row?.count);
  }

  /** Backends of the server, the writing one first. */
  async backends(): Promise<number[]> {
    const rows = await this.ask<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and backend_type = 'client backend'
       order by query ilike '%insert into canvas_updates%' desc, query_start desc`,
    );
    return rows.map(({ pid }) => pid);
  }

  async stop(): Promise<void> {
    await this.proxy.restore();
    await this.#server.stop();
    await this.proxy.cut();
    await this.#postgres.stop();
    await this.#remove();
  }
}
