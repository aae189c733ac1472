import { fork, type ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { StepShape } from './time-steps.ts';
import type { TrainingDevice } from './training-device.ts';

/** What the probe's process is told, as its only argument. */
export interface ProbeJob {
  readonly device: TrainingDevice;
  readonly shape: StepShape;
  readonly timeLimitMs: number;
}

const Timing = z.object({ examplesPerSecond: z.number(), losses: z.array(z.number()).readonly() });

const ProbeReply = z.discriminatedUnion('isThere', [
  z.object({ isThere: z.literal(true), timing: Timing }),
  z.object({ isThere: z.literal(false), reason: z.string() }),
]);
/** Whether a device can train a network, and how fast; `reason` is for the log. */
export type ProbeReply = z.infer<typeof ProbeReply>;

export interface ProbeOptions {
  /** The bundle of `probe-main.ts`. */
  readonly entry: string;
  readonly signal?: AbortSignal | undefined;
}

const MAX_REASON_CHARACTERS = 400;

/**
 * Tries a device out in a process of its own. Whatever happens to that process becomes a reply;
 * only an aborted `signal` throws.
 */
export async function probeDevice(job: ProbeJob, options: ProbeOptions): Promise<ProbeReply> {
  const { entry, signal } = options;
  signal?.throwIfAborted();
  const child = fork(entry, [JSON.stringify(job)], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: job.timeLimitMs,
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  });
  const reply = await replyOf(child, job.timeLimitMs);
  signal?.throwIfAborted();
  return reply;
}

/** What the child said, if it also ended well: a device that crashes at the end is none to use. */
async function replyOf(child: ChildProcess, timeLimitMs: number): Promise<ProbeReply> {
  let said: ProbeReply | null = null;
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors = `${errors}${text.toString()}`.slice(-MAX_REASON_CHARACTERS);
  });
  child.on('message', (message) => {
    const reply = ProbeReply.safeParse(message);
    said = reply.success ? reply.data : failed('It computes no finite numbers.');
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(failed(error.message)));
    child.on('close', (code, signal) => {
      if (said && code === 0) resolve(said);
      else if (child.killed) resolve(failed(`It took longer than ${timeLimitMs} ms.`));
      else resolve(failed(`The probe ended with ${signal ?? `code ${code}`}. ${errors}`.trim()));
    });
  });
}

function failed(reason: string): ProbeReply {
  return { isThere: false, reason: reason.slice(0, MAX_REASON_CHARACTERS) };
}
