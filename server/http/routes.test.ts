import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Category } from '../../shared/category.ts';
import { ErrorReply } from '../../shared/errors.ts';
import type { Example } from '../../shared/example.ts';
import type { Participant } from '../../shared/participant.ts';
import type { Prediction } from '../../shared/prediction.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { HttpReply, HttpSession } from '../../test/support/http-session.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';

interface List<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

const LINE = [
  [0, 50, 100],
  [0, 20, 100],
];

let app: TestApp;
let ann: HttpSession;
let project: Project;
let canvas: Canvas;
let cat: Category;

beforeAll(async () => {
  app = await startTestApp();
  ann = app.guest();
  project = await ann.post<Project>('/projects', { name: 'Pets' });
  cat = await ann.post<Category>(`/projects/${project.id}/categories`, { name: 'cat' });
  await ann.post(`/projects/${project.id}/categories`, { name: 'dog' });
  const canvases = await ann.get<List<Canvas>>(`/projects/${project.id}/canvases`);
  const [first] = canvases.items;
  if (!first) throw new Error('A new project has no canvas.');
  canvas = first;
});

afterAll(() => app.stop());

function expectRefusal(reply: HttpReply, status: number, code: string): void {
  expect({ status: reply.status, code: ErrorReply.parse(reply.body).code }).toEqual({
    status,
    code,
  });
}

describe('identity', () => {
  test('is opened by the first request, and kept by its cookie', async () => {
    const guest = app.guest();
    const first = await guest.ask('GET', '/me');
    expect(first.headers.getSetCookie()[0]).toMatch(/^tc\.sid=.*HttpOnly; SameSite=Lax$/);
    const second = await guest.ask('GET', '/me');
    expect(second.body).toEqual(first.body);
    expect(second.headers.getSetCookie()).toEqual([]);
  });

  test('is not opened by health or the contract', async () => {
    for (const path of ['/health', '/openapi.json', '/nothing'])
      expect((await app.guest().ask('GET', path)).headers.getSetCookie()).toEqual([]);
  });

  test('is new when the cookie was forged', async () => {
    const mine = await ann.get<Participant>('/me');
    const reply = await ann.send('/me', { headers: { cookie: 'tc.sid=s%3Aforged.signature' } });
    expect(reply.body).toMatchObject({ id: mine.id });
    const forged = await fetch(`${app.url}/api/me`, { headers: { cookie: 'tc.sid=s%3Ax.y' } });
    expect(await forged.json()).not.toMatchObject({ id: mine.id });
  });

  test('changes its nickname and colour', async () => {
    const guest = app.guest();
    await guest.get('/me');
    const changed = await guest.patch<Participant>('/me', { nickname: ' Zoë ', color: '#0b7fab' });
    expect(changed).toMatchObject({ nickname: 'Zoë', color: '#0b7fab' });
    expect(await guest.get('/me')).toEqual(changed);
    expectRefusal(await guest.ask('PATCH', '/me', { color: 'red' }), 400, 'request.invalid');
    expectRefusal(await guest.ask('PATCH', '/me', { nickname: ' ' }), 400, 'request.invalid');
    expectRefusal(await guest.ask('PATCH', '/me', { admin: true }), 400, 'request.invalid');
  });
});

describe('projects', () => {
  test('are listed with the Playground first', async () => {
    const { items } = await ann.get<List<Project>>('/projects');
    expect(items[0]).toMatchObject({ isPlayground: true, role: 'contributor' });
    expect(items).toContainEqual(project);
  });

  test('come in pages', async () => {
    const guest = app.guest();
    for (const name of ['One', 'Two', 'Three']) await guest.post('/projects', { name });
    const first = await guest.get<List<Project>>('/projects?limit=2');
    const second = await guest.get<List<Project>>(`/projects?limit=2&cursor=${first.nextCursor}`);
    const names = [...first.items, ...second.items].map(({ name }) => name);
    expect(names).toEqual(['Playground', 'Three', 'Two', 'One']);
    expect(second.nextCursor).toBeNull();
  });

  test('are renamed and given a strategy by their owner', async () => {
    const strategy = { when: { kind: 'after_correction' } };
    const { id } = await ann.post<Project>('/projects', { name: 'Draft' });
    const change = { name: 'Final', strategy };
    expect(await ann.patch(`/projects/${id}`, change)).toMatchObject(change);
    const unknown = { strategy: { when: { kind: 'at_full_moon' } } };
    expectRefusal(await ann.ask('PATCH', `/projects/${id}`, unknown), 400, 'request.invalid');
  });

  test('are gone once deleted', async () => {
    const { id } = await ann.post<Project>('/projects', { name: 'Short' });
    expect((await ann.ask('DELETE', `/projects/${id}`)).status).toBe(204);
    expectRefusal(await ann.ask('GET', `/projects/${id}`), 404, 'project.unknown');
  });

  test('change hands by the owner link', async () => {
    const { id } = await ann.post<Project>('/projects', { name: 'Moved' });
    const { token } = await ann.get<{ token: string }>(`/projects/${id}/owner-link`);
    const other = app.guest();
    expect(await other.post('/owner-links', { token })).toMatchObject({ id, role: 'owner' });
    const wrong = { token: 'x'.repeat(32) };
    expectRefusal(await other.ask('POST', '/owner-links', wrong), 404, 'project.unknown');
  });

  test('of somebody else are closed, until a link to a canvas is opened', async () => {
    const bob = app.guest();
    const example = { categoryId: cat.id, strokes: [LINE] };
    const path = `/projects/${project.id}`;
    for (const [method, below, body] of [
      ['GET', ''],
      ['GET', '/categories'],
      ['GET', '/examples'],
      ['GET', '/training-runs'],
      ['POST', '/examples', example],
      ['POST', '/predictions', { strokes: [LINE] }],
    ] as const)
      expectRefusal(await bob.ask(method, path + below, body), 403, 'access.denied');
    const opened = await bob.post<{ project: Project }>(`/canvases/${canvas.id}/visits`);
    expect(opened.project.role).toBe('contributor');
    expect(await bob.get(path)).toMatchObject({ id: project.id });
    expectRefusal(await bob.ask('DELETE', path), 403, 'access.denied');
    expectRefusal(await bob.ask('DELETE', `/categories/${cat.id}`), 403, 'access.denied');
  });

  test('have canvases in three modes', async () => {
    const path = `/projects/${project.id}/canvases`;
    const created = await ann.ask('POST', path, { name: 'Tiles', mode: 'tiles' });
    expect(created).toMatchObject({ status: 201, body: { mode: 'tiles' } });
    const wrong = { name: 'x', mode: 'upside down' };
    expectRefusal(await ann.ask('POST', path, wrong), 400, 'request.invalid');
  });
});

describe('the Playground', () => {
  test('can be drawn in, and is protected', async () => {
    const guest = app.guest();
    const { items } = await guest.get<List<Project>>('/projects');
    const id = items[0]?.id ?? '';
    const categories = await guest.get<List<Category>>(`/projects/${id}/categories`);
    expect(categories.items).toHaveLength(20);
    expect(categories.items.every(({ preTaught }) => preTaught)).toBe(true);
    const first = categories.items[0]?.id ?? '';
    for (const [method, path, body] of [
      ['DELETE', `/projects/${id}`],
      ['PATCH', `/projects/${id}`, { name: 'Mine' }],
      ['DELETE', `/categories/${first}`],
      ['PATCH', `/categories/${first}`, { name: 'lion' }],
    ] as const)
      expectRefusal(await guest.ask(method, path, body), 403, 'project.protected');
  });
});

describe('categories', () => {
  test('are created, renamed and deleted, and a name is taken once', async () => {
    const path = `/projects/${project.id}/categories`;
    const anvil = await ann.post<Category>(path, { name: 'anvil' });
    expect(anvil).toMatchObject({ name: 'anvil', preTaught: false, examples: 0 });
    expect(anvil).not.toHaveProperty('starterName');
    expectRefusal(await ann.ask('POST', path, { name: 'ANVIL' }), 409, 'category.name_taken');
    const rename = { name: 'Cat' };
    const taken = await ann.ask('PATCH', `/categories/${anvil.id}`, rename);
    expectRefusal(taken, 409, 'category.name_taken');
    expect(await ann.patch(`/categories/${anvil.id}`, { name: 'kite' })).toMatchObject({
      name: 'kite',
    });
    expect((await ann.ask('DELETE', `/categories/${anvil.id}`)).status).toBe(204);
    expectRefusal(await ann.ask('DELETE', `/categories/${anvil.id}`), 404, 'category.unknown');
  });

  test.each([
    ['empty', ' '],
    ['too long', 'x'.repeat(61)],
    ['with a NUL', 'a\u0000b'],
    ['half a character', '\ud83d'],
    ['a number', 7],
  ])('refuse a name that is %s', async (_, name) => {
    const reply = await ann.ask('POST', `/projects/${project.id}/categories`, { name });
    expectRefusal(reply, 400, 'request.invalid');
  });
});

describe('examples', () => {
  const path = (): string => `/projects/${project.id}/examples`;
  const good = (): object => ({ categoryId: cat.id, strokes: [LINE] });

  test('are sent one by one, seen, moved, deleted and brought back', async () => {
    const sent = await ann.ask('POST', path(), good());
    expect(sent.status).toBe(201);
    const example = sent.body as Example & { examples: { id: string }[] };
    expect(example).toMatchObject({ categoryId: cat.id, source: 'api', split: 'train' });
    expect(example.examples).toEqual([{ id: example.id }]);
    expect(example).not.toHaveProperty('strokesKey');
    const image = await ann.ask('GET', `/examples/${example.id}/image`);
    expect(image.headers.get('content-type')).toBe('image/png');
    expect([...(image.body as Uint8Array).subarray(1, 4)]).toEqual([80, 78, 71]);
    expect(await ann.get(`/examples/${example.id}/strokes`)).toEqual({ strokes: [LINE] });
    expect((await ann.ask('DELETE', `/examples/${example.id}`)).status).toBe(204);
    expect(await ann.patch(`/examples/${example.id}`, { deleted: false })).toMatchObject({
      id: example.id,
    });
    await ann.ask('DELETE', `/examples/${example.id}`);
  });

  test('are sent in batches, counted, filtered and paged', async () => {
    const examples = Array.from({ length: 30 }, good);
    const reply = await ann.post<{ examples: { id: string }[] }>(path(), { examples });
    expect(new Set(reply.examples.map(({ id }) => id)).size).toBe(30);
    const { items } = await ann.get<List<Category>>(`/projects/${project.id}/categories`);
    expect(items.find(({ id }) => id === cat.id)?.examples).toBe(30);
    const first = await ann.get<List<Example>>(`${path()}?categoryId=${cat.id}&limit=20`);
    const rest = await ann.get<List<Example>>(`${path()}?limit=20&cursor=${first.nextCursor}`);
    expect(first.items.length + rest.items.length).toBe(30);
    const held = await ann.get<List<Example>>(`${path()}?split=validation&source=api`);
    expect(held.items.length).toBeGreaterThan(0);
    expect(held.items.length).toBeLessThan(8);
    expectRefusal(await ann.ask('GET', `${path()}?split=half`), 400, 'request.invalid');
    expectRefusal(await ann.ask('GET', `${path()}?cursor=garbage`), 400, 'request.invalid');
  });

  test.each([
    ['no strokes', []],
    ['a stroke without points', [[[], []]]],
    ['columns of different length', [[[1, 2], [1]]]],
    ['words', [[['a'], ['b']]]],
    ['nulls, as NaN becomes', [[[null], [1]]]],
    ['huge numbers', [[[1e308], [1]]]],
    ['10,000 points', [[Array(10_000).fill(1), Array(10_000).fill(2)]]],
  ])('refuse %s', async (_, strokes) => {
    const reply = await ann.ask('POST', path(), { categoryId: cat.id, strokes });
    expectRefusal(reply, 400, 'request.invalid');
  });

  test('refuse a dot, an unknown category, and 501 at once', async () => {
    const dot = { categoryId: cat.id, strokes: [[[1], [1]]] };
    expectRefusal(await ann.ask('POST', path(), dot), 400, 'sketch.empty');
    const unknown = { ...good(), categoryId: randomUUID() };
    expectRefusal(await ann.ask('POST', path(), unknown), 404, 'category.unknown');
    const many = { examples: Array.from({ length: 501 }, good) };
    expectRefusal(await ann.ask('POST', path(), many), 400, 'request.invalid');
  });
});

describe('predictions', () => {
  test('rank the categories, and know nothing of a dot', async () => {
    const path = `/projects/${project.id}/predictions`;
    const prediction = await ann.post<Prediction>(path, { strokes: [LINE] });
    expect(prediction.scores).toHaveLength(2);
    expect(prediction.scores.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1);
    const dot = await ann.post<Prediction>(path, { strokes: [[[1], [1]]] });
    expect(dot).toMatchObject({ label: null, scores: [] });
  });

  test('know of a new category, also where the project is named in capitals', async () => {
    const { id } = await ann.post<Project>('/projects', { name: 'Birds' });
    const guess = async (): Promise<string[]> => {
      const path = `/projects/${id.toUpperCase()}/predictions`;
      const { scores } = await ann.post<Prediction>(path, { strokes: [LINE] });
      return scores.map(({ name }) => name).sort();
    };
    await ann.post(`/projects/${id}/categories`, { name: 'cat' });
    expect(await guess()).toEqual(['cat']);
    await ann.post(`/projects/${id}/categories`, { name: 'dog' });
    expect(await guess()).toEqual(['cat', 'dog']);
  });
});

describe('training runs', () => {
  test('are asked for, listed and cancelled', async () => {
    const path = `/projects/${project.id}/training-runs`;
    const asked = await ann.ask('POST', path, { hyperparameters: { epochs: 5 } });
    expect(asked).toMatchObject({ status: 201, body: { state: 'queued', layers: 'head' } });
    const run = asked.body as TrainingRun;
    expect(await ann.get(`/training-runs/${run.id}`)).toMatchObject({ id: run.id });
    const { items } = await ann.get<List<TrainingRun>>(path);
    expect(items[0]).toMatchObject({ id: run.id });
    const cancel = `/training-runs/${run.id}/cancel`;
    expect(await ann.post(cancel)).toMatchObject({ state: 'cancelled' });
    expectRefusal(await ann.ask('POST', cancel, {}), 409, 'training_run.finished');
  });

  test('refuse what cannot be trained, and say what is missing', async () => {
    const path = `/projects/${project.id}/training-runs`;
    const layers = await ann.ask('POST', path, { layers: 'all' });
    expectRefusal(layers, 409, 'dataset.too_small');
    const { details } = ErrorReply.parse(layers.body);
    expect(details['missing']).toContainEqual({ name: 'dog', has: 0, needed: 5 });
    const wrong = await ann.ask('POST', path, { hyperparameters: { epochs: -1 } });
    expectRefusal(wrong, 400, 'request.invalid');
    const { id } = await ann.post<Project>('/projects', { name: 'Empty' });
    const none = await ann.ask('POST', `/projects/${id}/training-runs`, {});
    expectRefusal(none, 409, 'dataset.too_small');
  });
});

describe('what nobody knows', () => {
  const nobody = randomUUID();
  test.each([
    [`GET /projects/${nobody}`, 'project.unknown'],
    [`GET /projects/${nobody}/categories`, 'project.unknown'],
    [`PATCH /categories/${nobody}`, 'category.unknown', { name: 'x' }],
    [`POST /canvases/${nobody}/visits`, 'canvas.unknown', {}],
    [`DELETE /examples/${nobody}`, 'example.unknown'],
    [`PATCH /examples/${nobody}`, 'example.unknown', { deleted: false }],
    [`GET /examples/${nobody}/image`, 'example.unknown'],
    [`GET /examples/${nobody}/strokes`, 'example.unknown'],
    [`DELETE /feedback/${nobody}`, 'feedback.unknown'],
    [`GET /training-runs/${nobody}`, 'training_run.unknown'],
    [`POST /training-runs/${nobody}/cancel`, 'training_run.unknown', {}],
    [`GET /model-versions/${nobody}`, 'model_version.unknown'],
    [`GET /model-versions/${nobody}/model.onnx`, 'model_version.unknown'],
    [`POST /model-versions/${nobody}/promote`, 'model_version.unknown', {}],
  ])('%s reads %s', async (request, code, body?: object) => {
    const [method = '', path = ''] = request.split(' ');
    expectRefusal(await ann.ask(method, path, body), 404, code);
  });

  test('feedback for a sketch that nobody drew is refused', async () => {
    const reply = await ann.ask('POST', `/canvases/${canvas.id}/sketches/${nobody}/feedback`, {
      verdict: 'wrong',
      categoryId: cat.id,
      addToDataset: true,
      sketchRevision: 0,
      modelVersion: null,
    });
    expectRefusal(reply, 404, 'sketch.unknown');
  });

  test('feedback that says nothing is refused before anything is looked up', async () => {
    const path = `/canvases/${nobody}/sketches/${nobody}/feedback`;
    expectRefusal(await ann.ask('POST', path, { verdict: 'wrong' }), 400, 'request.invalid');
  });
});
