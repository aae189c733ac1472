import { fork } from 'node:child_process';
import os from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { PredictionUpdated } from '../shared/events.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { HttpSession } from '../test/support/http-session.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import { startServer, temporaryDataDir } from '../test/support/server-process.ts';
import { sketchSource } from '../test/support/sketch-source.ts';
import { createProject } from '../test/support/teaching.ts';
import type { PageArrival } from './page-probe.ts';
import { PageProbe } from './page-probe.ts';
import type { Summary } from './percentiles.ts';
import { summarise } from './percentiles.ts';
import { PRE_TAUGHT_NAMES } from './pre-taught-names.ts';
import type { PredictionWait } from './revisions.ts';
import { answers } from './revisions.ts';
import type { ScriptedResult, ScriptedTask } from './scripted-participants.ts';
import { measureStarter } from './starter-figures.ts';
import { measureUnknown } from './unknown.ts';

/**
 * `npm run bench -- predict [participants ...]`: how long ink and predictions take to reach people, with 2, 10 and 30
 * participants, two of them browser pages; and what the starter model is worth.
 */
const PARTICIPANTS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [2, 10, 30];
const PAGES = 2;
const STROKES = 220;
const WARM_UP_STROKES_EACH = 4;
/** Drawn by the mouse in one page, seen in the other, when the scripted ones have finished. */
const STROKES_BY_PAGE = 20;

interface Latencies {
  readonly participants: number;
  readonly scriptedParticipants: number;
  readonly pages: number;
  readonly strokes: number;
  readonly missing: number;
  readonly inkMs: Summary;
  readonly firstPredictionMs: Summary;
  readonly finalPredictionMs: Summary;
  /** Until the page has drawn its next picture, not only until it has been told. */
  readonly pageInkMs: Summary;
  readonly pageFirstPredictionMs: Summary;
  readonly pageFinalPredictionMs: Summary;
  readonly pageToPageInkMs: Summary;
}

/** With 2 participants the pages come on top, since ink goes from one scripted one to another. */
function scriptedOf(participants: number): number {
  return Math.max(2, participants - PAGES);
}

/** The process of the scripted participants; they draw what `run` says. */
class ScriptedProcess {
  readonly #child = fork(join(PROJECT_ROOT, 'bench/scripted-participants.ts'), {
    execArgv: ['--import', 'tsx'],
  });

  async run(task: ScriptedTask): Promise<ScriptedResult> {
    const result = new Promise<ScriptedResult>((resolve, reject) => {
      this.#child.once('message', (message) => resolve(message as ScriptedResult));
      this.#child.once('exit', (code) => reject(new Error(`Scripted: ${code ?? 'killed'}`)));
    });
    this.#child.send(task);
    return result;
  }

  close(): void {
    this.#child.removeAllListeners('exit');
    if (this.#child.connected) this.#child.disconnect();
  }
}

interface Stage {
  readonly url: string;
  readonly browser: Browser;
  readonly scripted: ScriptedProcess;
}

/** Draws with so many participants on a canvas of their own. */
async function measure(stage: Stage, participants: number): Promise<Latencies> {
  const { url, browser } = stage;
  const session = new HttpSession(url);
  const { canvas } = await createProject(session, `Bench ${participants}`, PRE_TAUGHT_NAMES);
  const probes = [];
  for (let i = 0; i < PAGES; i++)
    probes.push(await PageProbe.open(browser, `${url}/canvases/${canvas.id}`));
  const scripted = scriptedOf(participants);
  const task = { url, canvasId: canvas.id, participants: scripted };
  // Compilers and caches are warm in a lesson of an hour, so they are before anything is measured.
  await stage.scripted.run({ ...task, strokes: WARM_UP_STROKES_EACH * scripted });
  for (const probe of probes) await probe.arrivals();
  const result = await stage.scripted.run({ ...task, strokes: STROKES });
  await probes[0]?.draw(STROKES_BY_PAGE);
  const arrivals = await Promise.all(probes.map((probe) => probe.arrivals()));
  for (const probe of probes) await probe.close();
  return {
    participants,
    scriptedParticipants: scripted,
    pages: PAGES,
    strokes: result.strokes,
    missing: result.missing,
    inkMs: summarise(result.inkMs),
    firstPredictionMs: summarise(result.firstMs),
    finalPredictionMs: summarise(result.finalMs),
    ...seenByPages(result, arrivals),
  };
}

type SeenByPages = Pick<
  Latencies,
  'pageInkMs' | 'pageFirstPredictionMs' | 'pageFinalPredictionMs' | 'pageToPageInkMs'
>;

function seenByPages(result: ScriptedResult, arrivals: readonly PageArrival[][]): SeenByPages {
  const sentAt = new Map(result.sentFrames);
  const [drawing = [], watching = []] = arrivals;
  const ofPage = new Map(
    drawing
      .filter(({ key }) => key.startsWith('sent '))
      .map(({ key, at }) => [key.slice('sent '.length), at]),
  );
  return {
    pageInkMs: summarise(arrivals.flatMap((ofOne) => delays(ofOne, sentAt))),
    pageFirstPredictionMs: summarise(pageAnswers(watching, result.eighthPoints)),
    pageFinalPredictionMs: summarise(pageAnswers(watching, result.penUps)),
    pageToPageInkMs: summarise(delays(watching, ofPage)),
  };
}

/** From the sending of live frames to the picture that shows them. */
function delays(arrivals: readonly PageArrival[], sentAt: ReadonlyMap<string, number>): number[] {
  return arrivals.flatMap(({ key, paintedAt }) => {
    const sent = sentAt.get(key);
    return sent === undefined ? [] : [paintedAt - sent];
  });
}

/** From what was waited for to the picture that shows the first prediction with it. */
function pageAnswers(arrivals: readonly PageArrival[], waits: readonly PredictionWait[]): number[] {
  const told = new Map<string, { revision: number; final: boolean; paintedAt: number }[]>();
  for (const { key, paintedAt, event } of arrivals) {
    if (key !== 'prediction:updated') continue;
    for (const { sketchId, revision, final } of (event as PredictionUpdated).predictions)
      told.set(sketchId, [...(told.get(sketchId) ?? []), { revision, final, paintedAt }]);
  }
  return waits.flatMap((wait) => {
    const seen = told.get(wait.sketchId)?.find((one) => answers(one, wait));
    return seen ? [seen.paintedAt - wait.since] : [];
  });
}

function show(latencies: readonly Latencies[]): void {
  const cell = ({ p50, p95 }: Summary): string => `${p50.toFixed(1)} / ${p95.toFixed(1)}`;
  console.log('Milliseconds, p50 / p95. Pages: until the picture that shows it.');
  console.table(
    latencies.map((row) => ({
      participants: row.participants,
      strokes: row.strokes,
      ink: cell(row.inkMs),
      'first prediction': cell(row.firstPredictionMs),
      'final prediction': cell(row.finalPredictionMs),
      'ink, pages': cell(row.pageInkMs),
      'first, pages': cell(row.pageFirstPredictionMs),
      'final, pages': cell(row.pageFinalPredictionMs),
      'page to page ink': cell(row.pageToPageInkMs),
    })),
  );
}

async function main(): Promise<void> {
  const starter = await measureStarter(process.env['SKETCH_DATA']);
  const unknown = await measureUnknown(process.env['SKETCH_DATA']);
  const data = await temporaryDataDir();
  const env = { NEW_GUESTS_PER_ADDRESS: '100000', LOG_LEVEL: 'warn' };
  const server = await startServer({ dataDir: data.dir, env });
  const scripted = new ScriptedProcess();
  // Elsewhere browsers have a machine of their own: here they take what the others leave.
  os.setPriority(os.constants.priority.PRIORITY_LOW);
  const browser = await launchBrowser();
  const latencies: Latencies[] = [];
  try {
    const stage = { url: server.url, browser, scripted };
    for (const participants of PARTICIPANTS) latencies.push(await measure(stage, participants));
  } finally {
    scripted.close();
    await browser.close();
    await server.stop();
    await data.remove();
  }
  show(latencies);
  console.log('Starter model:', starter);
  console.log('"?":', unknown);
  const machine = { cores: os.availableParallelism(), sketches: sketchSource().origin };
  console.log(JSON.stringify({ bench: 'predict', ...machine, latencies, starter, unknown }));
}

await main();
