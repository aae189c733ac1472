import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileBlobs } from '../server/blobs/file-blobs.ts';
import { createCanvasLog } from '../server/store/canvas-log.ts';
import { addStroke, openCanvasDoc } from '../shared/canvas-doc.ts';
import type { BuiltEntry } from './support/build-entry.ts';
import { buildEntry } from './support/build-entry.ts';
import { eventually } from './support/eventually.ts';
import type { TestStores } from './support/open-test-stores.ts';
import { openTestStores } from './support/open-test-stores.ts';
import type { RunningHub } from './support/start-hub.ts';
import { startHub } from './support/start-hub.ts';
import { SyncConnection } from './support/sync-connection.ts';

/** More than a row holds, and less than a person may send at once. */
const STROKES = 45;
const POINTS = 5_000;
const ANN = randomUUID();

let opened: TestStores;
let check: BuiltEntry;
let folder: string;
let running: RunningHub;
let canvasId: string;

beforeAll(async () => {
  opened = await openTestStores();
  folder = await mkdtemp(path.join(tmpdir(), 'training-canvas-'));
  check = await buildEntry('server/sync/snapshot-check-main.ts');
  const { projects, canvases } = opened.stores;
  const { id: projectId } = await projects.create({
    ...{ name: 'Pets', isPlayground: false, ownerId: null, ownerToken: randomUUID() },
    canvas: { name: 'first', mode: 'free' },
  });
  ({ id: canvasId } = await canvases.create({ projectId, name: 'large', mode: 'free' }));
  running = await startHub({
    log: createCanvasLog(opened.database, await openFileBlobs(folder)),
    snapshotCheckEntry: check.entry,
    unloadAfterMs: 50,
  });
});

afterAll(async () => {
  await running.stop();
  await opened.close();
  await check.remove();
  await rm(folder, { recursive: true });
});

function come(): SyncConnection {
  return new SyncConnection(running.origin, canvasId, `participant=${ANN}`);
}

function draw({ doc }: SyncConnection): void {
  const columns = Array.from({ length: POINTS }, (_, i) => i);
  for (let n = 0; n < STROKES; n++) {
    const points = {
      xs: columns.map((i) => ((i * 7919 + n) % 9973) * 10),
      ys: columns.map((i) => ((i * 104_729 + n) % 9967) * 10),
      ts: columns.map((i) => i * 8),
      pressures: columns.map(() => 1),
    };
    const style = { tool: 'pen', color: '#000000', width: 4 } as const;
    const ink = { authorId: ANN, startedAt: n, style, points };
    addStroke(openCanvasDoc(doc), { id: `stroke ${n}`, sketchId: `sketch ${n}`, ink }, null);
  }
}

/** By stroke: the digest of its ink. */
function digestsOf({ doc }: SyncConnection): Map<string, string> {
  const entries = [...openCanvasDoc(doc).ink].map(([id, ink]): [string, string] => [
    id,
    ink instanceof Uint8Array ? createHash('sha256').update(ink).digest('hex') : '',
  ]);
  return new Map(entries);
}

/** The files of the blob store. */
async function blobFiles(): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name));
}

async function allHaveLeft(): Promise<void> {
  await eventually(() => expect(running.hub.metrics().rooms).toBe(0), 30_000);
}

test('a large canvas is kept as a blob, comes back whole, and is not opened without it', async () => {
  const here = come();
  await eventually(() => expect(here.isSynced).toBe(true));
  draw(here);
  await eventually(() => expect(here.isSaved).toBe(true), 30_000);
  expect(here.closeCode).toBeNull();
  here.close();
  await allHaveLeft();
  expect(running.hub.metrics()).toMatchObject({ compactionFailures: 0 });
  expect(await blobFiles()).not.toEqual([]);

  const again = come();
  await eventually(() => expect(again.isSynced).toBe(true), 30_000);
  expect(digestsOf(again)).toEqual(digestsOf(here));
  again.close();
  await allHaveLeft();

  for (const file of await blobFiles()) await rm(file);
  const late = come();
  await eventually(() => expect(late.closeCode).toBe(4503));
  expect(late.isSynced).toBe(false);
}, 90_000);
