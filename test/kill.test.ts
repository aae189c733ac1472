import { randomInt } from 'node:crypto';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Canvas } from '../shared/project.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import type { Random } from '../shared/random.ts';
import { BreakableServer } from './support/breakable-server.ts';
import { contentOf, indicesOfMissing } from './support/document-content.ts';
import { eventually } from './support/eventually.ts';
import type { Fault } from './support/faults.ts';
import { FAULTS } from './support/faults.ts';
import { HttpSession } from './support/http-session.ts';
import { ReturningParticipant } from './support/returning-participant.ts';
import { createProject } from './support/teaching.ts';

/** One seed is one round; `KILL_SEED=<seed> KILL_ROUNDS=1` repeats it. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 14);
const FIRST_SEED = Number(process.env['KILL_SEED'] ?? randomInt(1_000_000));
const PARTICIPANTS = 3;
/** The moment of the fault, in milliseconds after the first stroke, and how long people draw on. */
const STRIKE_AFTER_MS = { from: 100, to: 600 };
const DRAW_ON_MS = 250;

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
  const reader = await ReturningParticipant.come(breakable.url, canvasId, owner);
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
    person.actUntil(stop.signal, seededRandom(random() * 2e9)),
  );
  await pauseMs(STRIKE_AFTER_MS.from + random() * (STRIKE_AFTER_MS.to - STRIKE_AFTER_MS.from));
  await fault.strike(breakable);
  await pauseMs(random() * DRAW_ON_MS);
  stop.abort();
  await Promise.all(drawing);
  for (const person of people) person.disconnect();
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
  const acknowledged = people.flatMap((person) => person.acknowledged);
  await fault.heal(breakable);
  await breakable.isWell();

  const recovered = await readAfresh(canvasId);
  const saved = acknowledged.map(({ update }) => update);
  expect(saved.length).toBeGreaterThan(0);
  expect(indicesOfMissing(recovered, saved)).toEqual([]);
  expectNothingElse(recovered, people);

  const back = shuffle([...people], random).slice(0, 1 + Math.floor(random() * PARTICIPANTS));
  await Promise.all(back.map((person) => person.connect()));
  for (const person of back) person.act(random);
  await eventually(() => {
    for (const { sync } of back) expect(sync.isSaved).toBe(true);
  });
  const after = await readAfresh(canvasId);
  expect(indicesOfMissing(after, [...saved, ...updatesOf(back)])).toEqual([]);
  expectNothingElse(after, people);
  const content = contentOf(after);
  await eventually(() => {
    for (const { doc } of back) expect(contentOf(doc)).toEqual(content);
  });
  for (const person of back) person.disconnect();
  left.push({ seed, canvasId, content });
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

  test('it is all there still when everybody has gone and the server was killed', async () => {
    await breakable.server.kill();
    await breakable.restart();
    expect(left).toHaveLength(ROUNDS);
    for (const { seed, canvasId, content } of left)
      expect(contentOf(await readAfresh(canvasId)), `seed ${seed}`).toEqual(content);
  });
});
