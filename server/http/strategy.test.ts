import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ErrorReply } from '../../shared/errors.ts';
import { REALTIME_PATH } from '../../shared/events.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import type { TrainingNeeds } from '../../shared/training-needs.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { HttpReply, HttpSession } from '../../test/support/http-session.ts';
import type { TestApp } from '../../test/support/start-app.ts';
import { startTestApp } from '../../test/support/start-app.ts';
import { createProject } from '../../test/support/teaching.ts';

let app: TestApp;
let ann: HttpSession;
let project: Project;
let canvas: Canvas;

beforeAll(async () => {
  app = await startTestApp();
  ann = app.guest();
  ({ project, canvas } = await createProject(ann, 'Pets', ['cat', 'dog']));
});

afterAll(() => app.stop());

function expectRefusal(reply: HttpReply, status: number, code: string): string {
  const error = ErrorReply.parse(reply.body);
  expect({ status: reply.status, code: error.code }).toEqual({ status, code });
  return error.message;
}

const patch = (strategy: unknown, who = ann, id = project.id): Promise<HttpReply> =>
  who.ask('PATCH', `/projects/${id}`, { strategy });

/** What is wrong, and the field that the message has to name. */
const WRONG: readonly (readonly [field: string, strategy: unknown])[] = [
  ['hyperparameters.epochs', { hyperparameters: { epochs: 0 } }],
  ['hyperparameters.epochs', { hyperparameters: { epochs: 1e9 } }],
  ['hyperparameters.epochs', { hyperparameters: { epochs: 1.5 } }],
  ['hyperparameters.learningRate', { hyperparameters: { learningRate: 'abc' } }],
  ['hyperparameters.learningRate', { hyperparameters: { learningRate: null } }],
  ['hyperparameters.learningRate', { hyperparameters: { learningRate: 0 } }],
  ['hyperparameters.batchSize', { hyperparameters: { batchSize: 7 } }],
  ['hyperparameters.weightDecay', { hyperparameters: { weightDecay: -0.1 } }],
  ['hyperparameters.dropout', { hyperparameters: { dropout: 1 } }],
  ['hyperparameters.augmentation', { hyperparameters: { augmentation: 3 } }],
  ['hyperparameters.labelSmoothing', { hyperparameters: { labelSmoothing: 0.9 } }],
  ['hyperparameters.patience', { hyperparameters: { patience: 0 } }],
  ['hyperparameters.maxMinutes', { hyperparameters: { maxMinutes: 0 } }],
  ['hyperparameters.seed', { hyperparameters: { seed: -1 } }],
  ['hyperparameters.momentum', { hyperparameters: { momentum: 0.9 } }],
  ['hyperparameters', { hyperparameters: [] }],
  ['layers', { layers: 'everything' }],
  ['data.sources', { data: { kind: 'sources', sources: [] } }],
  ['data.sources.0', { data: { kind: 'sources', sources: ['dreamt'] } }],
  ['data.authorIds.0', { data: { kind: 'authors', authorIds: ['ann'] } }],
  ['data.authorIds', { data: { kind: 'authors', authorIds: [] } }],
  ['data.replayPerCategory', { data: { kind: 'new_and_replay', replayPerCategory: -1 } }],
  ['leastExamples.head', { leastExamples: { head: 0, backbone: 5 } }],
  ['leastExamples.backbone', { leastExamples: { head: 1 } }],
  ['when.everyMinutes', { when: { kind: 'on_schedule', everyMinutes: 0 } }],
  ['when.examples', { when: { kind: 'after_examples', examples: 0 } }],
  ['when.kind', { when: { kind: 'at_full_moon' } }],
  ['speed', { speed: 'fast' }],
];

describe('a strategy', () => {
  test.each(WRONG)('with a wrong %s is refused by name: %j', async (field, strategy) => {
    const message = expectRefusal(await patch(strategy), 400, 'request.invalid');
    expect(message).toContain(`"strategy.${field}"`);
    expect((await ann.get<Project>(`/projects/${project.id}`)).strategy).toEqual(DEFAULT_STRATEGY);
  });

  test('with a number that JSON does not know is refused', async () => {
    for (const rate of ['NaN', 'Infinity', '1e999']) {
      const body = `{"strategy": {"hyperparameters": {"learningRate": ${rate}}}}`;
      const headers = { 'content-type': 'application/json' };
      const reply = await ann.send(`/projects/${project.id}`, { method: 'PATCH', body, headers });
      expectRefusal(reply, 400, 'request.invalid');
    }
  });

  test('is changed part by part, kept, and obeyed by the next run', async () => {
    const { project: own } = await createProject(ann, 'Own', ['cat', 'dog']);
    const change = {
      when: { kind: 'by_hand' },
      hyperparameters: { epochs: 7, learningRate: 0.25, seed: 4_294_967_295 },
    };
    await patch(change, ann, own.id);
    await patch({ leastExamples: { head: 2, backbone: 6 } }, ann, own.id);
    await patch({}, ann, own.id);
    const { strategy } = await ann.get<Project>(`/projects/${own.id}`);
    expect(strategy).toEqual({
      ...DEFAULT_STRATEGY,
      ...change,
      leastExamples: { head: 2, backbone: 6 },
    });
    const run = await ann.post<TrainingRun>(`/projects/${own.id}/training-runs`);
    expect(run).toMatchObject({
      ...{ layers: 'head', data: { kind: 'all' }, leastExamples: { head: 2, backbone: 6 } },
      hyperparameters: { ...change.hyperparameters, augmentation: 1 },
    });
  });

  test('is the owner’s to change, and nobody’s on the Playground', async () => {
    const bob = app.guest();
    expectRefusal(await patch({ layers: 'all' }, bob), 403, 'access.denied');
    await bob.post(`/canvases/${canvas.id}/visits`);
    expectRefusal(await patch({ layers: 'all' }, bob), 403, 'access.denied');
    const { items } = await ann.get<{ items: Project[] }>('/projects');
    const playground = items.find(({ isPlayground }) => isPlayground);
    const reply = await patch({ layers: 'all' }, ann, playground?.id);
    expectRefusal(reply, 403, 'project.protected');
  });
});

describe('a training run', () => {
  test.each([
    ['layers', { layers: 'tail' }],
    ['hyperparameters.batchSize', { hyperparameters: { batchSize: 7 } }],
    ['hyperparameters.momentum', { hyperparameters: { momentum: 1 } }],
    ['data', { data: { kind: 'all' } }],
  ])('with a wrong %s is refused by name: %j', async (field, body) => {
    const reply = await ann.ask('POST', `/projects/${project.id}/training-runs`, body);
    expect(expectRefusal(reply, 400, 'request.invalid')).toContain(`"${field}"`);
  });

  test('that lacks examples is refused with the same words as the needs have', async () => {
    const path = `/projects/${project.id}`;
    const needs = await ann.get<TrainingNeeds>(`${path}/training-needs?layers=last_block`);
    expect(needs).toEqual({
      layers: 'last_block',
      missing: [
        { name: 'cat', has: 0, needed: 5 },
        { name: 'dog', has: 0, needed: 5 },
      ],
      reason: expect.stringContaining('Draw 5 more of “cat” and 5 more of “dog”.'),
    });
    const reply = await ann.ask('POST', `${path}/training-runs`, { layers: 'last_block' });
    expect(expectRefusal(reply, 409, 'dataset.too_small')).toBe(needs.reason);
    expect(await ann.get(`${path}/training-needs`)).toMatchObject({ layers: 'head', reason: null });
  });
});

describe('the needs', () => {
  test('are for those who may look, of projects that are there', async () => {
    const path = (id: string) => `/projects/${id}/training-needs`;
    expectRefusal(await app.guest().ask('GET', path(project.id)), 403, 'access.denied');
    expectRefusal(await ann.ask('GET', path(randomUUID())), 404, 'project.unknown');
    const wrong = await ann.ask('GET', `${path(project.id)}?layers=tail`);
    expectRefusal(wrong, 400, 'request.invalid');
  });
});

describe('a rebuild', () => {
  test('of what is not there is refused', async () => {
    const reply = await ann.ask('POST', `/model-versions/${randomUUID()}/rebuild`, {});
    expectRefusal(reply, 404, 'model_version.unknown');
  });
});

describe('whoever is on a canvas', () => {
  test('hears of a run that is asked for and cancelled, each time the whole of it', async () => {
    const connection = io(app.url, {
      ...{ path: REALTIME_PATH, transports: ['websocket'], forceNew: true },
      extraHeaders: { cookie: ann.cookie },
    });
    onTestFinished(() => void connection.close());
    const heard: TrainingRun[] = [];
    connection.on('training_run:progressed', (run: TrainingRun) => heard.push(run));
    await connection.timeout(5_000).emitWithAck('canvas:join', { canvasId: canvas.id });
    const run = await ann.post<TrainingRun>(`/projects/${project.id}/training-runs`);
    await eventually(() => expect(heard.at(-1)).toEqual(run));
    await ann.post(`/training-runs/${run.id}/cancel`);
    await eventually(() => expect(heard.at(-1)).toMatchObject({ state: 'cancelled' }));
  });
});
