import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { PROJECT_ROOT } from './project-root.ts';

/** The trainer as a bundle, in a folder from which it finds its packages and the starter model. */
export async function buildTrainer(): Promise<{ entry: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(PROJECT_ROOT, 'node_modules', '.trainer-'));
  const entry = path.join(folder, 'trainer.mjs');
  await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: ['server/training/main.ts'],
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
