import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Role } from '../../shared/participant.ts';
import { eventually } from '../../test/support/eventually.ts';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import type { MembershipChange } from '../domain/standing.ts';

let opened: TestStores;
let projectId: string;
let canvasId: string;
let participantId: string;

beforeAll(async () => {
  opened = await openTestStores();
});
afterAll(() => opened.close());

beforeEach(async () => {
  const { projects, canvases, participants } = opened.stores;
  const canvas = { name: 'Canvas', mode: 'free' } as const;
  const rest = { isPlayground: false, ownerId: null, ownerToken: randomUUID() };
  projectId = (await projects.create({ name: 'Pets', canvas, ...rest })).id;
  canvasId = (await canvases.list(projectId, { limit: 1 })).items[0]?.id ?? '';
  participantId = (await participants.create({ nickname: 'Fox', color: '#0b7fab' })).id;
});

/** Everything told from here on. */
function listen(): (MembershipChange | null)[] {
  const told: (MembershipChange | null)[] = [];
  onTestFinished(opened.database.news.onAccessChanged((change) => void told.push(change)));
  return told;
}

function setRole(role: Role | null): Promise<void> {
  return opened.stores.projects.setRole(projectId, participantId, role);
}

async function query(sql: string, ...values: string[]): Promise<void> {
  await opened.database.pool.query(sql, values);
}

describe('every server hears', () => {
  test('of a role that is given, changed and taken away', async () => {
    const told = listen();
    await setRole('viewer');
    await setRole('editor');
    await setRole(null);
    const change = { projectId, participantId };
    await eventually(() => expect(told).toEqual([change, change, change]));
  });

  test('of both, when a role passes to somebody else', async () => {
    const other = await opened.stores.participants.create({ nickname: 'Owl', color: '#0b7fab' });
    const told = listen();
    await setRole('owner');
    await query(
      'update project_roles set participant_id = $1 where project_id = $2',
      other.id,
      projectId,
    );
    const expected = [participantId, participantId, other.id].map((id) => ({
      projectId,
      participantId: id,
    }));
    await eventually(() => expect(told).toEqual(expected));
  });

  test('of a person and of a project that are deleted', async () => {
    const told = listen();
    await setRole('owner');
    await query('delete from participants where id = $1', participantId);
    const change = { projectId, participantId };
    await eventually(() => expect(told).toEqual([change, change]));
    const other = await opened.stores.participants.create({ nickname: 'Owl', color: '#0b7fab' });
    await opened.stores.projects.setRole(projectId, other.id, 'viewer');
    await opened.stores.projects.remove(projectId);
    await eventually(() => expect(told).toHaveLength(4));
  });

  test('nothing of a grant that changes nothing', async () => {
    const told = listen();
    await setRole('owner');
    await opened.stores.projects.grantRole(projectId, participantId, 'viewer');
    await setRole(null);
    // In order: had the grant told anything, it would have come before the last.
    const change = { projectId, participantId };
    await eventually(() => expect(told).toEqual([change, change]));
  });

  test('that something may have been missed, when the connection for news is back', async () => {
    const told = listen();
    await query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query like 'listen%' and datname = current_database()`,
    );
    await eventually(() => expect(told).toEqual([null]));
    await setRole('viewer');
    await eventually(() => expect(told).toEqual([null, { projectId, participantId }]));
  });
});

describe('what was granted', () => {
  test('is read for many places at once, in their order', async () => {
    await setRole('viewer');
    const { id: stranger } = await opened.stores.participants.create({
      ...{ nickname: 'Owl', color: '#0b7fab' },
    });
    const granted = { projectId, isPlayground: false };
    expect(
      await opened.stores.projects.grantsOf([
        { participantId, place: { canvasId } },
        { participantId: stranger, place: { projectId } },
        { participantId, place: { canvasId: randomUUID() } },
        { participantId, place: { projectId } },
      ]),
    ).toEqual([
      { ...granted, role: 'viewer' },
      { ...granted, role: null },
      null,
      { ...granted, role: 'viewer' },
    ]);
  });

  test('to nobody is nothing', async () => {
    expect(await opened.stores.projects.grantsOf([])).toEqual([]);
  });
});
