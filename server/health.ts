import type { Health } from '../shared/api/people.ts';
import type { Storage } from './storage.ts';
import type { Trainer } from './trainer.ts';

const CHECK_WITHIN_MS = 2_000;

/** Looks whether what the server needs is up. Always answers: the server itself is, or nobody asks. */
export function createReadHealth(options: {
  readonly version: string;
  readonly storage: Storage;
  readonly trainer: Trainer;
}): () => Promise<Health> {
  const { version, storage, trainer } = options;
  return async () => {
    const [database, blobs] = await Promise.all([
      isUp(storage.database.check()),
      isUp(storage.blobs.check()),
    ]);
    const isWell = database && blobs;
    return {
      status: isWell ? 'ok' : 'degraded',
      version,
      database: database ? 'ok' : 'unavailable',
      blobs: blobs ? 'ok' : 'unavailable',
      trainer: trainer.state(),
    };
  };
}

async function isUp(check: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_WITHIN_MS);
  });
  const up = check.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([up, tooLate]);
  clearTimeout(timer);
  return result;
}
