import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Canvas } from '../shared/project.ts';
import { seededRandom } from '../shared/random.ts';
import { CLOSE_CODES } from '../shared/sync-protocol.ts';
import { BreakableServer } from './support/breakable-server.ts';
import { indicesOfMissing } from './support/document-content.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import { ReturningParticipant } from './support/returning-participant.ts';
import { createProject } from './support/teaching.ts';

const PEOPLE = 20;
const EXIT_WITHIN_MS = 10_000;
/** The close code of a connection that was never made, or broke. */
const ABNORMAL = 1006;

let breakable: BreakableServer;
let owner: HttpSession;

beforeAll(async () => {
  breakable = await BreakableServer.start();
  owner = new HttpSession(breakable.url);
});

beforeEach(async () => {
  if (!breakable.server.isRunning) await breakable.restart();
});

afterEach(async () => {
  await breakable.proxy.restore();
  await breakable.server.stop();
});

afterAll(async () => {
  await breakable.stop();
});

async function newCanvas(): Promise<Canvas> {
  const { canvas } = await createProject(owner, 'Shutdown', []);
  return canvas;
}

async function come(canvasId: string): Promise<ReturningParticipant> {
  const person = await ReturningParticipant.come(breakable.url, canvasId);
  await eventually(() => expect(person.sync.isSaved).toBe(true));
  return person;
}

/** Asks the server to end, and expects that it does so in time; its exit code. */
async function stopInTime(): Promise<number | null> {
  const startedAt = performance.now();
  const code = await breakable.server.stop();
  expect(performance.now() - startedAt, breakable.server.output).toBeLessThan(EXIT_WITHIN_MS);
  return code;
}

function isToldToStop({ sync }: ReturningParticipant): boolean {
  return sync.notices.some((notice) => notice?.kind === 'stopping');
}

/** Draws as fast as a quick hand until the server says that it stops, and not a stroke longer. */
function drawUntilTold(person: ReturningParticipant, seed: number): Promise<void> {
  const isOver = (): boolean => isToldToStop(person) || person.sync.closeCode !== null;
  return person.actUntil(isOver, seededRandom(seed));
}

/** Knocks until the server that is stopping says so, or is gone: the close codes. */
async function knockUntilGone(canvasId: string): Promise<number[]> {
  const url = `${breakable.url.replace('http', 'ws')}/sync/${canvasId}`;
  const codes: number[] = [];
  for (;;) {
    const socket = new WebSocket(url, { headers: { cookie: owner.cookie } });
    socket.on('error', () => undefined);
    const code = await new Promise<number>((resolve) => socket.once('close', resolve));
    // No WebSocket any more: nobody takes it up.
    if (code === ABNORMAL) return codes;
    codes.push(code);
  }
}

describe('a server that is asked to end while 20 people draw', () => {
  test('saves and acknowledges everything, says so, refuses newcomers, and ends', async () => {
    const canvases = [await newCanvas(), await newCanvas()];
    const people: ReturningParticipant[] = [];
    for (let n = 0; n < PEOPLE; n++) people.push(await come(canvases[n % 2]?.id ?? ''));
    const drawing = people.map((person, n) => drawUntilTold(person, n));
    await eventually(() => {
      for (const { acknowledged } of people) expect(acknowledged.length).toBeGreaterThan(5);
    }, 30_000);
    const stopping = stopInTime();
    await eventually(() => expect(people.some(isToldToStop)).toBe(true));
    const refused = await knockUntilGone(canvases[0]?.id ?? '');
    expect(await stopping, breakable.server.output).toBe(0);
    await Promise.all(drawing);

    expect(new Set(refused)).toEqual(new Set([CLOSE_CODES.restarting]));
    for (const person of people) {
      await eventually(() => expect(person.sync.closeCode).toBe(CLOSE_CODES.restarting));
      expect(isToldToStop(person)).toBe(true);
      expect(person.acknowledged.length).toBe(person.changes.length);
    }
    await breakable.restart();
    for (const [n, { id }] of canvases.entries()) {
      const { doc } = await ReturningParticipant.come(breakable.url, id);
      const authors = people.filter((_, i) => i % 2 === n);
      const saved = authors.flatMap(({ acknowledged }) => acknowledged);
      expect(
        indicesOfMissing(
          doc,
          saved.map(({ update }) => update),
        ),
      ).toEqual([]);
    }
  });
});

describe('nobody holds up the end of a server', () => {
  test('not who does not read', async () => {
    const canvas = await newCanvas();
    const person = await come(canvas.id);
    person.sync.stopReading();
    expect(await stopInTime()).toBe(0);
    person.disconnect();
  });

  test('not a database that is away: what is not saved comes back with its author', async () => {
    const canvas = await newCanvas();
    const person = await come(canvas.id);
    await breakable.proxy.cut();
    person.draw(seededRandom(1));
    await stopInTime();
    expect(person.acknowledged).toEqual([]);
    await expectBack(person);
  });

  test('not a database that does not answer', async () => {
    const canvas = await newCanvas();
    const person = await come(canvas.id);
    const trap = breakable.proxy.setTrap('', 'request');
    person.draw(seededRandom(1));
    await trap.caught;
    await stopInTime();
    trap.open();
    expect(person.acknowledged).toEqual([]);
    await expectBack(person);
  });

  async function expectBack(person: ReturningParticipant): Promise<void> {
    await eventually(() => expect(person.sync.closeCode).not.toBeNull());
    await breakable.proxy.restore();
    await breakable.restart();
    await person.connect();
    await eventually(() => expect(person.sync.isSaved).toBe(true));
    const { doc } = await ReturningParticipant.come(breakable.url, person.canvasId);
    expect(
      indicesOfMissing(
        doc,
        person.changes.map(({ update }) => update),
      ),
    ).toEqual([]);
    person.disconnect();
  }
});
