import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { Category } from '../../shared/category.ts';
import type { CategoryChanged, ExampleChanged, PredictionUpdated } from '../../shared/events.ts';
import { CanvasJoined, ProjectJoined, REALTIME_PATH } from '../../shared/events.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { HttpSession } from '../../test/support/http-session.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';
import { SyncConnection } from '../../test/support/sync-connection.ts';

const STROKES = [
  [
    [0, 50, 100],
    [0, 20, 100],
  ],
];

type Connection = ReturnType<typeof io>;
let app: TestApp;
let ann: HttpSession;
let project: Project;
let canvas: Canvas;
const open: Connection[] = [];

beforeAll(async () => {
  app = await startTestApp();
  ann = app.guest();
  project = await ann.post<Project>('/projects', { name: 'Pets' });
  const { items } = await ann.get<{ items: Canvas[] }>(`/projects/${project.id}/canvases`);
  if (!items[0]) throw new Error('A new project has no canvas.');
  canvas = items[0];
});

afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});
afterAll(() => app.stop());

function connect(headers: Record<string, string>, transport = 'websocket'): Connection {
  const connection = io(app.url, {
    path: REALTIME_PATH,
    transports: [transport],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  open.push(connection);
  return connection;
}

async function join(connection: Connection, canvasId: string): Promise<CanvasJoined> {
  const joined: unknown = await connection.timeout(5_000).emitWithAck('canvas:join', { canvasId });
  return CanvasJoined.parse(joined);
}

async function joinProject(connection: Connection, projectId: string): Promise<ProjectJoined> {
  const request = { projectId };
  const joined: unknown = await connection.timeout(5_000).emitWithAck('project:join', request);
  return ProjectJoined.parse(joined);
}

describe('a connection', () => {
  test.each(['websocket', 'polling'])('is known by its session, over %s', async (transport) => {
    const connection = connect({ cookie: ann.cookie }, transport);
    expect(await join(connection, canvas.id)).toEqual({ ok: true, predictions: [] });
  });

  test('without a session is refused, and opens none', async () => {
    const connection = connect({});
    const error = await new Promise<Error>((resolve) => connection.on('connect_error', resolve));
    expect(error.message).toBe('session.missing');
  });

  test('of a page of another origin is refused', async () => {
    const connection = connect({ cookie: ann.cookie, origin: 'http://elsewhere.example' });
    await new Promise((resolve) => connection.on('connect_error', resolve));
    expect(connection.connected).toBe(false);
  });
});

describe('joining a canvas', () => {
  test('makes a stranger a contributor of its project', async () => {
    const bob = app.guest();
    await bob.get('/me');
    expect(await join(connect({ cookie: bob.cookie }), canvas.id)).toMatchObject({ ok: true });
    expect(await bob.get(`/projects/${project.id}`)).toMatchObject({ role: 'contributor' });
  });

  test('that is not there is answered in words', async () => {
    const connection = connect({ cookie: ann.cookie });
    expect(await join(connection, randomUUID())).toMatchObject({
      ok: false,
      error: { code: 'canvas.unknown' },
    });
    expect(await join(connection, 'garbage')).toMatchObject({
      ok: false,
      error: { code: 'request.invalid' },
    });
  });
});

describe('whoever is on a canvas', () => {
  test('hears of categories and examples of its project, and of no other', async () => {
    const connection = connect({ cookie: ann.cookie });
    const categories: CategoryChanged[] = [];
    const examples: ExampleChanged[] = [];
    connection.on('category:changed', (event: CategoryChanged) => categories.push(event));
    connection.on('example:added', (event: ExampleChanged) => examples.push(event));
    await join(connection, canvas.id);
    const other = await ann.post<Project>('/projects', { name: 'Other' });
    await ann.post(`/projects/${other.id}/categories`, { name: 'hidden' });
    const { id } = await ann.post<Category>(`/projects/${project.id}/categories`, { name: 'kite' });
    const example = { categoryId: id, strokes: STROKES };
    await ann.post(`/projects/${project.id}/examples`, { examples: [example, example] });
    await eventually(() => expect(examples).toHaveLength(2));
    expect(examples.map((event) => event.examples)).toEqual([2, 2]);
    await eventually(() =>
      expect(categories.at(-1)?.categories.map(({ name }) => name)).toEqual(['kite']),
    );
    expect(new Set(categories.map(({ projectId }) => projectId))).toEqual(new Set([project.id]));
    expect(categories[0]?.categories[0]).not.toHaveProperty('starterName');
  });
});

describe('whoever joins a canvas by its id in capitals', () => {
  test('hears what is guessed on it', async () => {
    const connection = connect({ cookie: ann.cookie });
    const guesses: PredictionUpdated[] = [];
    connection.on('prediction:updated', (event: PredictionUpdated) => guesses.push(event));
    expect(await join(connection, canvas.id.toUpperCase())).toMatchObject({ ok: true });
    const hand = new SyncConnection(app.url, canvas.id, ann.cookie);
    await eventually(() => expect(hand.isSynced).toBe(true));
    const { id: authorId } = await ann.get<{ id: string }>('/me');
    const stroke = { id: randomUUID(), sketchId: randomUUID(), ink: buildInk(authorId) };
    addStroke(openCanvasDoc(hand.doc), stroke, null);
    await eventually(() => expect(guesses.at(-1)).toMatchObject({ canvasId: canvas.id }));
    expect(await join(connection, canvas.id.toUpperCase())).toMatchObject({
      predictions: [{ sketchId: stroke.sketchId }],
    });
    hand.terminate();
  });
});

describe('joining a project without a canvas', () => {
  test('lets whoever may read it hear its news', async () => {
    const connection = connect({ cookie: ann.cookie });
    const examples: ExampleChanged[] = [];
    connection.on('example:added', (event: ExampleChanged) => examples.push(event));
    expect(await joinProject(connection, project.id)).toEqual({ ok: true });
    const { id } = await ann.post<Category>(`/projects/${project.id}/categories`, { name: 'owl' });
    await ann.post(`/projects/${project.id}/examples`, { categoryId: id, strokes: STROKES });
    await eventually(() => expect(examples).toHaveLength(1));
  });

  test('is refused to a stranger, who stays one and hears nothing', async () => {
    const bob = app.guest();
    await bob.get('/me');
    const connection = connect({ cookie: bob.cookie });
    const heard: CategoryChanged[] = [];
    connection.on('category:changed', (event: CategoryChanged) => heard.push(event));
    expect(await joinProject(connection, project.id)).toMatchObject({
      ok: false,
      error: { code: 'access.denied' },
    });
    const listener = connect({ cookie: ann.cookie });
    const told: CategoryChanged[] = [];
    listener.on('category:changed', (event: CategoryChanged) => told.push(event));
    await joinProject(listener, project.id);
    await ann.post(`/projects/${project.id}/categories`, { name: 'fox' });
    await eventually(() => expect(told).not.toEqual([]));
    expect(heard).toEqual([]);
    expect((await bob.ask('GET', `/projects/${project.id}`)).status).toBe(403);
  });

  test('that is not there is answered in words', async () => {
    const connection = connect({ cookie: ann.cookie });
    expect(await joinProject(connection, randomUUID())).toMatchObject({
      ok: false,
      error: { code: 'project.unknown' },
    });
    expect(await joinProject(connection, 'garbage')).toMatchObject({
      ok: false,
      error: { code: 'request.invalid' },
    });
  });
});

describe('whoever is removed from a project', () => {
  const watched: Category[][] = [];

  /** A contributor who hears of the project, both by its canvas and by itself. */
  async function comeAsBob(): Promise<{ bob: HttpSession; connection: Connection; id: string }> {
    const bob = app.guest();
    const { id } = await bob.get<{ id: string }>('/me');
    const connection = connect({ cookie: bob.cookie });
    await join(connection, canvas.id);
    await joinProject(connection, project.id);
    return { bob, connection, id };
  }

  async function remove(participantId: string): Promise<void> {
    const database = new Client({ connectionString: app.databaseUrl });
    await database.connect();
    const statement = 'delete from project_roles where participant_id = $1 and project_id = $2';
    await database.query(statement, [participantId, project.id]);
    await database.end();
  }

  /** Resolves when a connection that stays has heard of a new category. */
  async function tellAll(name: string): Promise<void> {
    const listener = connect({ cookie: ann.cookie });
    await joinProject(listener, project.id);
    const told: CategoryChanged[] = [];
    listener.on('category:changed', (event: CategoryChanged) => told.push(event));
    await ann.post(`/projects/${project.id}/categories`, { name });
    await eventually(() => expect(told).not.toEqual([]));
  }

  beforeEach(() => void watched.splice(0));

  test('hears no more of it, and still of his other projects', async () => {
    const { bob, connection, id } = await comeAsBob();
    const own = await bob.post<Project>('/projects', { name: 'His own' });
    await joinProject(connection, own.id);
    connection.on('category:changed', ({ projectId, categories }: CategoryChanged) => {
      if (projectId === project.id) watched.push(categories);
    });
    await tellAll('newt');
    await eventually(() => expect(watched).toHaveLength(1));
    await remove(id);
    await eventually(async () =>
      expect(await joinProject(connection, project.id)).toMatchObject({
        ok: false,
      }),
    );
    await eventually(async () => {
      watched.splice(0);
      await tellAll(randomUUID());
      expect(watched).toEqual([]);
    });
    const heard: CategoryChanged[] = [];
    connection.on('category:changed', (event: CategoryChanged) => heard.push(event));
    await bob.post(`/projects/${own.id}/categories`, { name: 'crow' });
    await eventually(() => expect(heard.map(({ projectId }) => projectId)).toEqual([own.id]));
  });

  test('does not come back by joining again, but by opening the link', async () => {
    const { bob, connection, id } = await comeAsBob();
    await remove(id);
    await eventually(async () => {
      expect((await bob.ask('GET', `/projects/${project.id}`)).status).toBe(403);
      expect(await join(connection, canvas.id)).toMatchObject({
        ok: false,
        error: { code: 'access.denied' },
      });
    });
    await bob.post(`/canvases/${canvas.id}/visits`);
    expect(await join(connection, canvas.id)).toMatchObject({ ok: true });
  });
});
