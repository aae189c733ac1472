import type { SweepPorts } from './domain/example-blobs.ts';
import { sweepBlobs } from './domain/example-blobs.ts';
import type { Logger } from './logger.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Sweeps blobs that nothing points at now and daily. Returns its undo. */
export function startSweeping({
  logger,
  ...ports
}: SweepPorts & { readonly logger: Logger }): () => void {
  const sweep = async (): Promise<void> => {
    try {
      const swept = await sweepBlobs(ports, new Date());
      if (swept > 0) logger.info({ swept }, 'blobs.swept');
    } catch (err) {
      logger.warn({ err }, 'blobs.not_swept');
    }
  };
  const first = setImmediate(() => void sweep());
  const daily = setInterval(() => void sweep(), DAY_MS);
  return () => {
    clearImmediate(first);
    clearInterval(daily);
  };
}
