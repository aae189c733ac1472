import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addStroke, openCanvasDoc } from '../../shared/canvas-doc.ts';
import { ErrorReply } from '../../shared/errors.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { buildFrame } from '../../test/support/hub-guests.ts';
import type { HttpSession } from '../../test/support/http-session.ts';
import { PROJECT_ROOT } from '../../test/support/project-root.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';
import { SyncConnection } from '../../test/support/sync-connection.ts';
import { createCounters, type SyncCounters } from '../sync/counters.ts';
import { createMetrics } from './metrics.ts';

const TOKEN = 'a-token-of-the-operators';

let app: TestApp;
let ann: HttpSession;
let canvas: Canvas;

beforeAll(async () => {
  app = await startTestApp({ METRICS_TOKEN: TOKEN, UNLOAD_AFTER_MS: '50' });
  ann = app.guest();
  const project = await ann.post<Project>('/projects', { name: 'Pets' });
  const { items } = await ann.get<{ items: Canvas[] }>(`/projects/${project.id}/canvases`);
  if (!items[0]) throw new Error('A new project has no canvas.');
  canvas = items[0];
});
afterAll(() => app.stop());

function ask(headers: Record<string, string> = {}, url = app.url): Promise<Response> {
  return fetch(`${url}/metrics`, { headers });
}

/** The value of a line, label and all, such as `training_canvas_sync_rooms{phase="live"}`. */
async function valueOf(line: string): Promise<number> {
  const text = await (await ask()).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  if (found === undefined) throw new Error(`There is no line ${line} in\n${text}`);
  return Number(found.slice(line.length + 1));
}

const sync = (name: string): Promise<number> => valueOf(`training_canvas_sync_${name}`);

async function come(): Promise<SyncConnection> {
  const connection = new SyncConnection(app.url, canvas.id, ann.cookie);
  await eventually(() => expect(connection.isSynced).toBe(true));
  return connection;
}

describe('the metrics', () => {
  test('are in the text format of Prometheus, and open no session', async () => {
    const reply = await ask();
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(reply.headers.get('set-cookie')).toBeNull();
    const text = await reply.text();
    expect(text).toContain('# TYPE training_canvas_sync_commit_seconds histogram');
    expect(text).toContain('training_canvas_build_info{version="');
    expect(text).toContain('training_canvas_trainer_info{state="unavailable"} 1');
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^nodejs_heap_size_used_bytes /m);
  });

  test('follow the convention of names: a unit or _total last', async () => {
    const text = await (await ask()).text();
    const names = [...text.matchAll(/^# TYPE (training_canvas_\S+) counter$/gm)].map(([, n]) => n);
    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((name) => !name?.endsWith('_total'))).toEqual([]);
  });

  test('are all explained to operators, and no others are', async () => {
    const page = readFileSync(join(PROJECT_ROOT, 'docs/operations.md'), 'utf8');
    const [, table = ''] = page.split('| metric ');
    const cells = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|')[1] ?? '');
    const explained = cells
      .flatMap((cell) => [...cell.matchAll(/`([a-z_]+)/g)].map(([, name]) => name ?? ''))
      .map((name) => (name === 'training_canvas_' ? name : `training_canvas_${name}`))
      .filter((name) => name !== 'training_canvas_');
    const text = await (await ask()).text();
    const exported = [...text.matchAll(/^# TYPE (training_canvas_\S+)/gm)].map(([, name]) => name);
    expect(explained.sort()).toEqual(exported.sort());
  });

  test('tell who is on how many canvases', async () => {
    await eventually(async () => expect(await sync('rooms{phase="live"}')).toBe(0));
    const [one, two] = [await come(), await come()];
    expect(await sync('rooms{phase="live"}')).toBe(1);
    expect(await sync('connections')).toBe(2);
    one.close();
    two.close();
    await eventually(async () => expect(await sync('connections')).toBe(0));
    await eventually(async () => expect(await sync('rooms{phase="live"}')).toBe(0));
  });

  test('count commits, with how long they took', async () => {
    const before = [await sync('commits_total'), await sync('commit_seconds_count')] as const;
    const connection = await come();
    const { id } = await ann.get<{ id: string }>('/me');
    const stroke = { id: 'stroke', sketchId: 'sketch', ink: buildInk(id) };
    addStroke(openCanvasDoc(connection.doc), stroke, null);
    await eventually(() => expect(connection.isSaved).toBe(true));
    expect(await sync('commits_total')).toBeGreaterThan(before[0]);
    expect(await sync('commit_seconds_count')).toBeGreaterThan(before[1]);
    expect(await sync('commit_seconds_sum')).toBeGreaterThan(0);
    expect(await sync('committed_updates_total')).toBeGreaterThan(0);
    expect(await sync('unsaved_updates')).toBe(0);
    expect(await sync('oldest_unacked_seconds')).toBe(0);
    connection.close();
  });

  test('count live ink that reached others, and messages that could not be read', async () => {
    const [one, two] = [await come(), await come()];
    one.sendLiveFrame(buildFrame([1, 2, 3]));
    await eventually(() => expect(two.liveFrames).toHaveLength(1));
    await eventually(async () => expect(await sync('live_ink_delivered_total')).toBe(1));
    one.sendBytes(new Uint8Array([0, 2, 255]));
    await eventually(() => expect(one.closeCode).toBe(4400));
    expect(await sync('bad_messages_total')).toBe(1);
    two.close();
  });
});

describe('who may read them', () => {
  async function expectRefused(reply: Response): Promise<void> {
    expect(reply.status).toBe(403);
    expect(reply.headers.get('set-cookie')).toBeNull();
    const { code, message } = ErrorReply.parse(await reply.json());
    expect(code).toBe('access.denied');
    expect(message).toContain('METRICS_TOKEN');
  }

  test('somebody behind a proxy of this machine is not of this machine', async () => {
    await expectRefused(await ask({ 'x-forwarded-for': '203.0.113.5' }));
    await expectRefused(await ask({ forwarded: 'for=127.0.0.1' }));
  });

  test('whoever knows the token may, and nobody with another', async () => {
    const from = { 'x-forwarded-for': '203.0.113.5' };
    const withToken = (said: string): Promise<Response> => ask({ ...from, authorization: said });
    expect((await withToken(`Bearer ${TOKEN}`)).status).toBe(200);
    for (const said of [`Bearer ${TOKEN}x`, 'Bearer', `Basic ${TOKEN}`, TOKEN, ''])
      await expectRefused(await withToken(said));
  });

  test('a trusted proxy says who asks, whatever that one says of himself', async () => {
    const behind = await startTestApp({ TRUSTED_PROXIES: '1' });
    try {
      expect((await ask({}, behind.url)).status).toBe(200);
      await expectRefused(await ask({ 'x-forwarded-for': '203.0.113.5' }, behind.url));
      await expectRefused(await ask({ 'x-forwarded-for': '127.0.0.1, 203.0.113.5' }, behind.url));
      // Without a token set, none opens them.
      const guess = { 'x-forwarded-for': '203.0.113.5', authorization: 'Bearer undefined' };
      await expectRefused(await ask(guess, behind.url));
    } finally {
      await behind.stop();
    }
  });
});

test('each figure of the hub is told under its own name', async () => {
  const counters = createCounters();
  const keys = Object.keys(counters) as (keyof SyncCounters)[];
  keys.forEach((key, i) => (counters[key] = 100 + i));
  const metrics = createMetrics({ version: '1' });
  let reads = 0;
  metrics.followHub(() => {
    reads += 1;
    return {
      ...{ ...counters, rooms: 6, roomsByPhase: { loading: 1, live: 2, draining: 3 } },
      ...{ connections: 4, unsavedUpdates: 5, unsavedBytes: 6, oldestUnsavedMs: 7_500 },
    };
  });
  const { text } = await metrics.render();
  const valueIn = (name: string): string | undefined =>
    new RegExp(`^training_canvas_sync_${name} (.+)$`, 'm').exec(text)?.[1];
  expect(valueIn('rooms{phase="draining"}')).toBe('3');
  expect(valueIn('connections')).toBe('4');
  expect(valueIn('unsaved_updates')).toBe('5');
  expect(valueIn('unsaved_bytes')).toBe('6');
  expect(valueIn('oldest_unacked_seconds')).toBe('7.5');
  expect(valueIn('commit_failures_total')).toBe(String(counters.commitFailures));
  expect(valueIn('load_failures_total')).toBe(String(counters.loadFailures));
  expect(valueIn('slow_closes_total')).toBe(String(counters.slowCloses));
  const told = [...text.matchAll(/^training_canvas_sync_\S+_total (1\d\d)$/gm)].map(([, n]) => n);
  expect(new Set(told).size).toBe(keys.length);
  expect(reads).toBe(1);
});
