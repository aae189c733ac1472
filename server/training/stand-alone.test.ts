import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildTrainer } from '../../test/support/build-trainer.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startAzurite, type Azurite } from '../../test/support/start-azurite.ts';

let bundle: Awaited<ReturnType<typeof buildTrainer>>;
let database: TestDatabase;
let azurite: Azurite;
beforeAll(async () => {
  [bundle, database, azurite] = await Promise.all([
    buildTrainer(),
    createTestDatabase(),
    startAzurite(),
  ]);
});
afterAll(() => Promise.all([bundle.remove(), database.drop(), azurite.stop()]));

const NO_STORES = { DATABASE_URL: '', AZURE_STORAGE_CONNECTION_STRING: '' };

type Variables = Readonly<Record<string, string>>;

/** Starts the trainer as somebody would by hand, with these variables set. */
function start(variables: Variables): {
  readonly child: ReturnType<typeof spawn>;
  readonly output: () => string;
  readonly ended: Promise<unknown[]>;
} {
  const child = spawn(process.execPath, [bundle.entry], {
    // An empty variable is one that is not set.
    env: { ...process.env, ...NO_STORES, LOG_LEVEL: 'info', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (text: Buffer): void => {
    output += text.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return { child, output: () => output, ended: once(child, 'close') };
}

describe('a trainer started by hand', () => {
  test.each<[string, () => Variables]>([
    ['database', () => ({ AZURE_STORAGE_CONNECTION_STRING: azurite.connectionString })],
    ['blob storage', () => ({ DATABASE_URL: database.url })],
    ['address of either', () => ({})],
  ])('refuses without a %s, and says which variables it needs', async (_, variables) => {
    const { output, ended } = start(variables());
    expect(await ended).toEqual([1, null]);
    expect(output()).toContain('needs DATABASE_URL and AZURE_STORAGE_CONNECTION_STRING');
    expect(output()).not.toContain(' at ');
  });

  test('works with both, and ends when it is asked to', async () => {
    const { child, output, ended } = start({
      DATABASE_URL: database.url,
      AZURE_STORAGE_CONNECTION_STRING: azurite.connectionString,
    });
    await eventually(() => expect(output()).toContain('trainer.ready'), 30_000);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }, 60_000);

  test('says at its start that the GPU is missing which it was told to use', async () => {
    const { child, output, ended } = start({
      DATABASE_URL: database.url,
      AZURE_STORAGE_CONNECTION_STRING: azurite.connectionString,
      TRAINING_DEVICE: 'cuda',
      // Hides the cards of a machine that has some.
      CUDA_VISIBLE_DEVICES: '-1',
    });
    await eventually(() => expect(output()).toContain('training_device.unavailable'), 30_000);
    expect(output()).toContain('docs/gpu.md');
    child.kill('SIGTERM');
    await ended;
  }, 60_000);
});
