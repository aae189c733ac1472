import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of package.json, found from the sources and from the bundles in `dist` alike. */
const PROJECT_ROOT = findRoot(import.meta.dirname);

export const PATHS = {
  starterModel: path.join(PROJECT_ROOT, 'models', 'starter'),
  /** What Vite has built. */
  client: path.join(PROJECT_ROOT, 'dist', 'client'),
  /** The bundle of `server/training/main.ts`. */
  trainer: path.join(PROJECT_ROOT, 'dist', 'trainer.js'),
  /** The bundle of `server/sync/snapshot-check-main.ts`. */
  snapshotCheck: path.join(PROJECT_ROOT, 'dist', 'snapshot-check.js'),
  /** The bundle of `server/training/device/probe-main.ts`. */
  deviceProbe: path.join(PROJECT_ROOT, 'dist', 'device-probe.js'),
} as const;

function findRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('No package.json above the program.');
  return findRoot(parent);
}

/** The version in package.json. */
export function readVersion(): string {
  const file = readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8');
  const { version } = JSON.parse(file) as { readonly version: string };
  return version;
}
