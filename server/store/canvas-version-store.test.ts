import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryBlobs } from '../../test/support/build-domain.ts';
import type { TestStores } from '../../test/support/open-test-stores.ts';
import { openTestStores } from '../../test/support/open-test-stores.ts';
import { MAX_VERSIONS_PER_CANVAS } from '../../shared/limits.ts';
import type { CanvasVersionStore, NewCanvasVersion } from '../domain/ports.ts';
import { createCanvasVersionStore } from './canvas-version-store.ts';

let opened: TestStores;
let blobs: MemoryBlobs;
let versions: CanvasVersionStore;
let canvasId: string;
let ann: string;

beforeAll(async () => {
  opened = await openTestStores();
  blobs = new MemoryBlobs();
  versions = createCanvasVersionStore(opened.database, blobs);
});

afterAll(() => opened.close());

beforeEach(async () => {
  const { projects, canvases, participants } = opened.stores;
  ({ id: ann } = await participants.create({ nickname: 'Quiet Fox', color: '#0b7fab' }));
  const { id: projectId } = await projects.create({
    ...{ name: 'Animals', isPlayground: false, ownerId: ann, ownerToken: randomUUID() },
    canvas: { name: 'first', mode: 'free' },
  });
  ({ id: canvasId } = await canvases.create({ projectId, name: 'second', mode: 'free' }));
});

function build(more: Partial<NewCanvasVersion> = {}): NewCanvasVersion {
  const state = { bytes: Uint8Array.of(1, 2, 3), strokes: 2 };
  return { canvasId, name: 'Monday', createdBy: ann, isAutomatic: false, state, ...more };
}

describe('versions of canvases', () => {
  test('are found as they were kept', async () => {
    const version = await versions.create(build());
    expect(version).toMatchObject({
      ...{ canvasId, name: 'Monday', strokes: 2 },
      createdBy: { participantId: ann, nickname: 'Quiet Fox' },
    });
    expect(await versions.find(version.id)).toEqual(version);
    expect([...(await versions.readState(version.id))]).toEqual([1, 2, 3]);
    expect(await versions.find(randomUUID())).toBeNull();
    expect(await versions.find('not an id')).toBeNull();
  });

  test('are listed by page, newest first', async () => {
    for (const name of ['a', 'b', 'c']) await versions.create(build({ name }));
    const first = await versions.list(canvasId, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(['c', 'b']);
    const rest = await versions.list(canvasId, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(rest).toMatchObject({ items: [{ name: 'a' }], nextCursor: null });
  });

  test('outlive whoever kept them', async () => {
    const { id } = await versions.create(build());
    await opened.database.pool.query('delete from participants where id = $1', [ann]);
    expect(await versions.find(id)).toMatchObject({ createdBy: null });
    expect(await versions.create(build({ createdBy: null }))).toMatchObject({ createdBy: null });
  });

  test('that are large are blobs, gone with their rows', async () => {
    const state = { bytes: new Uint8Array(1_048_577).fill(3), strokes: 9 };
    const { id } = await versions.create(build({ state }));
    const keys = (): string[] => [...blobs.blobs.keys()];
    expect(keys()).toHaveLength(1);
    expect(await opened.stores.examples.unreferencedBlobKeys(keys())).toEqual([]);
    expect((await versions.readState(id)).length).toBe(1_048_577);
    await versions.remove(id);
    expect(keys()).toEqual([]);
    const unknown = { code: 'canvas_version.unknown' };
    await expect(versions.readState(id)).rejects.toMatchObject(unknown);
  });

  test('that are damaged are told as such', async () => {
    const { id } = await versions.create(build());
    await opened.database.pool.query(`update canvas_versions set state = '\\x01' where id = $1`, [
      id,
    ]);
    await expect(versions.readState(id)).rejects.toThrow('damaged');
  });

  test('are as many as may be, also when two are kept at once', async () => {
    for (let n = 1; n < MAX_VERSIONS_PER_CANVAS; n++) await versions.create(build());
    const both = await Promise.allSettled([versions.create(build()), versions.create(build())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const tooMany = { code: 'canvas_version.too_many' };
    await expect(versions.create(build({ isAutomatic: true }))).rejects.toMatchObject(tooMany);
    const { items } = await versions.list(canvasId, { limit: 200 });
    await versions.remove(items[0]?.id ?? '');
    await versions.create(build({ isAutomatic: true, name: 'Before one' }));
    await versions.create(build({ isAutomatic: true, name: 'Before two' }));
    const after = await versions.list(canvasId, { limit: 200 });
    expect(after.items).toHaveLength(MAX_VERSIONS_PER_CANVAS);
    expect(after.items.map(({ name }) => name)).not.toContain('Before one');
  });

  test('of a canvas that is not there are refused', async () => {
    const creating = versions.create(build({ canvasId: randomUUID() }));
    await expect(creating).rejects.toMatchObject({ code: 'canvas.unknown' });
  });
});
