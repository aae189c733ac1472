import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { PostgresProgram } from './postgres-binaries.ts';

/**
 * PostgreSQL refuses to run as root. Where the server is root, its programs run as nobody; the
 * data folder then belongs to nobody, too. Everybody else runs them as themselves.
 */
export interface PostgresAccount {
  /** Runs a program to its end and resolves with what it printed; rejects when it fails. */
  run(program: PostgresProgram, args: readonly string[]): Promise<string>;
  /** Makes a file or folder the account's own. */
  own(file: string): void;
}

const NOBODY = 65_534;

interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

/** The account that runs the programs of `binaries` on the data below `folder`, which exists. */
export async function openPostgresAccount(
  binaries: string,
  folder: string,
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return plainAccount(binaries);
  if (process.platform !== 'linux') {
    throw new AppError(
      'database.unavailable',
      'The built-in database does not run as root on this system: start as an ordinary user, or set DATABASE_URL.',
    );
  }
  return nobodyAccount(await reachableBinaries(binaries), await canEnter(folder));
}

function plainAccount(binaries: string): PostgresAccount {
  return {
    run: (program, args) => execute({ command: path.join(binaries, program), args, ids: {} }),
    own: () => undefined,
  };
}

function nobodyAccount(binaries: string, entersFolder: boolean): PostgresAccount {
  const ids = { uid: NOBODY, gid: NOBODY };
  return {
    run: (program, args) => {
      const command = path.join(binaries, program);
      if (entersFolder) return execute({ command, args, ids });
      // The data lies below a closed folder (a 0700 home): one right is kept, to pass its doors.
      const right = '+dac_override';
      const nobody = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
      const kept = ['--inh-caps', right, '--ambient-caps', right];
      return execute({ command: 'setpriv', args: [...nobody, ...kept, command, ...args], ids: {} });
    },
    own: (file) => chownSync(file, NOBODY, NOBODY),
  };
}

/**
 * PostgreSQL checks its own files with access(2), which ignores kept rights. So binaries below a
 * closed folder are copied, once a version, to where everybody can read them.
 */
async function reachableBinaries(binaries: string): Promise<string> {
  if (await canEnter(binaries)) return binaries;
  for (const cache of ['/var/cache', os.tmpdir(), '/tmp']) {
    const copy = copyBinaries(binaries, cache);
    if (copy && (await canEnter(copy))) return copy;
  }
  throw new AppError(
    'database.unavailable',
    'The built-in database cannot run from this folder as root: move the project to a folder that others may read, or set DATABASE_URL.',
  );
}

/** The copy's folder of programs, or null where this cache folder cannot be written. */
function copyBinaries(binaries: string, cache: string): string | null {
  const version = `${binaries} ${statSync(path.join(binaries, 'postgres')).mtimeMs}`;
  const key = createHash('sha256').update(version).digest('hex').slice(0, 12);
  const copy = path.join(cache, `training-canvas-postgres-${key}`);
  try {
    if (!existsSync(copy)) {
      mkdirSync(cache, { recursive: true });
      const unfinished = mkdtempSync(`${copy}-`);
      cpSync(path.dirname(binaries), unfinished, { recursive: true, verbatimSymlinks: true });
      chmodSync(unfinished, 0o755);
      renameSync(unfinished, copy);
    }
  } catch {
    if (!existsSync(copy)) return null;
  }
  assertOurs(copy);
  return path.join(copy, path.basename(binaries));
}

/** The copy's name can be guessed: what somebody else has put there is never run. */
function assertOurs(folder: string): void {
  const stats = lstatSync(folder);
  if (stats.isDirectory() && stats.uid === 0 && (stats.mode & 0o022) === 0) return;
  throw new AppError(
    'database.unavailable',
    `Another user of this machine has put files where the built-in database's programs belong: remove ${folder}, or set DATABASE_URL.`,
  );
}

async function canEnter(folder: string): Promise<boolean> {
  const ids = { uid: NOBODY, gid: NOBODY };
  try {
    await execute({ command: 'test', args: ['-x', folder], ids });
    return true;
  } catch {
    return false;
  }
}

function execute({ command, args, ids }: Invocation): Promise<string> {
  // A server that is left running inherits what it is given, so it is given no pipe to hold open.
  const staysRunning = args.includes('start');
  const child = spawn(command, args, {
    ...ids,
    cwd: path.parse(process.cwd()).root,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: staysRunning ? 'ignore' : ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on(staysRunning ? 'exit' : 'close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${path.basename(command)} exited with ${code}: ${output.trim()}`));
    });
  });
}
