import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { AppError } from '../../shared/errors.ts';
import type { PostgresAccount } from './postgres-account.ts';
import { openPostgresAccount } from './postgres-account.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import {
  SOCKET_FOLDER_PREFIX,
  awaitReadyLock,
  dropStaleLock,
  readPostmasterLock,
  removeSocketFolder,
  socketParent,
} from './postmaster-lock.ts';

/**
 * A private PostgreSQL in a folder of our own, so that nobody has to install one. It listens on a
 * unix socket in a folder that only its user may enter: no port, no password. It is a process of
 * its own that outlives a killed server; the next start finds it and attaches, so there is never a
 * second one on the same data. On Windows (written for, untested) it listens on a free port of
 * 127.0.0.1 behind a password.
 */
export interface EmbeddedPostgres {
  /** Connection string of `database`. */
  readonly url: string;
  /** Folder of the socket, or 127.0.0.1 on Windows. */
  readonly host: string;
  readonly database: string;
  /** Whether it was running already. */
  readonly attached: boolean;
  stop(): Promise<void>;
}

interface EmbeddedPostgresOptions {
  /** The data goes to `pg` below it. */
  readonly dir: string;
  readonly database: string;
  /** False: a crash of the machine may destroy the data; several times faster. For tests. */
  readonly durable: boolean;
}

interface Cluster {
  readonly account: PostgresAccount;
  readonly options: EmbeddedPostgresOptions;
  readonly dataFolder: string;
  readonly passwordFile: string;
}

const SUPERUSER = 'postgres';
const usesTcp = process.platform === 'win32';
const START_ATTEMPTS = 5;

/** Starts the PostgreSQL in `dir`, made there if need be, or attaches to it if it is running. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(options);
  if (!existsSync(path.join(cluster.dataFolder, 'PG_VERSION'))) await createCluster(cluster);
  await assertSameMajor(cluster);
  dropStaleLock(cluster.dataFolder);
  const attached = await isRunning(cluster);
  if (!attached) await start(cluster);
  // Somebody else may be starting it in this moment.
  const lock = await awaitReadyLock(cluster.dataFolder);
  const urlOf = (database: string): string => connectionString(cluster, database);
  await createDatabaseIfMissing(urlOf('postgres'), options.database);
  return {
    url: urlOf(options.database),
    host: usesTcp ? '127.0.0.1' : lock.socketFolder,
    database: options.database,
    attached,
    stop: async () => {
      if (await isRunning(cluster)) {
        const { account, dataFolder } = cluster;
        await account.run('pg_ctl', ['-D', dataFolder, '-m', 'fast', '-w', '-s', 'stop']);
      }
      removeSocketFolder(lock.socketFolder);
    },
  };
}

async function openCluster(options: EmbeddedPostgresOptions): Promise<Cluster> {
  const binaries = findPostgresBinaries();
  if (!binaries) {
    throw new AppError(
      'database.unavailable',
      'There is no built-in database for this kind of machine: install PostgreSQL and set DATABASE_URL.',
    );
  }
  const dir = path.resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  return {
    account: await openPostgresAccount(binaries, dir),
    options,
    dataFolder: path.join(dir, 'pg'),
    passwordFile: path.join(dir, 'pg-password'),
  };
}

/** Made under another name first, so that a start cut short never leaves half a cluster. */
async function createCluster({ account, options, ...files }: Cluster): Promise<void> {
  const unfinished = `${files.dataFolder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  account.own(unfinished);
  if (usesTcp) writeFileSync(files.passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  await account.run('initdb', [
    ...['-D', unfinished, '-U', SUPERUSER, '-E', 'UTF8'],
    ...(await localeArguments(account)),
    ...(usesTcp ? ['--auth=scram-sha-256', `--pwfile=${files.passwordFile}`] : ['--auth=trust']),
    ...(options.durable ? [] : ['--no-sync']),
  ]);
  renameSync(unfinished, files.dataFolder);
}

/** From version 17 on PostgreSQL brings its own C.UTF-8; before that the system's is asked for. */
async function localeArguments(account: PostgresAccount): Promise<string[]> {
  if ((await majorVersion(account)) < 17) return ['--locale=C.UTF-8'];
  return ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
}

async function majorVersion(account: PostgresAccount): Promise<number> {
  return Number(/ (\d+)/.exec(await account.run('postgres', ['--version']))?.[1]);
}

async function assertSameMajor({ account, dataFolder }: Cluster): Promise<void> {
  const made = Number(readFileSync(path.join(dataFolder, 'PG_VERSION'), 'utf8'));
  const have = await majorVersion(account);
  if (made === have) return;
  throw new AppError(
    'database.unavailable',
    `The data folder was made by PostgreSQL ${made}, the built-in one is ${have}: set PG_BIN_DIR to the programs of version ${made}, or move the data to a server and set DATABASE_URL.`,
  );
}

async function isRunning({ account, dataFolder }: Cluster): Promise<boolean> {
  if (!readPostmasterLock(dataFolder)) return false;
  try {
    await account.run('pg_ctl', ['-D', dataFolder, 'status']);
    return true;
  } catch {
    return false;
  }
}

/**
 * After a crash the helpers of the old server may live for a moment longer and hold its shared
 * memory; PostgreSQL refuses to start meanwhile, so it is asked again.
 */
async function start(cluster: Cluster): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const socketFolder = makeSocketFolder(cluster.account);
    try {
      await startOnce(cluster, socketFolder);
      return;
    } catch (error) {
      removeSocketFolder(socketFolder);
      // Another starter was quicker: its server is the one.
      if (await isRunning(cluster)) return;
      const log = lastLines(path.join(cluster.dataFolder, 'server.log'));
      if (attempt === START_ATTEMPTS || !log.includes('shared memory')) {
        throw new AppError(
          'database.unavailable',
          'The built-in database does not start.',
          { log },
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function startOnce(cluster: Cluster, socketFolder: string): Promise<void> {
  const { account, dataFolder, options } = cluster;
  const address = usesTcp
    ? ['-c listen_addresses=127.0.0.1', `-p ${await freePort()}`]
    : ['-c listen_addresses=', `-k ${socketFolder}`];
  const settings = [
    ...address,
    '-c max_connections=100',
    '-c shared_buffers=64MB',
    // Otherwise recovery after a crash opens every file of the data folder, for seconds.
    ...(process.platform === 'linux' ? ['-c recovery_init_sync_method=syncfs'] : []),
    ...(options.durable
      ? []
      : ['-c fsync=off', '-c synchronous_commit=off', '-c full_page_writes=off']),
  ];
  const log = path.join(dataFolder, 'server.log');
  await account.run('pg_ctl', [
    ...['-D', dataFolder, '-w', '-t', '30', '-s', '-l', log, '-o', settings.join(' '), 'start'],
  ]);
}

function makeSocketFolder(account: PostgresAccount): string {
  if (usesTcp) return '';
  const folder = mkdtempSync(path.join(socketParent(), SOCKET_FOLDER_PREFIX));
  chmodSync(folder, 0o700);
  account.own(folder);
  return folder;
}

function connectionString({ dataFolder, passwordFile }: Cluster, database: string): string {
  const lock = readPostmasterLock(dataFolder);
  if (!lock) throw new Error('PostgreSQL runs without a lock file.');
  const name = encodeURIComponent(database);
  if (!usesTcp) {
    return `postgres://${SUPERUSER}@localhost/${name}?host=${encodeURIComponent(lock.socketFolder)}`;
  }
  const password = readFileSync(passwordFile, 'utf8').trim();
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${lock.port}/${name}`;
}

async function createDatabaseIfMissing(adminUrl: string, database: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database "${database}"`);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function lastLines(file: string): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
}
