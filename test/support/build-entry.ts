import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { PROJECT_ROOT } from './project-root.ts';

export interface BuiltEntry {
  readonly entry: string;
  remove(): Promise<void>;
}

/** The entry of a process as a bundle, in a folder from which it finds its packages. */
export async function buildEntry(source: string): Promise<BuiltEntry> {
  const folder = await mkdtemp(path.join(PROJECT_ROOT, 'node_modules', '.entry-'));
  const entry = path.join(folder, 'entry.mjs');
  await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [source],
    outfile: entry,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return { entry, remove: () => rm(folder, { recursive: true, force: true }) };
}
