import { beforeEach, describe, expect, test } from 'vitest';
import type { BuiltDomain } from '../../test/support/build-domain.ts';
import { buildDomain, unknownId } from '../../test/support/build-domain.ts';
import { MAX_VERSIONS_PER_CANVAS } from '../../shared/limits.ts';
import type { Role } from '../../shared/participant.ts';
import type { CanvasVersions } from './canvas-versions.ts';
import { ensurePlayground } from './playground.ts';
import { memoryStores } from '../../test/support/memory-stores.ts';

const page = { limit: 500 };

let built: BuiltDomain;
let versions: CanvasVersions;
let ann: string;
let projectId: string;
let canvasId: string;

beforeEach(async () => {
  built = buildDomain();
  versions = built.domain.canvasVersions;
  ann = await built.guest();
  ({ id: projectId } = await built.domain.projects.create(ann, 'Shapes'));
  const { items } = await built.domain.canvases.list(ann, projectId, page);
  canvasId = items[0]?.id ?? '';
});

async function guestAs(role: Role): Promise<string> {
  const guest = await built.guest();
  await memoryStores(built.tables).projects.grantRole(projectId, guest, role);
  return guest;
}

async function names(): Promise<string[]> {
  return (await versions.list(ann, canvasId, page)).items.map(({ name }) => name);
}

describe('a version of a canvas', () => {
  test('says what was shown, when, and who kept it', async () => {
    built.documents.shown.set(canvasId, 7);
    const { nickname } = await built.domain.participants.get(ann);
    const version = await versions.create(ann, canvasId, 'Monday');
    expect(version).toMatchObject({ canvasId, name: 'Monday', strokes: 7 });
    expect(version.createdBy).toEqual({ participantId: ann, nickname });
    expect((await versions.list(ann, canvasId, page)).items).toEqual([version]);
  });

  test('is restored, with what was there before kept', async () => {
    built.documents.shown.set(canvasId, 7);
    const { id } = await versions.create(ann, canvasId, 'Monday');
    built.documents.shown.set(canvasId, 3);
    const before = await versions.restore(ann, id);
    expect(before).toMatchObject({ name: 'Before restoring Monday', strokes: 3 });
    expect(built.documents.shown.get(canvasId)).toBe(7);
    expect(await names()).toEqual(['Before restoring Monday', 'Monday']);
    await versions.restore(ann, before.id);
    expect(built.documents.shown.get(canvasId)).toBe(3);
  });

  test.each([
    ['m'.repeat(60), `Before restoring ${'m'.repeat(43)}`],
    [`${'m'.repeat(42)}😀`, `Before restoring ${'m'.repeat(42)}`],
    [`${'m'.repeat(42)} n`, `Before restoring ${'m'.repeat(42)}`],
  ])('with the long name %s is named in part', async (name, expected) => {
    const { id } = await versions.create(ann, canvasId, name);
    expect((await versions.restore(ann, id)).name).toBe(expected);
  });

  test('that is unknown, or was deleted, cannot be restored', async () => {
    const unknown = { code: 'canvas_version.unknown' };
    await expect(versions.restore(ann, unknownId())).rejects.toMatchObject(unknown);
    const { id } = await versions.create(ann, canvasId, 'Monday');
    await versions.remove(ann, id);
    await expect(versions.restore(ann, id)).rejects.toMatchObject(unknown);
    await expect(versions.remove(ann, id)).rejects.toMatchObject(unknown);
  });

  test('of a canvas that is gone is out of reach', async () => {
    const { id } = await versions.create(ann, canvasId, 'Monday');
    built.tables.canvases.delete(canvasId);
    const gone = { code: 'canvas.unknown' };
    await expect(versions.restore(ann, id)).rejects.toMatchObject(gone);
    await expect(versions.create(ann, canvasId, 'x')).rejects.toMatchObject(gone);
    await expect(versions.list(ann, canvasId, page)).rejects.toMatchObject(gone);
  });

  test('of somebody else’s project is closed to strangers', async () => {
    const { id } = await versions.create(ann, canvasId, 'Monday');
    const stranger = await built.guest();
    await built.domain.projects.create(stranger, 'Theirs');
    const denied = { code: 'access.denied' };
    await expect(versions.list(stranger, canvasId, page)).rejects.toMatchObject(denied);
    await expect(versions.restore(stranger, id)).rejects.toMatchObject(denied);
    await expect(versions.remove(stranger, id)).rejects.toMatchObject(denied);
    await expect(versions.create(stranger, canvasId, 'x')).rejects.toMatchObject(denied);
  });

  test('is kept by contributors, restored by editors; owners begin the canvas anew', async () => {
    const { id } = await versions.create(ann, canvasId, 'Monday');
    const [viewer, contributor, editor] = [
      await guestAs('viewer'),
      await guestAs('contributor'),
      await guestAs('editor'),
    ];
    const denied = { code: 'access.denied' };
    expect((await versions.list(viewer, canvasId, page)).items).toHaveLength(1);
    await expect(versions.create(viewer, canvasId, 'x')).rejects.toMatchObject(denied);
    await versions.create(contributor, canvasId, 'Tuesday');
    await expect(versions.restore(contributor, id)).rejects.toMatchObject(denied);
    await versions.restore(editor, id);
    await expect(versions.renew(editor, canvasId)).rejects.toMatchObject(denied);
    expect(await versions.renew(ann, canvasId)).toMatchObject({ id: canvasId });
    expect(built.documents.renewed).toEqual([canvasId]);
    expect((await names())[0]).toBe('Before renewal');
  });
});

describe('a canvas with as many versions as it may have', () => {
  beforeEach(async () => {
    for (let n = 1; n <= MAX_VERSIONS_PER_CANVAS; n++)
      await versions.create(ann, canvasId, `Version ${n}`);
  });

  test('cannot keep more, and is not restored or begun anew without', async () => {
    const full = { code: 'canvas_version.too_many' };
    await expect(versions.create(ann, canvasId, 'More')).rejects.toMatchObject(full);
    const { items } = await versions.list(ann, canvasId, page);
    await expect(versions.restore(ann, items[0]?.id ?? '')).rejects.toMatchObject(full);
    await expect(versions.renew(ann, canvasId)).rejects.toMatchObject(full);
    expect(built.documents.renewed).toEqual([]);
  });

  test('forgets what it has kept by itself first', async () => {
    const { items } = await versions.list(ann, canvasId, page);
    const [newest, oldest] = [items[0]?.id ?? '', items.at(-1)?.id ?? ''];
    await versions.remove(ann, oldest);
    await versions.restore(ann, newest);
    await versions.renew(ann, canvasId);
    const left = await names();
    expect(left).toHaveLength(MAX_VERSIONS_PER_CANVAS);
    expect(left.filter((name) => name.startsWith('Before'))).toEqual(['Before renewal']);
  });
});

test('the Playground keeps versions, but is not restored or begun anew', async () => {
  const playground = await ensurePlayground({
    ...memoryStores(built.tables),
    predictor: built.predictor,
  });
  const { items } = await built.domain.canvases.list(ann, playground.id, page);
  const id = items[0]?.id ?? '';
  const version = await versions.create(ann, id, 'Monday');
  const refused = { code: 'project.protected' };
  await expect(versions.restore(ann, version.id)).rejects.toMatchObject(refused);
  await expect(versions.remove(ann, version.id)).rejects.toMatchObject(refused);
  await expect(versions.renew(ann, id)).rejects.toMatchObject(refused);
});
