import { spawn } from 'node:child_process';
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
  const dismissWatcher = watchOver(dir);
  const database = await openDatabase(postgres.url);
  await database.migrate();
  await database.close();
  return {
    url: postgres.url,
    stop: async () => {
      dismissWatcher();
      await postgres.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * A run that is killed cannot stop its cluster. The watcher's standard input ends with this
 * process, however that goes; then it stops the cluster and removes its folder.
 */
function watchOver(dir: string): () => void {
  const script = `
    const { readFileSync, rmSync } = require('node:fs');
    process.stdin.resume().once('end', () => {
      const pid = Number(readFileSync(process.argv[1] + '/pg/postmaster.pid', 'utf8').split('\\n')[0]);
      process.kill(pid, 'SIGQUIT');
      setTimeout(() => rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5 }), 1000);
    });`;
  const watcher = spawn(process.execPath, ['-e', script, dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return () => watcher.kill();
}
