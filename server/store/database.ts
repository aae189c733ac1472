import { Pool } from 'pg';
import type { Model } from 'sequelize';
import { Sequelize } from 'sequelize';
import type { DatabaseNews } from '../domain/learning-ports.ts';
import type { Logger } from '../logger.ts';
import { unstorable, withDatabaseErrors } from './database-errors.ts';
import { listenForNews } from './database-news.ts';
import { migrateDown, migrateUp } from './migrate.ts';
import type { Models } from './models/models.ts';
import { defineModels } from './models/models.ts';

interface DatabaseOptions {
  /** Connections for the models; 8 if not said. */
  readonly maxConnections?: number;
  /** Connections for the log of canvases; 4 if not said. */
  readonly maxLogConnections?: number;
  readonly logger?: Logger;
}

/** An open database: models for most of it, a plain pool for the hot path, news from NOTIFY. */
export interface Database {
  readonly url: string;
  readonly sequelize: Sequelize;
  readonly models: Models;
  /** For statements that run for every stroke, where Sequelize would be in the way. */
  readonly pool: Pool;
  readonly news: DatabaseNews;
  /** Brings the schema up to date; safe when several servers do so at once. */
  migrate(): Promise<string[]>;
  /** Undoes all migrations, and with them everything stored. */
  migrateDown(): Promise<void>;
  /** Throws `database.unavailable` when it cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Requests fail rather than pile up when the database does not answer. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens the pools and starts to listen; throws `database.unavailable` where there is no server. */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  return withDatabaseErrors({ open }).open(url, options);
}

async function open(url: string, options: DatabaseOptions): Promise<Database> {
  const { logger, maxConnections = 8, maxLogConnections = 4 } = options;
  const news = await listenForNews(url, (error) => {
    logger?.warn({ err: error }, 'database.news_lost');
  });
  const sequelize = new Sequelize(url, {
    logging: false,
    define: {
      timestamps: false,
      underscored: true,
      freezeTableName: true,
      hooks: { beforeSave: refuseNul },
    },
    pool: { max: maxConnections, acquire: CONNECT_TIMEOUT_MS },
  });
  const pool = new Pool({
    connectionString: url,
    max: maxLogConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced at its next use; nobody waits for it.
  pool.on('error', (error) => logger?.warn({ err: error }, 'database.connection_lost'));
  // One that breaks in mid-transaction fails its query, and the pool does not listen to it then: an
  // error that nobody hears ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const calls = withDatabaseErrors({
    migrate: () => migrateUp(sequelize),
    migrateDown: () => migrateDown(sequelize),
    check: async () => {
      await pool.query('select 1');
    },
    close: async () => {
      await Promise.allSettled([news.close(), pool.end(), sequelize.close()]);
    },
  });
  return { url, sequelize, models: defineModels(sequelize), pool, news, ...calls };
}

/** Sequelize would store a NUL as a backslash and a zero, without a word. */
function refuseNul(row: Model): void {
  const values = Object.values(row.get() as Record<string, unknown>);
  if (values.some((value) => typeof value === 'string' && value.includes('\0'))) throw unstorable();
}
