import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { MemoryBlobs } from '../../test/support/build-domain.ts';
import type { TestDatabase } from '../../test/support/database.ts';
import { createTestDatabase } from '../../test/support/database.ts';
import type { CanvasLog, StoredCanvas } from '../sync/canvas-log.ts';
import { SnapshotSuperseded } from '../sync/canvas-log.ts';
import { readStoredCanvas } from '../sync/stored-canvas.ts';
import { createCanvasLog } from './canvas-log.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { openStores } from './stores.ts';

let testDatabase: TestDatabase;
let one: Database;
let two: Database;
/** Ends connections of the others: from a pool of theirs it would wait for those it is to end. */
let executioner: Pool;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  [one, two] = [await openDatabase(testDatabase.url), await openDatabase(testDatabase.url)];
  executioner = new Pool({ connectionString: testDatabase.url });
});

afterAll(async () => {
  await Promise.all([one.close(), two.close(), executioner.end()]);
  await testDatabase.drop();
});

async function createCanvas(): Promise<string> {
  const { projects, canvases } = openStores(one);
  const { id: projectId } = await projects.create({
    ...{ name: 'Animals', isPlayground: false, ownerId: null, ownerToken: randomUUID() },
    canvas: { name: 'first', mode: 'free' },
  });
  return (await canvases.create({ projectId, name: 'second', mode: 'free' })).id;
}

/** Somebody who draws, and the updates that come of it. */
class Author {
  readonly doc = new Y.Doc();
  readonly #updates: Uint8Array[] = [];

  constructor(clientId: number) {
    this.doc.clientID = clientId;
    this.doc.on('update', (update: Uint8Array) => this.#updates.push(update));
  }

  draw(key: string): Uint8Array {
    this.doc.getMap('ink').set(key, new Uint8Array([1, 2, 3]));
    return this.#updates.pop() ?? new Uint8Array();
  }
}

/** A server's view of a canvas: its document, and which rows it contains. */
class Server {
  readonly doc = new Y.Doc();
  readonly seqs: bigint[] = [];
  snapshotNumber: bigint | null = null;
  readonly #log: CanvasLog;
  readonly #canvasId: string;

  constructor(log: CanvasLog, canvasId: string) {
    this.#log = log;
    this.#canvasId = canvasId;
  }

  async append(update: Uint8Array): Promise<void> {
    Y.applyUpdate(this.doc, update);
    const entry = { canvasId: this.#canvasId, authorId: null, update };
    const [seq = 0n] = await this.#log.append([entry]);
    this.seqs.push(seq);
  }

  /** False: somebody else has compacted, and nothing has changed. */
  async compact(): Promise<boolean> {
    const seqs = [...this.seqs];
    const snapshot = Y.encodeStateAsUpdate(this.doc);
    const replaces = this.snapshotNumber;
    try {
      const replacement = { snapshot, seqs, replaces };
      this.snapshotNumber = await this.#log.compact(this.#canvasId, replacement);
      this.seqs.splice(0, seqs.length);
      return true;
    } catch (error) {
      if (error instanceof SnapshotSuperseded) return false;
      throw error;
    }
  }
}

function inkOf(stored: StoredCanvas | null): string[] {
  const { doc, unreadable } = readStoredCanvas(stored ?? { snapshot: null, updates: [] });
  expect(unreadable).toEqual([]);
  return [...doc.getMap('ink').keys()].sort();
}

/** A pool whose transactions lose their connection at the n-th statement, before it or after it. */
function crashing(pool: Pool, crash: { readonly at: number; readonly after: boolean }): Pool {
  const wrap = (client: PoolClient): PoolClient => {
    let statements = 0;
    const query = async (...args: [string, unknown[]]): Promise<unknown> => {
      statements += 1;
      const isDue = statements === crash.at;
      if (isDue && !crash.after) await kill(client);
      const result = await client.query(...args);
      if (isDue && crash.after) throw await kill(client);
      return result;
    };
    const release = (error?: Error): void => client.release(error ?? true);
    // The log asks a client for nothing else.
    return { query, release } as unknown as PoolClient;
  };
  return { connect: async () => wrap(await pool.connect()) } as unknown as Pool;
}

/** Ends the connection's process in the database, and waits until it has gone. */
async function kill(client: PoolClient): Promise<Error> {
  client.on('error', () => undefined);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { pid } = rows[0] ?? { pid: 0 };
  await executioner.query('select pg_terminate_backend($1, 5000)', [pid]);
  return new Error('The connection was lost');
}

const STATEMENTS = Array.from({ length: 8 }, (_, i) => i + 1);
const CRASHES = STATEMENTS.flatMap((at) => [
  { at, after: false },
  { at, after: true },
]);

describe('a compaction', () => {
  test.each(CRASHES)(
    'that crashes at statement $at (after: $after) loses nothing',
    async (crash) => {
      const canvasId = await createCanvas();
      const blobs = new MemoryBlobs();
      const ann = new Author(1);
      const server = new Server(createCanvasLog(one, blobs), canvasId);
      await server.append(ann.draw('a'));
      await server.compact();
      await server.append(ann.draw('b'));
      await server.append(ann.draw('c'));
      const broken = createCanvasLog({ pool: crashing(one.pool, crash) }, blobs);
      const outcome = await broken
        .compact(canvasId, {
          snapshot: Y.encodeStateAsUpdate(server.doc),
          ...{ seqs: server.seqs, replaces: server.snapshotNumber },
        })
        .then(
          () => 'done',
          () => 'crashed',
        );
      const stored = await createCanvasLog(two, blobs).load(canvasId);
      expect(inkOf(stored)).toEqual(['a', 'b', 'c']);
      // The old snapshot with its rows or the new one with none, nothing in between.
      const isNew = stored?.snapshotNumber !== server.snapshotNumber;
      expect(stored?.updates).toHaveLength(isNew ? 0 : 2);
      // Seven statements, the last of which commits; an answer that was lost does not undo it.
      expect(outcome).toBe(crash.at <= 7 ? 'crashed' : 'done');
      expect(isNew).toBe(crash.at > 7 || (crash.at === 7 && crash.after));
    },
  );

  test('racing appends of two servers, and their compactions, loses nothing', async () => {
    const step = fc.record({
      server: fc.constantFrom(0 as const, 1 as const),
      what: fc.constantFrom('append', 'append', 'append', 'compact', 'crash', 'wait'),
      crash: fc.record({ at: fc.integer({ min: 1, max: 8 }), after: fc.boolean() }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const race = new Race(await createCanvas());
        for (const { server, what, crash } of steps) {
          if (what === 'append') race.append(server);
          else if (what === 'compact') race.compact(server);
          else if (what === 'crash') race.crash(server, crash);
          else await race.wait();
        }
        await race.wait();
        expect(inkOf(await race.load())).toEqual(race.drawn.sort());
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

/** Two servers on one canvas, whose statements run beside each other. */
class Race {
  readonly drawn: string[] = [];
  readonly #canvasId: string;
  readonly #blobs = new MemoryBlobs();
  readonly #sides;
  readonly #underWay: Promise<unknown>[] = [];

  constructor(canvasId: string) {
    this.#canvasId = canvasId;
    const side = ({ pool }: Database, clientId: number) => ({
      ...{ pool, author: new Author(clientId), compacting: Promise.resolve<unknown>(null) },
      server: new Server(createCanvasLog({ pool }, this.#blobs), canvasId),
    });
    this.#sides = [side(one, 1), side(two, 2)] as const;
  }

  append(place: 0 | 1): void {
    const key = `stroke ${this.drawn.length}`;
    this.drawn.push(key);
    const { server, author } = this.#sides[place];
    this.#underWay.push(server.append(author.draw(key)));
  }

  /** A room has one compaction at a time. */
  compact(place: 0 | 1): void {
    const side = this.#sides[place];
    side.compacting = side.compacting.then(() => side.server.compact());
  }

  crash(place: 0 | 1, crash: { readonly at: number; readonly after: boolean }): void {
    const { pool, server } = this.#sides[place];
    const log = createCanvasLog({ pool: crashing(pool, crash) }, this.#blobs);
    const crashed = log.compact(this.#canvasId, {
      snapshot: Y.encodeStateAsUpdate(server.doc),
      ...{ seqs: [...server.seqs], replaces: server.snapshotNumber },
    });
    this.#underWay.push(crashed.catch(() => undefined));
  }

  async wait(): Promise<void> {
    const compacting = this.#sides.map((side) => side.compacting);
    await Promise.all([...this.#underWay.splice(0), ...compacting]);
  }

  load(): Promise<StoredCanvas | null> {
    return createCanvasLog(one, this.#blobs).load(this.#canvasId);
  }
}
