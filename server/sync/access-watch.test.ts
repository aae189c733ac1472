import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addStroke, readStrokes } from '../../shared/canvas-doc.ts';
import type { Role } from '../../shared/participant.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Guest } from '../../test/support/hub-guests.ts';
import { buildFrame, HubGuests } from '../../test/support/hub-guests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { openTestStores, type TestStores } from '../../test/support/open-test-stores.ts';
import { Access } from '../domain/access.ts';
import { Canvases } from '../domain/canvases.ts';
import type { Whereabouts } from '../domain/standing.ts';
import { Dismissals } from '../domain/standing.ts';
import { AccessWatch } from './access-watch.ts';
import { createAuthorise } from './authorise.ts';

const WITHIN_MS = 2_000;

let opened: TestStores;
let access: Access;
let canvases: Canvases;
let dismissals: Dismissals;
let clock: ManualClock;
let projectId: string;
/** Places that were asked for, one entry a question. */
let asked: number[];
/** Questions that are not answered yet. */
let unanswered: number;
/** Whose changed role was told of. */
let told: string[];
let failure: Error | null;
let logged: string[];
let stopWatching: () => void;

beforeAll(async () => {
  opened = await openTestStores();
  access = new Access(opened.stores);
  canvases = new Canvases({ ...opened.stores, access });
});
afterAll(() => opened.close());

const guests = HubGuests.forEachTest(() => {
  dismissals = new Dismissals();
  return {
    authorise: createAuthorise({
      participantIdOf: async ({ headers, url = '' }) =>
        /participant=([^&;]+)/.exec(`${headers.cookie ?? ''};${url}`)?.[1] ?? null,
      isOriginAllowed: () => true,
      ...{ canvases, dismissals },
    }),
  };
});

beforeEach(async () => {
  const { projects, canvases: store } = opened.stores;
  const canvas = { name: 'Canvas', mode: 'free' } as const;
  const token = String(Math.random());
  const project = { name: 'Pets', isPlayground: false, ownerId: null, ownerToken: token, canvas };
  projectId = (await projects.create(project)).id;
  const { items } = await store.list(projectId, { limit: 1 });
  guests.canvasId = items[0]?.id ?? '';
  startWatching();
});
afterEach(async () => {
  stopWatching();
  await opened.database.pool.query('alter table project_roles enable trigger project_roles_tell');
});

function startWatching(): void {
  clock = new ManualClock();
  [asked, unanswered, told, logged, failure] = [[], 0, [], [], null];
  const keep = (_fields: object, event: string): void => void logged.push(event);
  const watch = new AccessWatch({
    seats: () => guests.hub.seats(),
    readStandings: async (places: readonly Whereabouts[]) => {
      if (failure) throw failure;
      asked.push(places.length);
      unanswered += 1;
      return access.standingsOf(places).finally(() => (unanswered -= 1));
    },
    ...{ dismissals, clock, logger: { info: keep, warn: keep, error: keep } },
  });
  const stops = [
    opened.database.news.onAccessChanged((change) => {
      watch.changed(change);
      told.push(change?.participantId ?? '');
    }),
    guests.hub.onJoined((participantId) => watch.joined(participantId)),
    () => watch.close(),
  ];
  stopWatching = () => stops.forEach((stop) => stop());
}

/** A new participant with this role in the project. */
async function person(role: Role): Promise<string> {
  const { id } = await opened.stores.participants.create({ nickname: 'Fox', color: '#0b7fab' });
  await opened.stores.projects.setRole(projectId, id, role);
  await eventually(() => expect(told).toContain(id));
  return id;
}

/** Until the watch has nothing more to ask: only then may its clock be moved. */
async function answered(): Promise<void> {
  await eventually(() => expect(unanswered).toBe(0));
}

async function setRole(participantId: string, role: Role | null): Promise<void> {
  await opened.stores.projects.setRole(projectId, participantId, role);
}

async function blockNews(): Promise<void> {
  await opened.database.pool.query('alter table project_roles disable trigger project_roles_tell');
}

function draw({ canvas }: Pick<Guest, 'canvas'>, id: string, authorId: string): void {
  addStroke(canvas, { id, sketchId: 'sketch', ink: buildInk(authorId) }, null);
}

function drawnOf({ canvas }: Pick<Guest, 'canvas'>): string[] {
  return readStrokes(canvas).map(({ id }) => id);
}

async function sentAway({ connection }: Guest): Promise<void> {
  await eventually(() => expect(connection.closeCode).toBe(4403), WITHIN_MS);
}

describe('whoever is removed', () => {
  test('is sent away by all his connections, and nobody else is', async () => {
    const [annId, benId] = [await person('contributor'), await person('contributor')];
    const [ann, other, ben] = [
      await guests.come(annId),
      await guests.come(annId),
      await guests.come(benId),
    ];
    await setRole(annId, null);
    await Promise.all([sentAway(ann), sentAway(other)]);
    draw(ben, 'of-ben', benId);
    await eventually(() => expect(ben.connection.isSaved).toBe(true));
  });

  test('is not tried again by the stock client', async () => {
    const annId = await person('contributor');
    const ann = guests.comeAsStock(annId);
    await eventually(() => expect(ann.provider.synced).toBe(true));
    const codes: number[] = [];
    ann.provider.on('connection-close', (event: { code: number } | null) => {
      codes.push(event?.code ?? 0);
    });
    await setRole(annId, null);
    await eventually(() => expect(codes).toEqual([4403]), WITHIN_MS);
    await eventually(() => expect(ann.provider.shouldConnect).toBe(false));
  });

  test('leaves no live ink behind', async () => {
    const [annId, benId] = [await person('contributor'), await person('contributor')];
    const [ann, ben] = [await guests.come(annId), await guests.come(benId)];
    ann.connection.sendLiveFrame(buildFrame([1, 2]));
    await eventually(() => expect(ben.connection.liveFrames).toHaveLength(1));
    await setRole(annId, null);
    await eventually(() => expect(ben.connection.liveFrames.at(-1)?.frame.isCancelled).toBe(true));
    expect(guests.hub.sketchesOf(guests.canvasId)).toEqual([]);
  });

  test('is not let in by connecting again, but by opening the link', async () => {
    const annId = await person('contributor');
    const ann = await guests.come(annId);
    await setRole(annId, null);
    await sentAway(ann);
    await sentAway(guests.knock(annId));
    await canvases.open(annId, guests.canvasId);
    await guests.come(annId);
  });

  test('while his page is between two connections, is not let in by the second', async () => {
    const annId = await person('contributor');
    await setRole(annId, null);
    await eventually(() => expect(dismissals.has({ projectId, participantId: annId })).toBe(true));
    await sentAway(guests.knock(annId));
  });

  test('between being let in and sitting down, is sent away all the same', async () => {
    const annId = await person('contributor');
    const letLoad = guests.log.hold();
    const ann = guests.knock(annId);
    await eventually(() => expect(guests.log.loads).toBe(1));
    await setRole(annId, null);
    await eventually(() => expect(dismissals.has({ projectId, participantId: annId })).toBe(true));
    letLoad();
    await sentAway(ann);
  });
});

describe('whoever may only look from now on', () => {
  test('is told, loses his live ink, and is refused', async () => {
    const [annId, benId] = [await person('contributor'), await person('contributor')];
    const [ann, ben] = [await guests.come(annId), await guests.come(benId)];
    draw(ann, 'before', annId);
    ann.connection.sendLiveFrame(buildFrame([1, 2]));
    await eventually(() => expect(ben.connection.liveFrames).toHaveLength(1));
    await setRole(annId, 'viewer');
    await eventually(
      () => expect(ann.connection.notices).toContainEqual({ kind: 'role_changed', role: 'viewer' }),
      WITHIN_MS,
    );
    await eventually(() => expect(ben.connection.liveFrames.at(-1)?.frame.isCancelled).toBe(true));
    draw(ann, 'after', annId);
    ann.connection.sendLiveFrame(buildFrame([3], { strokeId: 'live-2' }));
    await eventually(() =>
      expect(ann.connection.notices.filter((notice) => notice?.kind === 'refused')).toHaveLength(2),
    );
    expect(ann.connection.isSaved).toBe(false);
    expect(drawnOf(ben)).toEqual(['before']);
    expect(guests.hub.metrics().refusedMessages).toBe(2);
  });
});

describe('whoever may draw from now on', () => {
  test('is told, and what he had drawn in vain is taken in', async () => {
    const [annId, benId] = [await person('viewer'), await person('contributor')];
    const [ann, ben] = [await guests.come(annId), await guests.come(benId)];
    draw(ann, 'in-vain', annId);
    await eventually(() => expect(guests.hub.metrics().refusedMessages).toBe(1));
    await setRole(annId, 'editor');
    await eventually(
      () => expect(ann.connection.notices).toContainEqual({ kind: 'role_changed', role: 'editor' }),
      WITHIN_MS,
    );
    draw(ann, 'at-last', annId);
    await eventually(() => expect(drawnOf(ben).sort()).toEqual(['at-last', 'in-vain']));
    await eventually(() => expect(ann.connection.isSaved).toBe(true));
  });
});

describe('a change of which nobody hears', () => {
  test('counts with the next look at everybody', async () => {
    const annId = await person('contributor');
    const ann = await guests.come(annId);
    await answered();
    await blockNews();
    await setRole(annId, null);
    clock.advance(29_000);
    expect(ann.connection.closeCode).toBeNull();
    clock.advance(1_000);
    await sentAway(ann);
  });

  test('because the connection for news was lost, counts when that is back', async () => {
    const annId = await person('contributor');
    const ann = await guests.come(annId);
    await blockNews();
    await setRole(annId, null);
    await opened.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where query like 'listen%' and datname = current_database()`,
    );
    await sentAway(ann);
  });
});

describe('while the database cannot be asked', () => {
  test('everybody stays, it is said, and made up for', async () => {
    const annId = await person('contributor');
    const ann = await guests.come(annId);
    await answered();
    failure = new Error('The database is away.');
    await setRole(annId, null);
    await eventually(() => expect(logged).toEqual(['access.recheck_failed']));
    expect(ann.connection.closeCode).toBeNull();
    failure = null;
    clock.advance(2_000);
    await sentAway(ann);
  });

  test('an answer that never comes is given up, and asked for again', async () => {
    const annId = await person('contributor');
    const ann = await guests.come(annId);
    let isHanging = true;
    const watch = new AccessWatch({
      seats: () => guests.hub.seats(),
      readStandings: async (places) =>
        isHanging ? new Promise(() => undefined) : access.standingsOf(places),
      ...{ dismissals, clock, logger: { info: noLog, warn: noLog, error: noLog } },
    });
    stopWatching();
    stopWatching = () => watch.close();
    await setRole(annId, null);
    watch.changed(null);
    clock.advance(10_000);
    isHanging = false;
    await eventually(() => {
      clock.advance(500);
      expect(ann.connection.closeCode).toBe(4403);
    });
  });
});

test('a person with two connections to one canvas is asked for once', async () => {
  const annId = await person('contributor');
  await guests.come(annId);
  await guests.come(annId);
  await answered();
  asked.length = 0;
  clock.advance(30_000);
  await eventually(() => expect(asked).toEqual([1]));
});

test('on the Playground everybody contributes, whatever was granted or taken away', async () => {
  const { projects, canvases: store } = opened.stores;
  const canvas = { name: 'Playground', mode: 'free' } as const;
  const more = { name: 'Playground', ownerId: null, ownerToken: 'playground', canvas };
  const { id } = await projects.create({ ...more, isPlayground: true });
  const { items } = await store.list(id, { limit: 1 });
  guests.canvasId = items[0]?.id ?? '';
  const annId = await person('contributor');
  const ann = await guests.come(annId);
  await projects.setRole(id, annId, 'viewer');
  await projects.setRole(id, annId, null);
  await eventually(() => expect(told.filter((id) => id === annId)).toHaveLength(3));
  await answered();
  clock.advance(30_000);
  draw(ann, 'mine', annId);
  await eventually(() => expect(ann.connection.isSaved).toBe(true));
});

function noLog(): void {
  // What is said is looked at by another test.
}
