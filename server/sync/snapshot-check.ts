import { Worker } from 'node:worker_threads';
import type { SnapshotFacts } from './snapshot-facts.ts';
import { areSameFacts, factsOfSnapshot } from './snapshot-facts.ts';

/** Reading a larger snapshot would keep everybody else waiting. */
const MAX_BYTES_HERE = 256 * 1024;
const MAX_CHECK_MS = 60_000;

/** Throws unless the snapshot makes a document of these facts. */
export type CheckSnapshot = (snapshot: Uint8Array, facts: SnapshotFacts) => Promise<void>;

/**
 * Checks large snapshots in a worker, whose entry is the bundle of `snapshot-check-main.ts`, and
 * small ones here. Where no worker can be started, all are checked here: slower, but checked.
 */
export function createSnapshotCheck(workerEntry: string | null): CheckSnapshot {
  return async (snapshot, facts) => {
    const isLarge = snapshot.length > MAX_BYTES_HERE;
    const read = workerEntry !== null && isLarge ? await readInWorker(workerEntry, snapshot) : null;
    if (!areSameFacts(read ?? factsOfSnapshot(snapshot), facts))
      throw new Error('The snapshot of a canvas does not hold all of it');
  };
}

/** Null where the worker did not start. Throws when it could not read the snapshot. */
async function readInWorker(entry: string, snapshot: Uint8Array): Promise<SnapshotFacts | null> {
  const worker = new Worker(entry, { workerData: snapshot });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<Answer | null>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The check takes too long')), MAX_CHECK_MS);
      worker.once('message', resolve);
      worker.once('error', () => resolve(null));
      worker.once('exit', () => resolve(null));
    });
    if (answer && 'reason' in answer) throw new Error(answer.reason);
    return answer?.facts ?? null;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** What `snapshot-check-main.ts` says. */
type Answer = { readonly facts: SnapshotFacts } | { readonly reason: string };
