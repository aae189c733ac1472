import { parentPort, workerData } from 'node:worker_threads';
import { factsOfSnapshot } from './snapshot-facts.ts';

/** Entry of the worker that reads a snapshot: answers with its facts, or with why there are none. */
function main(): unknown {
  try {
    if (!(workerData instanceof Uint8Array)) throw new Error('No snapshot was given');
    return { facts: factsOfSnapshot(workerData) };
  } catch (error) {
    return { reason: String(error) };
  }
}

parentPort?.postMessage(main());
