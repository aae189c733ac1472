/**
 * Entry of the process that tries a GPU out: it makes some steps there, tells how fast they were,
 * and ends. A driver that crashes or hangs takes only this process with it.
 */
import { Worker } from 'node:worker_threads';
import type { ProbeJob, ProbeReply } from './probe-device.ts';
import { timeSteps } from './time-steps.ts';

/** The parent ends this process sooner, unless it is gone itself. */
const GRACE_MS = 1_000;

async function main(): Promise<void> {
  const [argument = ''] = process.argv.slice(2);
  // Written by `probeDevice` of the same build.
  const { device, shape, timeLimitMs } = JSON.parse(argument) as ProbeJob;
  endAfter(timeLimitMs + GRACE_MS);
  process.on('disconnect', () => process.exit(1));
  process.send?.(await tryOut(), () => process.exit(0));

  async function tryOut(): Promise<ProbeReply> {
    try {
      return { isThere: true, timing: await timeSteps(shape, device) };
    } catch (error) {
      return { isThere: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** From a thread of its own: while a driver hangs this thread does nothing, not even end. */
function endAfter(milliseconds: number): void {
  const code = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${milliseconds})`;
  new Worker(code, { eval: true }).unref();
}

await main();
