import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_UNSAVED_BYTES } from '../shared/limits.ts';
import type { Canvas } from '../shared/project.ts';
import { seededRandom } from '../shared/random.ts';
import type { TestDatabase } from './support/database.ts';
import { createTestDatabase } from './support/database.ts';
import { contentOf } from './support/document-content.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import { MeasuredServer } from './support/measured-server.ts';
import { ReturningParticipant } from './support/returning-participant.ts';
import { temporaryDataDir } from './support/server-process.ts';
import type { TcpProxy } from './support/tcp-proxy.ts';
import { proxyDatabase } from './support/tcp-proxy.ts';
import { createProject } from './support/teaching.ts';

const AUTHORS = 8;
/** Some 20 KiB each: together more than may wait for the database. */
const STROKES_EACH = 80;
const POINTS = 5_000;
/** What each author may still have on the line when nobody is read any more. */
const ON_THE_LINE_BYTES = 128 * 1_024;

let database: TestDatabase;
let proxy: TcpProxy;
let measured: MeasuredServer;
let removeData: () => Promise<void>;
let owner: HttpSession;

beforeAll(async () => {
  const data = await temporaryDataDir();
  removeData = data.remove;
  database = await createTestDatabase();
  const proxied = await proxyDatabase(database.url);
  proxy = proxied.proxy;
  measured = await MeasuredServer.start(data.dir, {
    ...{ DATABASE_URL: proxied.url, TRAINER: 'none', LOG_LEVEL: 'silent' },
    UNLOAD_AFTER_MS: '600000',
  });
  owner = new HttpSession(measured.server.url);
});

afterAll(async () => {
  await proxy.restore();
  await measured.server.stop();
  await proxy.cut();
  await database.drop();
  await removeData();
});

interface Company {
  readonly canvas: Canvas;
  readonly authors: readonly ReturningParticipant[];
}

async function gather(): Promise<Company> {
  const { canvas } = await createProject(owner, 'Back-pressure', []);
  const authors: ReturningParticipant[] = [];
  for (let n = 0; n < AUTHORS; n++)
    authors.push(await ReturningParticipant.come(measured.server.url, canvas.id));
  await eventually(() => expect(authors.every(({ sync }) => sync.isSaved)).toBe(true));
  return { canvas, authors };
}

function drawMuch({ authors }: Company): void {
  const random = seededRandom(1);
  for (let n = 0; n < STROKES_EACH; n++) for (const author of authors) author.draw(random, POINTS);
}

async function allHaveAll({ authors }: Company): Promise<void> {
  await eventually(() => {
    for (const { canvas, sync } of authors) {
      expect(canvas.ink.size).toBe(AUTHORS * STROKES_EACH);
      expect(sync).toMatchObject({ isSaved: true, closeCode: null });
    }
  }, 60_000);
}

describe('people who draw on while the database is away', () => {
  test('are held back above 8 MiB, and nothing is lost', async () => {
    const company = await gather();
    await proxy.cut();
    drawMuch(company);
    await eventually(async () => {
      expect(await measured.metric('training_canvas_sync_unsaved_bytes')).toBeGreaterThan(
        MAX_UNSAVED_BYTES,
      );
    }, 30_000);
    await expectStandstill();
    for (const { acknowledged } of company.authors) expect(acknowledged).toEqual([]);
    await proxy.restore();
    await allHaveAll(company);
    const reader = await ReturningParticipant.come(measured.server.url, company.canvas.id);
    expect(contentOf(reader.doc)).toEqual(contentOf(company.authors[0]?.doc ?? reader.doc));
    for (const person of [...company.authors, reader]) person.disconnect();
  });

  /** What waits for the database stays where it is, although everybody has more to send. */
  async function expectStandstill(): Promise<void> {
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      const waiting = await measured.metric('training_canvas_sync_unsaved_bytes');
      expect(waiting).toBeLessThan(MAX_UNSAVED_BYTES + AUTHORS * ON_THE_LINE_BYTES);
    }
  }
});
