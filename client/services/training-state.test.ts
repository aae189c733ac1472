import { describe, expect, test } from 'vitest';
import type { ServerEvents } from '../../shared/events.ts';
import type { Project } from '../../shared/project.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { eventually } from '../../test/support/eventually.ts';
import { aRun, aVersion } from '../test-support/learning.ts';
import { Api } from './api.ts';
import type { Realtime } from './realtime.ts';
import { TrainingState } from './training-state.ts';

const PROJECT: Project = {
  id: 'p',
  name: 'Toys',
  isPlayground: false,
  role: 'owner',
  strategy: DEFAULT_STRATEGY,
  modelVersionId: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const VERSION_1 = aVersion({ id: 'v1', number: 1 });
const VERSION_2 = aVersion({ id: 'v2', number: 2 });

/** A server whose readings of a single version are answered by hand; all others at once. */
class LearningServer implements Realtime {
  readonly api = new Api(async (url) => this.#answer((url as string).replace(/\?.*/, '')));
  /** Waiting readings, by the id of their version. */
  readonly readings = new Map<string, (response: Response) => void>();
  project = PROJECT;
  readonly #news = new EventTarget();

  on<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): () => void {
    const hear = (told: Event): void => {
      // `tell` gives each event what its listeners take.
      (listener as (payload: unknown) => void)((told as CustomEvent).detail);
    };
    this.#news.addEventListener(event, hear);
    return () => this.#news.removeEventListener(event, hear);
  }

  join(): () => void {
    return () => undefined;
  }

  joinProject(): () => void {
    return () => undefined;
  }

  tell<E extends keyof ServerEvents>(event: E, detail: Parameters<ServerEvents[E]>[0]): void {
    this.#news.dispatchEvent(new CustomEvent(event, { detail }));
  }

  promote({ id, number }: { id: string; number: number }): void {
    this.tell('model_version:promoted', { projectId: 'p', modelVersionId: id, number });
  }

  async reply(id: string, response: Response): Promise<void> {
    const answer = await eventually(() => {
      const waiting = this.readings.get(id);
      if (!waiting) throw new Error(`Version ${id} is not being read.`);
      return waiting;
    });
    this.readings.delete(id);
    answer(response);
  }

  async #answer(path: string): Promise<Response> {
    const [, id] = /^\/api\/model-versions\/(\w+)$/.exec(path) ?? [];
    if (id) return new Promise((answer) => this.readings.set(id, answer));
    if (path === '/api/projects/p') return Response.json(this.project);
    if (path.endsWith('/training-needs')) return Response.json({ reason: null });
    return Response.json({ items: [], nextCursor: null });
  }
}

async function follow(): Promise<{ server: LearningServer; training: TrainingState }> {
  const server = new LearningServer();
  const training = new TrainingState('p', { api: server.api, realtime: server });
  await training.load();
  return { server, training };
}

describe('before the first model', () => {
  test('none serves, and none is missing', async () => {
    const { training } = await follow();
    expect(training.serving).toBeNull();
    expect(training.isServingUnread).toBe(false);
  });
});

describe('a model that was promoted', () => {
  test('serves once it has been read; until then it is told that another one does', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_1);
    server.tell('training_run:progressed', aRun({ state: 'succeeded', modelVersionId: 'v1' }));
    expect(training.isServingUnread).toBe(true);
    await server.reply('v1', Response.json(VERSION_1));
    await eventually(() => expect(training.serving?.number).toBe(1));
    expect(training.isServingUnread).toBe(false);
    // The event of the run asked for it as well.
    expect(server.readings.size).toBe(0);
  });

  test('leaves the one before in its place while it is read', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_1);
    await server.reply('v1', Response.json(VERSION_1));
    await eventually(() => expect(training.serving?.number).toBe(1));
    server.promote(VERSION_2);
    expect(training.serving?.number).toBe(1);
    await server.reply('v2', Response.json(VERSION_2));
    await eventually(() => expect(training.serving?.number).toBe(2));
  });

  test('is not replaced by an older one that was read later', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_1);
    server.promote(VERSION_2);
    await server.reply('v2', Response.json(VERSION_2));
    await eventually(() => expect(training.serving?.number).toBe(2));
    await server.reply('v1', Response.json(VERSION_1));
    await eventually(() => expect(training.versions).toHaveLength(2));
    expect(training.serving?.number).toBe(2);
  });
});

describe('a model that was promoted but could not be read', () => {
  test('is told as another one that serves, and read again with the next news', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_1);
    await failToRead(server, training);
    expect(training.serving).toBeNull();
    expect(training.isServingUnread).toBe(true);
    server.tell('training_run:progressed', aRun());
    await server.reply('v1', Response.json(VERSION_1));
    await eventually(() => expect(training.serving?.number).toBe(1));
    expect(training.isServingUnread).toBe(false);
  });

  test('does not leave the one before as serving', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_2);
    await server.reply('v2', Response.json(VERSION_2));
    await eventually(() => expect(training.serving?.number).toBe(2));
    server.promote(VERSION_1);
    await failToRead(server, training);
    expect(training.serving).toBeNull();
    expect(training.isServingUnread).toBe(true);
  });

  test('is read again after a reconnect', async () => {
    const { server, training } = await follow();
    server.promote(VERSION_1);
    await failToRead(server, training);
    server.project = { ...PROJECT, modelVersionId: 'v1' };
    const loading = training.load();
    await server.reply('v1', Response.json(VERSION_1));
    await loading;
    expect(training.serving?.number).toBe(1);
  });
});

/** Version 1 is being read, and the server has none to give. */
async function failToRead(server: LearningServer, training: TrainingState): Promise<void> {
  const told = new Promise((tell) => training.addEventListener('change', tell, { once: true }));
  await server.reply('v1', Response.json(null, { status: 500 }));
  await told;
}
