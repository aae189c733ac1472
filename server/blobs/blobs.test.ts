import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Azurite } from '../../test/support/start-azurite.ts';
import { startAzurite } from '../../test/support/start-azurite.ts';
import type { BlobStore } from '../domain/ports.ts';
import { openAzureBlobs } from './azure-blobs.ts';
import { openFileBlobs } from './file-blobs.ts';

const PNG = 'image/png';

/** What every blob store promises. */
function keepsThePromises(open: () => Promise<BlobStore>): void {
  let blobs: BlobStore;
  /** The stores are shared by the tests, so each writes below a folder of its own. */
  let folder: string;

  beforeAll(async () => {
    blobs = await open();
    folder = randomUUID();
  });

  test('gives back the bytes that were put', async () => {
    const bytes = Uint8Array.from({ length: 3_000 }, (_, n) => n % 256);
    await blobs.put(`${folder}/image.png`, bytes, PNG);
    const read = await blobs.get(`${folder}/image.png`);
    expect(read && Buffer.from(read).equals(bytes)).toBe(true);
  });

  test('keeps an empty blob apart from none', async () => {
    await blobs.put(`${folder}/empty.bin`, new Uint8Array(0), 'application/octet-stream');
    expect(await blobs.get(`${folder}/empty.bin`)).toHaveLength(0);
    expect(await blobs.get(`${folder}/none.bin`)).toBeNull();
    expect(await blobs.get(`${folder}-none/deep/down.bin`)).toBeNull();
  });

  test('replaces a blob', async () => {
    await blobs.put(`${folder}/twice.bin`, Uint8Array.of(1, 1, 1), PNG);
    await blobs.put(`${folder}/twice.bin`, Uint8Array.of(2), PNG);
    expect([...((await blobs.get(`${folder}/twice.bin`)) ?? [])]).toEqual([2]);
  });

  test('deletes a blob, and one that is not there without a word', async () => {
    await blobs.put(`${folder}/gone.bin`, Uint8Array.of(1), PNG);
    await blobs.delete(`${folder}/gone.bin`);
    await blobs.delete(`${folder}/gone.bin`);
    expect(await blobs.get(`${folder}/gone.bin`)).toBeNull();
  });

  test('lists what begins with a prefix, with its time', async () => {
    const at = `${folder}-list`;
    const keys = ['a/1.png', 'a/2.png', 'ab/3.png', 'b/4.png'].map((key) => `${at}/${key}`);
    await Promise.all(keys.map((key) => blobs.put(key, Uint8Array.of(1), PNG)));
    const under = async (prefix: string) => (await blobs.list(prefix)).map(({ key }) => key);
    expect(await under(`${at}/`)).toEqual(keys);
    expect(await under(`${at}/a`)).toEqual(keys.slice(0, 3));
    expect(await under(`${at}/a/`)).toEqual(keys.slice(0, 2));
    expect(await under(`${at}/c`)).toEqual([]);
    const [first] = await blobs.list(`${at}/`);
    expect(Math.abs((first?.modifiedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('takes many at once, also under the same key', async () => {
    const put = (n: number) =>
      blobs.put(`${folder}/many-${n % 10}.bin`, Uint8Array.of(n % 10), PNG);
    await Promise.all(Array.from({ length: 50 }, (_, n) => put(n)));
    expect([...((await blobs.get(`${folder}/many-7.bin`)) ?? [])]).toEqual([7]);
  });

  test.each([
    '',
    '/etc/passwd',
    '../out',
    'a/../../out',
    'a//b',
    'a/',
    '.hidden',
    'a\\b',
    'a\0b',
    'ä',
    'x'.repeat(201),
  ])('refuses the key %j', async (key) => {
    await expect(blobs.put(key, Uint8Array.of(1), PNG)).rejects.toThrow('Not a key');
    await expect(blobs.get(key)).rejects.toThrow('Not a key');
    await expect(blobs.delete(key)).rejects.toThrow('Not a key');
  });

  test('is reachable', async () => {
    await expect(blobs.check()).resolves.toBeUndefined();
  });
}

/** What every blob store answers when it cannot be reached, and how soon. */
async function answersUnavailable(blobs: BlobStore): Promise<void> {
  const begun = performance.now();
  const unavailable = { code: 'blobs.unavailable' };
  await expect(blobs.put('a.png', Uint8Array.of(1), PNG)).rejects.toMatchObject(unavailable);
  await expect(blobs.get('a.png')).rejects.toMatchObject(unavailable);
  await expect(blobs.list('')).rejects.toMatchObject(unavailable);
  await expect(blobs.check()).rejects.toMatchObject(unavailable);
  expect(performance.now() - begun).toBeLessThan(8_000);
}

describe('blobs as files', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'tc-blobs-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  keepsThePromises(() => openFileBlobs(path.join(folder, 'blobs')));

  test('leave nothing half-written behind', () => {
    expect(readdirSync(path.join(folder, 'blobs', '.unfinished'))).toEqual([]);
  });

  test('clear away what a crash has left, but not what another process is writing', async () => {
    const unfinished = path.join(folder, 'crashed', '.unfinished');
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(path.join(unfinished, 'old'), '');
    writeFileSync(path.join(unfinished, 'new'), '');
    utimesSync(path.join(unfinished, 'old'), 0, 0);
    const blobs = await openFileBlobs(path.join(folder, 'crashed'));
    expect(readdirSync(unfinished)).toEqual(['new']);
    expect(await blobs.list('')).toEqual([]);
  });

  test('are unavailable when their folder is', async () => {
    const lost = path.join(folder, 'lost');
    const blobs = await openFileBlobs(lost);
    rmSync(lost, { recursive: true });
    writeFileSync(lost, 'a file where the folder was');
    await answersUnavailable(blobs);
    await expect(openFileBlobs(lost)).rejects.toMatchObject({ code: 'blobs.unavailable' });
    expect(existsSync(lost)).toBe(true);
  });
});

describe('blobs in Azure Blob Storage', () => {
  let azurite: Azurite;

  beforeAll(async () => {
    azurite = await startAzurite();
  });

  afterAll(async () => {
    await azurite.stop();
  });

  const open = () =>
    openAzureBlobs({ connectionString: azurite.connectionString, container: 'test-blobs' });

  keepsThePromises(open);

  test('keep their content type', async () => {
    const blobs = await open();
    await blobs.put('typed.png', Uint8Array.of(1), PNG);
    const { BlobServiceClient } = await import('@azure/storage-blob');
    const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
    const blob = service.getContainerClient('test-blobs').getBlobClient('typed.png');
    expect((await blob.getProperties()).contentType).toBe(PNG);
  });

  test('are unavailable when the service is', async () => {
    const nowhere = azurite.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    await answersUnavailable(
      await openAzureBlobs({ connectionString: nowhere, container: 'test-blobs' }),
    );
  });
});
