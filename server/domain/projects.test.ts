import { beforeEach, describe, expect, test } from 'vitest';
import type { BuiltDomain } from '../../test/support/build-domain.ts';
import { buildDomain, unknownId } from '../../test/support/build-domain.ts';
import { PARTICIPANT_COLORS } from '../../shared/participant.ts';
import { ensurePlayground, PLAYGROUND_CATEGORIES } from './playground.ts';
import { memoryStores } from '../../test/support/memory-stores.ts';

let built: BuiltDomain;
let ann: string;
let bob: string;

beforeEach(async () => {
  built = buildDomain();
  [ann, bob] = [await built.guest(), await built.guest()];
});

const page = { limit: 100 };

async function canvasOf(projectId: string): Promise<string> {
  const { items } = await built.domain.canvases.list(ann, projectId, page);
  return items[0]?.id ?? '';
}

describe('a new guest', () => {
  test('has a name of two words and a colour', async () => {
    const guest = await built.domain.participants.welcomeGuest();
    expect(guest.nickname).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    expect(guest.color).toMatch(/^#[0-9a-f]{6}$/);
  });

  test('has another colour than the eleven before', async () => {
    const { participants } = built.domain;
    const guests = await Promise.all(PARTICIPANT_COLORS.map(() => participants.welcomeGuest()));
    expect(new Set(guests.map(({ color }) => color))).toEqual(new Set(PARTICIPANT_COLORS));
  });

  test('may change both, or one', async () => {
    const before = await built.domain.participants.get(ann);
    const after = await built.domain.participants.change(ann, { nickname: 'Ann' });
    expect(after).toEqual({ ...before, nickname: 'Ann' });
  });
});

describe('a project', () => {
  test('belongs to whoever created it, and starts with one canvas', async () => {
    const project = await built.domain.projects.create(ann, 'Shapes');
    expect(project).toMatchObject({ name: 'Shapes', role: 'owner', isPlayground: false });
    expect(project).not.toHaveProperty('ownerToken');
    expect(await canvasOf(project.id)).not.toBe('');
  });

  test('is closed to strangers', async () => {
    const { id } = await built.domain.projects.create(ann, 'Shapes');
    await expect(built.domain.projects.get(bob, id)).rejects.toMatchObject({
      code: 'access.denied',
    });
    expect((await built.domain.projects.list(bob, page)).items).toEqual([]);
  });

  test('is joined as contributor by opening a link to its canvas', async () => {
    const { id } = await built.domain.projects.create(ann, 'Shapes');
    const opened = await built.domain.canvases.open(bob, await canvasOf(id));
    expect(opened.role).toBe('contributor');
    expect((await built.domain.projects.list(bob, page)).items).toMatchObject([{ id }]);
    await expect(built.domain.projects.remove(bob, id)).rejects.toMatchObject({
      code: 'access.denied',
    });
  });

  test('keeps its owner an owner who opens the link', async () => {
    const { id } = await built.domain.projects.create(ann, 'Shapes');
    const { role } = await built.domain.canvases.open(ann, await canvasOf(id));
    expect(role).toBe('owner');
  });

  test('takes its canvases from the screens when it is deleted', async () => {
    const { id } = await built.domain.projects.create(ann, 'Shapes');
    const canvasId = await canvasOf(id);
    await built.domain.projects.remove(ann, id);
    expect(built.closedCanvases).toEqual([canvasId]);
    await expect(built.domain.projects.get(ann, id)).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });

  test('is owned again in another browser by the owner link, and by no other', async () => {
    const { id } = await built.domain.projects.create(ann, 'Shapes');
    const token = await built.domain.projects.ownerToken(ann, id);
    await expect(built.domain.projects.ownerToken(bob, id)).rejects.toMatchObject({
      code: 'access.denied',
    });
    expect(await built.domain.projects.claimOwnership(bob, token)).toMatchObject({ role: 'owner' });
    await expect(built.domain.projects.claimOwnership(bob, `${token}x`)).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });

  test('is trained as its owner says, part by part, and nobody else has a say', async () => {
    const { id, strategy } = await built.domain.projects.create(ann, 'Shapes');
    await built.domain.projects.change(ann, id, { strategy: { layers: 'all' } });
    const when = { kind: 'on_schedule', everyMinutes: 5 } as const;
    const changed = await built.domain.projects.change(ann, id, { strategy: { when } });
    expect(changed.strategy).toEqual({ ...strategy, layers: 'all', when });
    await built.domain.canvases.open(bob, await canvasOf(id));
    const change = built.domain.projects.change(bob, id, { strategy: { layers: 'head' } });
    await expect(change).rejects.toMatchObject({ code: 'access.denied' });
  });

  test('that nobody knows is unknown, and so is its canvas', async () => {
    await expect(built.domain.projects.get(ann, unknownId())).rejects.toMatchObject({
      code: 'project.unknown',
    });
    await expect(built.domain.canvases.open(ann, unknownId())).rejects.toMatchObject({
      code: 'canvas.unknown',
    });
  });
});

describe('the Playground', () => {
  const ensure = () =>
    ensurePlayground({ ...memoryStores(built.tables), predictor: built.predictor });

  test('is there once with its categories, however often it is made sure of', async () => {
    const first = await ensure();
    const second = await ensure();
    expect(second.id).toBe(first.id);
    expect(built.tables.categories.size).toBe(PLAYGROUND_CATEGORIES.length);
  });

  test('is completed after a start that was cut short', async () => {
    const { id } = await ensure();
    const [last] = [...built.tables.categories.keys()].slice(-1);
    built.tables.categories.delete(last ?? '');
    await ensure();
    const listed = await built.domain.categories.list(ann, id, { limit: 500 });
    expect(listed.items).toHaveLength(PLAYGROUND_CATEGORIES.length);
  });

  test('is open to everybody, and nobody owns it', async () => {
    const { id, ownerToken } = await ensure();
    expect(await built.domain.projects.get(bob, id)).toMatchObject({ role: 'contributor' });
    for (const change of [{ name: 'Mine' }, { strategy: { layers: 'all' } }] as const)
      await expect(built.domain.projects.change(bob, id, change)).rejects.toMatchObject({
        code: 'project.protected',
      });
    await expect(built.domain.projects.claimOwnership(bob, ownerToken)).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });
});
