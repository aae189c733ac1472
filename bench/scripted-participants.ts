import type { Drawn, PredictionWait } from './revisions.ts';
import { answers, Revisions } from './revisions.ts';
import type { Point } from '../test/support/hand.ts';
import { HttpSession } from '../test/support/http-session.ts';
import type { DrawnRecord } from '../test/support/scripted-participant.ts';
import { ScriptedParticipant } from '../test/support/scripted-participant.ts';
import { sketchSource } from '../test/support/sketch-source.ts';

/**
 * Scripted participants in a process of their own, so that the server's times are not theirs: each
 * draws sketches stroke by stroke at a hand's speed, all at once, and notes when it sees what.
 */
export interface ScriptedTask {
  readonly url: string;
  readonly canvasId: string;
  readonly participants: number;
  /** Strokes in all, over all participants. */
  readonly strokes: number;
}

/** What was seen, in milliseconds. */
export interface ScriptedResult {
  readonly strokes: number;
  /** From sending a live frame to its arrival at each other scripted participant. */
  readonly inkMs: number[];
  /** From the frame with a stroke's 8th point to the first prediction that contains it. */
  readonly firstMs: number[];
  /** From pen-up to the prediction with the finished stroke. */
  readonly finalMs: number[];
  /** Predictions that never came (they are volatile: the next one makes up for a lost one). */
  readonly missing: number;
  /** `strokeId:sequence` of each frame and when it was sent, for the pages. */
  readonly sentFrames: [key: string, sentAt: number][];
  /** Sketch and revision that hold a stroke's 8th point, and when it was sent. */
  readonly eighthPoints: PredictionWait[];
  /** Sketch and revision after a pen-up, and when that was. */
  readonly penUps: PredictionWait[];
}

const PAUSE_BETWEEN_STROKES_MS = 400;
/** Canvas units from one sketch to the next. */
const SPACING = 300;
/** Predictions that are still on their way when the last pen is up. */
const LAST_PREDICTIONS_MS = 1_000;
const EIGHTH = 8;
/**
 * The last frame and the pen-up may be sent in one millisecond with others' frames, which then come
 * in between; no other pen-up of the sketch is that near.
 */
const OVERTAKING = 5;

/** Draws what the task says, all participants at once. */
async function run(task: ScriptedTask): Promise<ScriptedResult> {
  const participants: ScriptedParticipant[] = [];
  for (let i = 0; i < task.participants; i++)
    participants.push(await ScriptedParticipant.join(new HttpSession(task.url), task.canvasId));
  const arrivals = noteArrivals(participants);
  const drawn = await drawAll(participants, task.strokes);
  await new Promise((resolve) => setTimeout(resolve, LAST_PREDICTIONS_MS));
  const result = resultOf(drawn, arrivals);
  for (const participant of participants) participant.close();
  return result;
}

type Arrivals = ReadonlyMap<string, number[]>;

/** The moments at which each live frame reached the others. */
function noteArrivals(participants: readonly ScriptedParticipant[]): Arrivals {
  const arrivals = new Map<string, number[]>();
  for (const { sync } of participants) {
    sync.onLiveFrame = ({ at, frame }) => {
      const key = `${frame.strokeId}:${frame.sequence}`;
      const moments = arrivals.get(key);
      if (moments) moments.push(at);
      else arrivals.set(key, [at]);
    };
  }
  return arrivals;
}

/** Everybody draws sketch after sketch in a row of the canvas, until all strokes are drawn. */
async function drawAll(
  participants: readonly ScriptedParticipant[],
  strokes: number,
): Promise<Drawn[]> {
  const sketches = [...sketchSource().sketches.values()].flat();
  const drawn: Drawn[] = [];
  let left = strokes;
  const draw = async (author: ScriptedParticipant, row: number): Promise<void> => {
    // Not all at the same moment: people are not in step.
    await new Promise((resolve) => setTimeout(resolve, (row * 997) % 1_500));
    for (let column = 0; left > 0; column++) {
      const sketch = sketches[(row * 37 + column) % sketches.length] ?? [];
      left -= sketch.length;
      const place = ([x, y]: Point): Point => [x + column * SPACING, y + row * SPACING];
      const options = { pauseMs: PAUSE_BETWEEN_STROKES_MS, motion: { place } };
      drawn.push({ author, strokes: await author.draw(sketch, options) });
    }
  };
  await Promise.all(participants.map(draw));
  return drawn;
}

function resultOf(drawn: readonly Drawn[], arrivals: Arrivals): ScriptedResult {
  const all = drawn.flatMap(({ strokes }) => strokes);
  const sent = all.flatMap(({ strokeId, frames }) =>
    frames.map(({ sequence, sentAt }) => ({ key: `${strokeId}:${sequence}`, sentAt })),
  );
  const revisions = new Revisions(drawn);
  const waits = drawn.map(({ author, strokes }) => ({ author, ...waitsOf(strokes, revisions) }));
  const first = waits.flatMap(({ author, eighth }) => eighth.map((wait) => answer(author, wait)));
  const final = waits.flatMap(({ author, penUps }) => penUps.map((wait) => answer(author, wait)));
  const isNumber = (value: number | null): value is number => value !== null;
  return {
    strokes: all.length,
    inkMs: sent.flatMap(({ key, sentAt }) => (arrivals.get(key) ?? []).map((at) => at - sentAt)),
    firstMs: first.filter(isNumber),
    finalMs: final.filter(isNumber),
    missing: [...first, ...final].filter((value) => value === null).length,
    sentFrames: sent.map(({ key, sentAt }) => [key, sentAt + performance.timeOrigin]),
    eighthPoints: waits.flatMap(({ eighth }) => eighth).map(comparable),
    penUps: waits.flatMap(({ penUps }) => penUps).map(comparable),
  };
}

/** What a sketch's predictions are waited for. */
function waitsOf(
  strokes: readonly DrawnRecord[],
  revisions: Revisions,
): { eighth: PredictionWait[]; penUps: PredictionWait[] } {
  const [eighth, penUps]: [PredictionWait[], PredictionWait[]] = [[], []];
  for (const { sketchId, frames, penUpAt } of strokes) {
    const frame = frames.find(({ sequence, points }) => sequence + points >= EIGHTH);
    const since = frame?.sentAt;
    if (since !== undefined)
      eighth.push({ sketchId, isFinal: false, revision: revisions.since(sketchId, since), since });
    const revision = revisions.since(sketchId, penUpAt) - OVERTAKING;
    penUps.push({ sketchId, isFinal: true, revision, since: penUpAt });
  }
  return { eighth, penUps };
}

/** Milliseconds until the author had the prediction that was waited for, or null. */
function answer(author: ScriptedParticipant, wait: PredictionWait): number | null {
  const prediction = author
    .predictionsOf(wait.sketchId)
    .find(({ prediction }) => answers(prediction, wait));
  return prediction ? prediction.at - wait.since : null;
}

/** With a moment that other processes of this machine can compare. */
function comparable(wait: PredictionWait): PredictionWait {
  return { ...wait, since: wait.since + performance.timeOrigin };
}

// One task after the other, until the parent process has gone.
process.on('message', (task) => {
  void run(task as ScriptedTask).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
