import { buildEntry, type BuiltEntry } from './build-entry.ts';

/** The trainer as a bundle, in a folder from which it finds its packages and the starter model. */
export async function buildTrainer(): Promise<BuiltEntry> {
  return buildEntry('server/training/main.ts');
}
