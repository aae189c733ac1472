import { AppError } from '../../shared/errors.ts';
import type { CanvasLog, StoredCanvas } from './canvas-log.ts';
import type { SyncCounters } from './counters.ts';
import type { SyncLogger } from './rooms.ts';
import type { LoadedCanvas } from './stored-canvas.ts';
import { readStoredCanvas } from './stored-canvas.ts';

export interface RoomLoaderOptions {
  readonly log: CanvasLog;
  readonly logger: SyncLogger;
  readonly counters: SyncCounters;
}

/** A canvas as it was loaded. */
export type ReadCanvas = LoadedCanvas & Pick<StoredCanvas, 'generation' | 'snapshotNumber'>;

/**
 * Reads a canvas from the log. What cannot be opened is an error, never an empty canvas; a row that
 * cannot be read is set aside. Throws `canvas.unknown` or `database.unavailable`.
 */
export async function loadCanvas(
  options: RoomLoaderOptions,
  canvasId: string,
): Promise<ReadCanvas> {
  const loaded = await read(options, canvasId);
  if (!loaded) throw new AppError('canvas.unknown', 'This canvas does not exist any more.');
  if (loaded.unreadable.length > 0) await setAside(options, canvasId, loaded);
  return loaded;
}

async function read(
  { log, logger, counters }: RoomLoaderOptions,
  canvasId: string,
): Promise<ReadCanvas | null> {
  try {
    const stored = await log.load(canvasId);
    if (!stored) return null;
    const { generation, snapshotNumber } = stored;
    return { ...readStoredCanvas(stored), generation, snapshotNumber };
  } catch (error) {
    counters.loadFailures += 1;
    logger.error({ canvasId, err: error }, 'sync.load_failed');
    const message = 'This canvas cannot be opened right now. Please try again in a moment.';
    throw new AppError('database.unavailable', message, {}, { cause: error });
  }
}

async function setAside(
  { log, logger, counters }: RoomLoaderOptions,
  canvasId: string,
  { unreadable }: LoadedCanvas,
): Promise<void> {
  counters.unreadableUpdates += unreadable.length;
  const rows = unreadable.map(({ seq, reason }) => ({ seq: String(seq), reason }));
  logger.error({ canvasId, rows }, 'sync.unreadable_updates');
  try {
    await log.setAside(canvasId, unreadable);
  } catch (error) {
    // They stay in the log, where the next load finds them again.
    logger.warn({ canvasId, err: error }, 'sync.not_set_aside');
  }
}
