import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../server/store/database.ts';
import { startEmbeddedPostgres } from '../../server/store/embedded-postgres.ts';
import { TEMPLATE_DATABASE } from './template-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A throwaway PostgreSQL with the migrated template that test databases are copied from. */
    databaseUrl: string;
  }
}

interface ThrowawayCluster {
  readonly url: string;
  stop(): Promise<void>;
}

/** Each vitest project loads this file anew, in one process: what they share is kept here. */
const SHARED = Symbol.for('training-canvas.test-cluster');
const shared = globalThis as typeof globalThis & {
  [SHARED]?: { cluster: Promise<ThrowawayCluster>; users: number };
};

/** One cluster a run, started with the first project that wants it, stopped after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const use = (shared[SHARED] ??= { cluster: startCluster(), users: 0 });
  use.users += 1;
  const cluster = await use.cluster;
  project.provide('databaseUrl', cluster.url);
  return async () => {
    use.users -= 1;
    if (use.users > 0) return;
    delete shared[SHARED];
    await cluster.stop();
  };
}

async function startCluster(): Promise<ThrowawayCluster> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tc-test-'));
  const postgres = await startEmbeddedPostgres({
    dir,
    database: TEMPLATE_DATABASE,
    durable: false,
  });
  const database = await openDatabase(postgres.url);
  await database.migrate();
  await database.close();
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
