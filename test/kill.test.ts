import { randomInt } from 'node:crypto';
import * as Y from 'yjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShownStroke } from '../shared/canvas-doc.ts';
import { openCanvasDoc, readStroke } from '../shared/canvas-doc.ts';
import type { Canvas } from '../shared/project.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import type { Random } from '../shared/random.ts';
import { APPEND_STATEMENT, BreakableServer } from './support/breakable-server.ts';
import { contentOf, indicesOfMissing } from './support/document-content.ts';
import { eventually } from './support/eventually.ts';
import type { Fault } from './support/faults.ts';
import { FAULTS, killAndCut, restoreAndRestart } from './support/faults.ts';
import { HttpSession } from './support/http-session.ts';
import { ReturningParticipant } from './support/returning-participant.ts';
import type { Trap } from './support/tcp-proxy.ts';
import { createProject } from './support/teaching.ts';

/** One seed is one round; `KILL_SEED=<seed> KILL_ROUNDS=1` repeats it. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 14);
const FIRST_SEED = Number(process.env['KILL_SEED'] ?? randomInt(1_000_000));
const PARTICIPANTS = 3;
/** The moment of the fault, in milliseconds after the first stroke, and how long people draw on. */
const STRIKE_AFTER_MS = { from: 100, to: 600 };
const DRAW_ON_MS = 250;

/** More than 256 KiB, at which the log of a canvas is compacted. */
const STROKES_TO_COMPACT = 60;
const LONG_STROKE_POINTS = 2_000;

let breakable: BreakableServer;
let owner: HttpSession;
let sessions: HttpSession[];
/** What each round has left on its canvas. */
const left: { readonly seed: number; readonly canvasId: string; readonly content: unknown }[] = [];

beforeAll(async () => {
  breakable = await BreakableServer.start();
  owner = new HttpSession(breakable.url);
  sessions = Array.from({ length: PARTICIPANTS }, () => new HttpSession(breakable.url));
});

afterAll(async () => {
  await breakable.stop();
});

async function newCanvas(): Promise<Canvas> {
  const { canvas } = await createProject(owner, 'Killed', []);
  return canvas;
}

function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Somebody who has never been there reads the canvas from the server. */
async function readAfresh(canvasId: string): Promise<Y.Doc> {
  // A new guest each time: hundreds of canvases in a row are more than one person may open.
  const reader = await ReturningParticipant.come(breakable.url, canvasId);
  reader.disconnect();
  return reader.doc;
}

interface Round {
  readonly canvasId: string;
  readonly random: Random;
  readonly fault: Fault;
}

/** Everybody draws, the fault strikes, people draw on for a moment, and all lines break. */
async function drawIntoFault({ canvasId, random, fault }: Round): Promise<ReturningParticipant[]> {
  const people = await Promise.all(
    sessions.map((session) => ReturningParticipant.come(breakable.url, canvasId, session)),
  );
  const stop = new AbortController();
  const drawing = people.map((person) =>
    person.actUntil(() => stop.signal.aborted, seededRandom(random() * 2e9)),
  );
  try {
    await pauseMs(STRIKE_AFTER_MS.from + random() * (STRIKE_AFTER_MS.to - STRIKE_AFTER_MS.from));
    await fault.strike(breakable);
    await pauseMs(random() * DRAW_ON_MS);
  } finally {
    // Also when the round fails: who drew on would use up what these people may do in the next.
    stop.abort();
    await Promise.all(drawing);
    for (const person of people) person.disconnect();
  }
  return people;
}

function updatesOf(people: readonly ReturningParticipant[]): Uint8Array[] {
  return people.flatMap(({ changes }) => changes.map(({ update }) => update));
}

function expectNothingElse(doc: Y.Doc, people: readonly ReturningParticipant[]): void {
  const made = new Y.Doc();
  for (const update of updatesOf(people)) Y.applyUpdate(made, update);
  expect(indicesOfMissing(made, [Y.encodeStateAsUpdate(doc)])).toEqual([]);
  const strokes = contentOf(doc)['ink']?.map(([, ink]) => ink) ?? [];
  expect(new Set(strokes).size).toBe(strokes.length);
}

async function playRound(seed: number, fault: Fault): Promise<void> {
  const random = seededRandom(seed);
  const { id: canvasId } = await newCanvas();
  const people = await drawIntoFault({ canvasId, random, fault });
  const content = await recover({ canvasId, random, fault }, people);
  left.push({ seed, canvasId, content });
}

/** The server is well again, and some people come back: what is on the canvas then. */
async function recover(
  { canvasId, random, fault }: Round,
  people: readonly ReturningParticipant[],
): Promise<unknown> {
  const acknowledged = people.flatMap((person) => person.acknowledged);
  await fault.heal(breakable);
  await breakable.isWell();

  const recovered = await readAfresh(canvasId);
  const saved = acknowledged.map(({ update }) => update);
  expect(saved.length).toBeGreaterThan(0);
  expect(indicesOfMissing(recovered, saved)).toEqual([]);
  expectNothingElse(recovered, people);

  const back = shuffle([...people], random).slice(0, 1 + Math.floor(random() * people.length));
  await Promise.all(back.map((person) => person.connect()));
  for (const person of back) person.act(random);
  await eventually(() => {
    for (const { sync } of back) expect(sync).toMatchObject({ isSaved: true, closeCode: null });
  });
  const after = await readAfresh(canvasId);
  expect(indicesOfMissing(after, [...saved, ...updatesOf(back)])).toEqual([]);
  expectNothingElse(after, people);
  const content = contentOf(after);
  await eventually(() => {
    for (const { doc } of back) expect(contentOf(doc)).toEqual(content);
  });
  for (const person of back) person.disconnect();
  return content;
}

describe('people draw, erase and undo, and then', () => {
  const names = Object.keys(FAULTS);
  const rounds = Array.from({ length: ROUNDS }, (_, i) => FIRST_SEED + i).map(
    (seed) => [names[seed % names.length] ?? '', seed] as const,
  );

  test.each(rounds)('%s: nothing acknowledged is lost (seed %i)', async (name, seed) => {
    const fault = FAULTS[name];
    if (!fault) throw new Error(`There is no fault ${name}.`);
    await playRound(seed, fault);
  });
});

describe('a server that is killed while it compacts the log of a canvas', () => {
  const fault: Fault = { strike: killAndCut, heal: restoreAndRestart };

  /** Opens the way for a compaction, and stops it again at its commit: that happens, unheard. */
  async function stopAtCommit(trap: Trap): Promise<Trap> {
    const commit = breakable.proxy.setTrap('commit', 'answer');
    trap.open();
    await commit.caught;
    return commit;
  }

  test.each([
    'for no key update',
    'insert into canvas_snapshots',
    'delete from canvas_updates',
    'delete from canvas_snapshots',
    'commit',
  ])('has lost nothing, killed at "%s"', async (statement) => {
    const random = seededRandom(FIRST_SEED);
    const { id: canvasId } = await newCanvas();
    const person = await ReturningParticipant.come(breakable.url, canvasId, sessions[0]);
    const isAtCommit = statement === 'commit';
    const last = 'delete from canvas_snapshots';
    const first = breakable.proxy.setTrap(isAtCommit ? last : statement, 'request');
    for (let n = 0; n < STROKES_TO_COMPACT; n++) person.draw(random, LONG_STROKE_POINTS);
    await first.caught;
    // What is compacted is committed; its acknowledgement is on its way.
    await eventually(() => expect(person.acknowledged).not.toHaveLength(0));
    const trap = isAtCommit ? await stopAtCommit(first) : first;
    person.draw(random);
    await fault.strike(breakable);
    trap.open();
    person.disconnect();
    const content = await recover({ canvasId, random, fault }, [person]);
    left.push({ seed: FIRST_SEED, canvasId, content });
  });
});

describe('a stroke that was shown but not stored when the server was killed', () => {
  let author: ReturningParticipant;
  let watcher: ReturningParticipant;
  let canvasId: string;
  let strokeId: string;

  beforeEach(async () => {
    ({ id: canvasId } = await newCanvas());
    const [first, second] = sessions;
    author = await ReturningParticipant.come(breakable.url, canvasId, first);
    watcher = await ReturningParticipant.come(breakable.url, canvasId, second);
    await eventually(() => expect(author.sync.isSaved && watcher.sync.isSaved).toBe(true));
    const trap = breakable.proxy.setTrap(APPEND_STATEMENT, 'request');
    strokeId = author.draw(seededRandom(1));
    await eventually(() => expect(readStroke(watcher.canvas, strokeId)).not.toBeNull());
    await trap.caught;
    await killAndCut(breakable);
    trap.open();
    expect(author.acknowledged).toEqual([]);
    await restoreAndRestart(breakable);
    await breakable.isWell();
  });

  async function readStrokeAfresh(): Promise<ShownStroke | null> {
    return readStroke(openCanvasDoc(await readAfresh(canvasId)), strokeId);
  }

  async function refusal(): Promise<void> {
    await eventually(() =>
      expect(watcher.sync.notices).toContainEqual(expect.objectContaining({ kind: 'refused' })),
    );
  }

  async function authorBringsItBack(): Promise<void> {
    await author.connect();
    await eventually(() => expect(author.sync.isSaved).toBe(true));
    expect(await readStrokeAfresh()).not.toBeNull();
  }

  test('comes back with somebody who only watched, under the name of its author', async () => {
    expect(await readStrokeAfresh()).toBeNull();
    await watcher.connect();
    await eventually(async () => {
      const stroke = await readStrokeAfresh();
      expect(stroke?.ink.authorId).toBe(author.participant.id);
    });
    await eventually(async () => {
      const statement = 'select author_id from canvas_updates where canvas_id = $1';
      const rows = await breakable.ask(statement, [canvasId]);
      expect(rows).toContainEqual({ author_id: author.participant.id });
    });
    expect(watcher.sync.notices).toEqual([]);
  });

  test('is left out without the seal, and waits for its author', async () => {
    watcher.kept.length = 0;
    await watcher.connect();
    await eventually(() => expect(watcher.sync.isSaved).toBe(true));
    expect(await readStrokeAfresh()).toBeNull();
    await authorBringsItBack();
  });

  test('is refused under a forged seal or another name, and waits for its author', async () => {
    const [sealed] = watcher.kept;
    if (!sealed) throw new Error('The hub seals what it passes on.');
    const seal = sealed.seal.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
    watcher.kept.splice(0, Infinity, { ...sealed, seal });
    watcher.kept.push({ ...sealed, authorId: watcher.participant.id });
    await watcher.connect();
    await refusal();
    expect(await readStrokeAfresh()).toBeNull();
    await authorBringsItBack();
  });
});

describe('all that the rounds have left', () => {
  test('is there when everybody has gone and the server is killed once more', async () => {
    await breakable.server.kill();
    await breakable.restart();
    for (const { seed, canvasId, content } of left)
      expect(contentOf(await readAfresh(canvasId)), `seed ${seed}`).toEqual(content);
  });
});
