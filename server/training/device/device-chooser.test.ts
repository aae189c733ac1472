import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { isRunning } from '../../../test/support/process-table.ts';
import { cpuDevices } from './candidates.ts';
import { DeviceChooser, type DeviceChooserOptions } from './device-chooser.ts';
import { timeSteps, type StepShape } from './time-steps.ts';
import { ONE_CPU_THREAD } from './training-device.ts';

const SHAPE: StepShape = {
  network: { pixels: 8, planes: 1, blocks: [{ channels: 4, stride: 2 }], categories: 3 },
  batch: 4,
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'device-chooser-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A probe that does as told, in a real process. */
async function probe(name: string, code: string): Promise<string> {
  const entry = path.join(folder, `${name}.mjs`);
  await writeFile(entry, code);
  return entry;
}

function replying(reply: unknown): string {
  return `process.send(${JSON.stringify(reply)}, () => process.exit(0));`;
}

interface Line {
  readonly event: unknown;
  readonly fields: unknown;
}

function chooserOf(options: Partial<DeviceChooserOptions>): {
  chooser: DeviceChooser;
  errors: Line[];
  infos: Line[];
} {
  const [errors, infos]: [Line[], Line[]] = [[], []];
  const chooser = new DeviceChooser({
    ...{ setting: 'webgpu', mostThreads: 1, probeEntry: path.join(folder, 'nothing.mjs') },
    logger: {
      error: (fields: unknown, event?: unknown) => errors.push({ event, fields }),
      info: (fields: unknown, event?: unknown) => infos.push({ event, fields }),
    },
    ...options,
  });
  return { chooser, errors, infos };
}

function unavailable(reason: RegExp): object {
  return {
    event: 'training_device.unavailable',
    fields: {
      provider: 'webgpu',
      reason: expect.stringMatching(reason) as string,
      advice: expect.stringContaining('docs/gpu.md') as string,
    },
  };
}

describe('a GPU that was asked for', () => {
  test.each([
    ['is not there', replying({ isThere: false, reason: 'No adapters' }), /^No adapters$/],
    ['crashes', 'process.abort();', /^The probe ended/],
    [
      'crashes once all is done',
      `process.send(${JSON.stringify({ isThere: true, timing: { examplesPerSecond: 1, losses: [] } })}, () => process.abort());`,
      /^The probe ended/,
    ],
    ['says why it fails', 'console.error("driver too old"); process.exit(3);', /driver too old/],
    ['gives no numbers', replying({ isThere: true, timing: null }), /no finite numbers/],
    ['ends without a word', 'process.exit(0);', /code 0/],
  ])('and %s: the log says so, and the CPU is used', async (name, code, reason) => {
    const { chooser, errors } = chooserOf({ probeEntry: await probe(name, code) });
    const chosen = await chooser.choose(SHAPE);
    expect(chosen).toEqual({ device: ONE_CPU_THREAD, examplesPerSecond: null });
    expect(errors).toEqual([unavailable(reason)]);
  });

  test('and hangs, deaf to signals: it is killed, and the CPU is used', async () => {
    const file = path.join(folder, 'hanging.pid');
    const code = `
      import { writeFileSync } from 'node:fs';
      process.on('SIGTERM', () => undefined);
      writeFileSync(${JSON.stringify(file)}, String(process.pid));
      for (;;);`;
    const probeEntry = await probe('hangs', code);
    const { chooser, errors } = chooserOf({ probeEntry, probeLimitMs: 5_000 });
    expect((await chooser.choose(SHAPE)).device).toBe(ONE_CPU_THREAD);
    expect(errors).toEqual([unavailable(/longer than 5000 ms/)]);
    const pid = Number(await readFile(file, 'utf8'));
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });

  test('is told at the start to be missing, once', async () => {
    const reply = replying({ isThere: false, reason: 'No adapters' });
    const { chooser, errors } = chooserOf({ probeEntry: await probe('missing', reply) });
    await chooser.check();
    expect(errors).toEqual([unavailable(/No adapters/)]);
    await chooser.choose(SHAPE);
    expect(errors).toHaveLength(1);
  });

  test('and computes other losses than the CPU is not used', async () => {
    const timing = { examplesPerSecond: 1e6, losses: [5, 4, 3, 2] };
    const probeEntry = await probe('wrong', replying({ isThere: true, timing }));
    const { chooser, errors } = chooserOf({ probeEntry });
    expect((await chooser.choose(SHAPE)).device).toBe(ONE_CPU_THREAD);
    expect(errors).toEqual([unavailable(/other losses/)]);
  });

  test('and computes the same is used, and tried once for all numbers of categories', async () => {
    const { losses } = await timeSteps(SHAPE, ONE_CPU_THREAD);
    const file = path.join(folder, 'tries');
    const reply = replying({ isThere: true, timing: { examplesPerSecond: 1e6, losses } });
    const code = `
      import { appendFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(file)}, 'x');
      ${reply}`;
    const { chooser, errors } = chooserOf({ probeEntry: await probe('right', code) });
    const chosen = await chooser.choose(SHAPE);
    expect(chosen).toEqual({
      device: { provider: 'webgpu', threads: 1, spinning: false },
      examplesPerSecond: 1e6,
    });
    const { network } = SHAPE;
    expect(await chooser.choose({ ...SHAPE, network: { ...network, categories: 9 } })).toBe(chosen);
    expect(await readFile(file, 'utf8')).toBe('x');
    expect(errors).toEqual([]);
  });

  test('is not tried any further when the run is cancelled', async () => {
    const probeEntry = await probe('slow', 'setInterval(() => undefined, 1_000);');
    const cancelled = new AbortController();
    const choosing = chooserOf({ probeEntry }).chooser.choose(SHAPE, cancelled.signal);
    const reason = new Error('cancelled');
    cancelled.abort(reason);
    await expect(choosing).rejects.toBe(reason);
  });
});

describe('the timing of steps', () => {
  test('ends between two of them when the run is cancelled', async () => {
    const cancelled = new AbortController();
    const timing = timeSteps(SHAPE, ONE_CPU_THREAD, cancelled.signal);
    const reason = new Error('cancelled');
    setImmediate(() => cancelled.abort(reason));
    await expect(timing).rejects.toBe(reason);
  });
});

describe('without a GPU', () => {
  test('the head is trained on one thread, and nothing is tried out', async () => {
    const { chooser, infos, errors } = chooserOf({ setting: 'auto', mostThreads: 4 });
    const chosen = await chooser.choose({ ...SHAPE, frozenBlocks: 1 });
    expect(chosen).toEqual({ device: ONE_CPU_THREAD, examplesPerSecond: null });
    expect([...infos, ...errors]).toEqual([]);
  });

  test('more threads are tried where there are cores to spare, and the log says what won', async () => {
    const { chooser, infos } = chooserOf({ setting: 'cpu', mostThreads: 2 });
    const chosen = await chooser.choose(SHAPE);
    expect(chosen.device.provider).toBe('cpu');
    expect(chosen.examplesPerSecond).toBeGreaterThan(0);
    expect(infos).toEqual([{ event: 'training_device.chosen', fields: chosen }]);
  });

  test.each([
    [1, ['1']],
    [2, ['1', '2', '2 awake']],
    [3, ['1', '2', '3', '2 awake', '3 awake']],
    [16, ['1', '2', '4', '2 awake', '4 awake']],
  ])('%i threads allow for %j', (mostThreads, expected) => {
    const ways = cpuDevices(mostThreads).map(
      ({ threads, spinning }) => `${threads}${spinning ? ' awake' : ''}`,
    );
    expect(ways).toEqual(expected);
  });
});
