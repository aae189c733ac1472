import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildTrainer } from '../../test/support/build-trainer.ts';
import { eventually } from '../../test/support/eventually.ts';
import { handDrawn } from '../../test/support/hand-drawn.ts';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { isRunning, runningProcesses } from '../../test/support/process-table.ts';
import { PROJECT_ROOT } from '../../test/support/project-root.ts';
import { createLogger } from '../logger.ts';
import { TrainerProcess } from './trainer-process.ts';

let lab: LearningLab;
let bundle: Awaited<ReturnType<typeof buildTrainer>>;
beforeAll(async () => {
  [lab, bundle] = await Promise.all([openLearningLab(), buildTrainer()]);
});
afterAll(() => Promise.all([lab.close(), bundle.remove()]));

function environment(): Record<string, string | undefined> {
  const { dataDir, database } = lab;
  return { ...process.env, DATABASE_URL: database.url, DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
}

function startProcess(): TrainerProcess {
  const trainer = new TrainerProcess({
    entry: bundle.entry,
    trainerId: 'server of the test',
    env: environment(),
    logger: createLogger('silent'),
  });
  onTestFinished(() => trainer.stop());
  return trainer;
}

async function project(): Promise<LabProject> {
  return lab.createProject(['cat', 'dog', 'house', 'sun']);
}

async function stateOf(trainingRunId: string): Promise<string | undefined> {
  return (await lab.stores.trainingRuns.find(trainingRunId))?.state;
}

async function stepOf(trainingRunId: string): Promise<number> {
  return (await lab.stores.trainingRuns.find(trainingRunId))?.progress.step ?? 0;
}

/** With enough to learn from for a run that changes the backbone. */
async function taughtProject(): Promise<LabProject> {
  const names = ['anchor', 'kite'] as const;
  const taught = await lab.createProject(names);
  const sketchesOf = (name: (typeof names)[number]) =>
    [0, 1, 2, 3, 4, 5].map((n) => handDrawn(name, n));
  for (const name of names) await lab.teach(taught, name, sketchesOf(name));
  return taught;
}

/** Longer than any test waits. */
const LASTING = {
  layers: 'all',
  hyperparameters: { epochs: 1_000, batchSize: 8 },
} as const;

/** Long enough to be killed in the middle of, short enough to be waited for. */
const LONG = { hyperparameters: { epochs: 1_000 } } as const;

// A trainer gives way to everything else, so that on a busy machine it takes its time to start.
describe('the trainer process', { timeout: 60_000 }, () => {
  test('takes what is queued and promotes the result', async () => {
    const { id } = await lab.requestRun(await project());
    startProcess();
    await eventually(async () => expect(await stateOf(id)).toBe('succeeded'), 30_000);
  });

  test('finishes its run and ends when it is stopped', async () => {
    const trainer = startProcess();
    const { id } = await lab.requestRun(await project());
    await eventually(async () => expect(await stateOf(id)).not.toBe('queued'));
    const pid = trainer.pid ?? 0;
    await trainer.stop();
    expect(isRunning(pid)).toBe(false);
    expect(trainer.isAlive).toBe(false);
    expect(await stateOf(id)).toBe('succeeded');
  });

  test('stopped in the middle of a long run, leaves it with a checkpoint to whoever asks next', async () => {
    const trainer = startProcess();
    const { id } = await lab.requestRun(await taughtProject(), LASTING);
    await eventually(async () => expect(await stepOf(id)).toBeGreaterThan(0), 60_000);
    await trainer.stop();
    expect(await lab.blobs.get(`checkpoints/${id}`)).not.toBeNull();
    expect(await lab.stores.claims.claim('another', 60_000)).toMatchObject({ id });
    await lab.stores.claims.fail(id, 'another', 'It was only to be claimed.');
  });

  test('that is killed in the middle of a run is started again and takes the run up', async () => {
    const trainer = startProcess();
    const { id } = await lab.requestRun(await project(), LONG);
    await eventually(async () => expect(await stateOf(id)).toBe('running'));
    const killed = trainer.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await eventually(() => {
      expect(trainer.isAlive).toBe(true);
      expect(trainer.pid).not.toBe(killed);
    });
    // Long before the lease of the dead one would have run out.
    await eventually(async () => expect(await stateOf(id)).toBe('succeeded'), 12_000);
  });

  test('killed while it changes the backbone, goes on from its checkpoint; what is served stays', async () => {
    const taught = await taughtProject();
    const trainer = startProcess();
    const first = await lab.requestRun(taught);
    await eventually(async () => expect(await stateOf(first.id)).toBe('succeeded'));
    const served = await lab.stores.modelVersions.findPromoted(taught.id);
    const { id } = await lab.requestRun(taught, LASTING);
    await eventually(
      async () => expect(await lab.blobs.get(`checkpoints/${id}`)).not.toBeNull(),
      60_000,
    );
    const before = await stepOf(id);
    const killed = trainer.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await eventually(() => expect([undefined, killed]).not.toContain(trainer.pid));
    // A run begun anew would tell of its first steps; the checkpoint is seconds behind at most.
    const goesOnFrom = await eventually(async () => {
      const run = await lab.stores.trainingRuns.find(id);
      expect(run?.progress.step).not.toBe(before);
      expect(run?.progress.step).toBeGreaterThan(0);
      return run?.progress.step ?? 0;
    }, 120_000);
    expect(goesOnFrom).toBeGreaterThan(before / 3);
    expect(await lab.stores.modelVersions.findPromoted(taught.id)).toEqual(served);
    await lab.stores.trainingRuns.cancel(id);
    await eventually(async () => expect(await stateOf(id)).toBe('cancelled'));
    await eventually(async () => expect(await lab.blobs.get(`checkpoints/${id}`)).toBeNull());
  }, 240_000);

  test('ends when its server is killed', async () => {
    const server = await startParent();
    const trainer = await eventually(() => {
      const child = runningProcesses().find(({ parentPid }) => parentPid === server.pid);
      if (!child) throw new Error('There is no trainer yet.');
      return child;
    });
    const { id } = await lab.requestRun(await project());
    await eventually(async () => expect(await stateOf(id)).toBe('succeeded'), 30_000);
    const died = once(server, 'exit');
    server.kill('SIGKILL');
    await died;
    await eventually(() => expect(isRunning(trainer.pid)).toBe(false));
  });
});

/** A process that does nothing but have a trainer. */
async function startParent(): Promise<ReturnType<typeof fork>> {
  const folder = await mkdtemp(path.join(PROJECT_ROOT, 'node_modules', '.parent-'));
  const file = path.join(folder, 'parent.mjs');
  await writeFile(
    file,
    `import { fork } from 'node:child_process';
     fork(process.argv[2], ['orphan'], { stdio: 'inherit' });
     setInterval(() => undefined, 1_000);`,
  );
  const parent = fork(file, [bundle.entry], { env: environment(), execArgv: [] });
  onTestFinished(async () => {
    parent.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });
  return parent;
}
