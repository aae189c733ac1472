import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CanvasDoc } from '../shared/canvas-doc.ts';
import { readStrokes } from '../shared/canvas-doc.ts';
import type { Canvas } from '../shared/project.ts';
import { sketchForNewStroke } from '../shared/sketch-grouping.ts';
import type { InkPoints } from '../shared/stroke-codec.ts';
import { toColumns } from '../shared/stroke-codec.ts';
import type { StrokeColumns } from '../shared/stroke.ts';
import { boxOf } from '../shared/stroke.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import type { Point } from './support/hand.ts';
import { penPoints, USUAL_PEN } from './support/pen-points.ts';
import type { DrawnRecord } from './support/scripted-participant.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import { sketchSource } from './support/sketch-source.ts';
import { createProject } from './support/teaching.ts';

const SKETCHES_PER_CATEGORY = 2;
/** Canvas units from one sketch to the next. */
const SPACING = 400;
/** Four times as fast as by hand. */
const PACE = 0.25;

const source = sketchSource();
const drawings = [...source.sketches.values()].flatMap((ofOne) =>
  ofOne.slice(0, SKETCHES_PER_CATEGORY),
);

let server: ServerProcess;
let dataDir: string;
let removeData: () => Promise<void>;
let canvas: Canvas;

beforeAll(async () => {
  const data = await temporaryDataDir();
  dataDir = data.dir;
  removeData = data.remove;
  server = await startServer({ dataDir });
  const session = new HttpSession(server.url);
  // Pre-taught ones, so that there is something to predict.
  ({ canvas } = await createProject(session, 'Replay', ['cat', 'dog', 'house', 'sun', 'tree']));
});

afterAll(async () => {
  await server.stop();
  await removeData();
});

/** Where the n-th drawing lies: eight in a row. */
function placeOf(n: number): ([x, y]: Point) => Point {
  return ([x, y]) => [x + (n % 8) * SPACING, y + Math.floor(n / 8) * SPACING];
}

/** The sketch that the page would choose for a stroke, and when its last ink was drawn. */
class Grouping {
  /** Milliseconds on the author's clock, which stands still while nothing is drawn. */
  now = Date.now();
  readonly #sketches = new Map<string, { strokes: StrokeColumns[]; lastInkAt: number }>();

  choose(author: ScriptedParticipant, points: InkPoints): string {
    const choice = sketchForNewStroke({
      start: { x: points.xs[0] ?? 0, y: points.ys[0] ?? 0 },
      at: this.now,
      authorId: author.participant.id,
      mode: 'free',
      sketches: [...this.#sketches].map(([sketchId, { strokes, lastInkAt }]) => ({
        sketchId,
        authorId: author.participant.id,
        box: boxOf(strokes) ?? { left: 0, top: 0, right: 0, bottom: 0 },
        lastInkAt,
      })),
    });
    const sketchId = 'sketchId' in choice ? choice.sketchId : randomUUID();
    this.now += points.ts.at(-1) ?? 0;
    const strokes = this.#sketches.get(sketchId)?.strokes ?? [];
    this.#sketches.set(sketchId, { strokes: [...strokes, toColumns(points)], lastInkAt: this.now });
    this.now += 400;
    return sketchId;
  }
}

/** Draws all drawings side by side, sketch ids chosen as the page chooses them. */
async function drawAll(author: ScriptedParticipant): Promise<DrawnRecord[][]> {
  const grouping = new Grouping();
  const drawn: DrawnRecord[][] = [];
  for (const [n, strokes] of drawings.entries()) {
    const motion = { ...USUAL_PEN, place: placeOf(n) };
    const records: DrawnRecord[] = [];
    for (const stroke of strokes) {
      const sketchId = grouping.choose(author, penPoints(stroke, motion));
      records.push(...(await author.draw([stroke], { sketchId, motion, pace: PACE })));
    }
    drawn.push(records);
    // People look up before they begin something else.
    grouping.now += 5_000;
  }
  return drawn;
}

/** Every stroke of a document with its sketch and points, in drawing order. */
function inkOf(document: CanvasDoc): unknown[] {
  return readStrokes(document).map(({ id, sketchId, ink }) => ({ id, sketchId, ink }));
}

describe(`drawings replayed stroke by stroke (${source.origin})`, () => {
  let author: ScriptedParticipant;
  let watcher: ScriptedParticipant;
  let drawn: DrawnRecord[][];

  beforeAll(async () => {
    author = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
    watcher = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
    drawn = await drawAll(author);
    await eventually(() => expect(author.sync.isSaved).toBe(true));
  });

  test('become one sketch each', () => {
    const sketchIds = drawn.map((records) => new Set(records.map(({ sketchId }) => sketchId)));
    for (const ofOne of sketchIds) expect(ofOne.size).toBe(1);
    expect(new Set(sketchIds.flatMap((ofOne) => [...ofOne])).size).toBe(drawings.length);
  });

  test('are seen by somebody else while they are drawn, frame by frame', () => {
    const frames = watcher.sync.liveFrames.map(
      ({ frame }) => `${frame.strokeId}:${frame.sequence}`,
    );
    const sent = drawn
      .flat()
      .flatMap(({ strokeId, frames: ofStroke }) =>
        ofStroke.map(({ sequence }) => `${strokeId}:${sequence}`),
      );
    expect(frames).toEqual(sent);
  });

  test('arrive whole at somebody else', async () => {
    const strokes = drawings.reduce((sum, ofOne) => sum + ofOne.length, 0);
    await eventually(() => expect(readStrokes(watcher.canvas)).toHaveLength(strokes));
    expect(inkOf(watcher.canvas)).toEqual(inkOf(author.canvas));
  });

  test('are predicted while they are drawn, and finally with all their ink', async () => {
    for (const records of drawn) {
      const sketchId = records[0]?.sketchId ?? '';
      const final = await eventually(() => {
        const last = watcher.predictionsOf(sketchId).at(-1)?.prediction;
        expect(last?.final).toBe(true);
        return last;
      });
      expect(final?.scores).toHaveLength(5);
      const live = watcher.predictionsOf(sketchId).find(({ prediction }) => !prediction.final);
      expect(live?.prediction.revision).toBeLessThan(final?.revision ?? 0);
    }
  });

  test('are in the stored document, also after a restart of the server', async () => {
    await server.stop();
    server = await startServer({ dataDir });
    const reader = await ScriptedParticipant.join(new HttpSession(server.url), canvas.id);
    expect(inkOf(reader.canvas)).toEqual(inkOf(author.canvas));
    for (const participant of [author, watcher, reader]) participant.close();
  });
});
