import path from 'node:path';
import { openBlobs } from './blobs/blobs.ts';
import type { Config } from './config.ts';
import type { BlobStore, CanvasVersionStore } from './domain/ports.ts';
import type { Closers } from './host/closers.ts';
import type { Logger } from './logger.ts';
import { createCanvasLog } from './store/canvas-log.ts';
import { createCanvasVersionStore } from './store/canvas-version-store.ts';
import type { Database } from './store/database.ts';
import { openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import type { Stores } from './store/stores.ts';
import { openStores } from './store/stores.ts';
import type { CanvasLog } from './sync/canvas-log.ts';

/** Everything that lasts. */
export interface Storage {
  readonly database: Database;
  readonly stores: Stores;
  readonly canvasLog: CanvasLog;
  readonly canvasVersions: CanvasVersionStore;
  readonly blobs: BlobStore;
}

/** Opens database and blob store, the embedded ones unless others are configured, and migrates. */
export async function openStorage(
  config: Config,
  { logger, closers }: { readonly logger: Logger; readonly closers: Closers },
): Promise<Storage> {
  const url = config.DATABASE_URL ?? (await startPostgres(config, closers));
  const database = await openDatabase(url, { logger });
  closers.add(() => database.close());
  await database.migrate();
  const blobs = await openBlobs(config);
  const canvasLog = createCanvasLog(database, blobs);
  const canvasVersions = createCanvasVersionStore(database, blobs);
  return { database, stores: openStores(database), canvasLog, canvasVersions, blobs };
}

async function startPostgres(config: Config, closers: Closers): Promise<string> {
  const postgres = await startEmbeddedPostgres({
    dir: path.join(config.DATA_DIR, 'postgres'),
    database: 'training_canvas',
    durable: true,
  });
  closers.add(() => postgres.stop());
  return postgres.url;
}
