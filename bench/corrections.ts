import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Category } from '../shared/category.ts';
import type { Feedback } from '../shared/feedback.ts';
import type { TrainingRun } from '../shared/training-run.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { eventually } from '../test/support/eventually.ts';
import { HAND_DRAWN_CATEGORIES, handDrawn } from '../test/support/hand-drawn.ts';
import { HttpSession } from '../test/support/http-session.ts';
import type { Point } from '../test/support/hand.ts';
import { ScriptedParticipant } from '../test/support/scripted-participant.ts';
import { megabytesOf, trainersOf } from '../test/support/process-table.ts';
import { startServer, temporaryDataDir } from '../test/support/server-process.ts';
import type { SketchStrokes } from '../test/support/sketch-source.ts';
import { readDrawings } from '../test/support/sketch-source.ts';
import { addExamples, createProject, learnt } from '../test/support/teaching.ts';
import { PageProbe } from './page-probe.ts';
import type { Summary } from './percentiles.ts';
import { summarise } from './percentiles.ts';
import { PRE_TAUGHT_NAMES } from './pre-taught-names.ts';

/**
 * From the click on *wrong -> this* to the new model version at every client, with 20 categories and
 * 400 examples, as a project that learns after each correction.
 */
const EXAMPLES_PER_CATEGORY = 20;
const CORRECTIONS = 30;
/** As fast as the hub lets anybody send: a hand's time, times this. */
const PACE = 0.3;
const CLIENTS = 2;
const PAGES = 2;

/** Sketches of 20 categories: real ones where SKETCH_DATA has them, else the project's own. */
function sketchesByName(): ReadonlyMap<string, readonly SketchStrokes[]> {
  const folder = process.env['SKETCH_DATA'];
  if (folder) {
    const all = readDrawings(join(folder, 'qd-pretrain-val.ndjson.gz'));
    return new Map(PRE_TAUGHT_NAMES.map((name) => [name, all.get(name) ?? []]));
  }
  // Fewer motifs than categories: the later ones get further drawings of the same motifs.
  return new Map(
    PRE_TAUGHT_NAMES.map((name, i) => {
      const motif = HAND_DRAWN_CATEGORIES[i % HAND_DRAWN_CATEGORIES.length] ?? 'anchor';
      return [name, Array.from({ length: 30 }, (_, n) => handDrawn(motif, i * 30 + n))];
    }),
  );
}

interface Classroom {
  readonly projectId: string;
  readonly session: HttpSession;
  readonly clients: readonly ScriptedParticipant[];
  readonly pages: readonly PageProbe[];
  readonly categories: readonly Category[];
  readonly sketches: ReadonlyMap<string, readonly SketchStrokes[]>;
}

async function openClassroom(url: string, browser: Browser): Promise<Classroom> {
  const session = new HttpSession(url);
  const sketches = sketchesByName();
  const created = await createProject(session, 'Bench learn', [...sketches.keys()]);
  const examples = created.categories.flatMap(({ id, name }) =>
    (sketches.get(name) ?? [])
      .slice(0, EXAMPLES_PER_CATEGORY)
      .map((strokes) => ({ categoryId: id, strokes })),
  );
  await addExamples(session, created.project.id, examples);
  await learnt(session, created.project.id);
  const clients = [await ScriptedParticipant.join(session, created.canvas.id)];
  while (clients.length < CLIENTS)
    clients.push(await ScriptedParticipant.join(new HttpSession(url), created.canvas.id));
  const pages = [];
  while (pages.length < PAGES)
    pages.push(await PageProbe.open(browser, `${url}/canvases/${created.canvas.id}`));
  const { project, categories } = created;
  return { projectId: project.id, session, clients, pages, categories, sketches };
}

interface Correction {
  /** From the request to the last client's news of the new version. */
  readonly liveMs: number;
  /** To the last page's picture after that news. */
  readonly pagesMs: number;
  readonly answeredMs: number;
  /** What the trainer took for the head, as the run says. */
  readonly trainingMs: number;
}

/** Draws the n-th sketch, corrects its guess, and waits for the new version everywhere. */
async function correct(classroom: Classroom, n: number): Promise<Correction> {
  const { clients, pages, categories, sketches, session, projectId } = classroom;
  const [author] = clients;
  const category = categories[n % categories.length];
  if (!author || !category) throw new Error('Nobody is there.');
  const sketchId = randomUUID();
  const strokes = sketches.get(category.name)?.at(-1 - Math.floor(n / categories.length)) ?? [];
  const place = ([x, y]: Point): Point => [x + n * 300, y];
  await author.draw(strokes, { sketchId, pace: PACE, motion: { place } });
  const prediction = await eventually(() => {
    const last = author.predictionsOf(sketchId).at(-1)?.prediction;
    if (!author.sync.isSaved || !last?.final) throw new Error('The sketch is not finished.');
    return last;
  });
  const promoted = Promise.all(clients.map((client) => nextVersion(client)));
  await Promise.all(pages.map((page) => page.arrivals()));
  const clickedAt = performance.now();
  const feedback = await session.post<Feedback>(
    `/canvases/${author.canvasId}/sketches/${sketchId}/feedback`,
    {
      verdict: 'wrong',
      categoryId: category.id,
      addToDataset: true,
      sketchRevision: prediction.revision,
      modelVersion: prediction.modelVersion,
    },
  );
  const answeredAt = performance.now();
  const arrivals = await promoted;
  await learnt(session, projectId);
  const run = await session.get<TrainingRun>(`/training-runs/${feedback.trainingRunId ?? ''}`);
  return {
    liveMs: Math.max(...arrivals) - clickedAt,
    pagesMs: Math.max(...(await Promise.all(pages.map(paintedAt)))) - clickedAt,
    answeredMs: answeredAt - clickedAt,
    trainingMs: run.progress.milliseconds,
  };
}

/** The moment at which a client hears of the next promoted version. */
async function nextVersion(client: ScriptedParticipant): Promise<number> {
  return new Promise((resolve) => {
    client.realtime.once('model_version:promoted', () => resolve(performance.now()));
  });
}

/** The moment of a page's first picture after the news of a version, on this process's clock. */
async function paintedAt(page: PageProbe): Promise<number> {
  return eventually(async () => {
    const arrivals = await page.arrivals();
    const news = arrivals.find(({ key }) => key === 'model_version:promoted');
    if (!news) throw new Error('The page has not heard of the new version.');
    return news.paintedAt - performance.timeOrigin;
  });
}

/** What a correction takes, in milliseconds, and what the trainer needs of memory. */
export interface CorrectionFigures {
  readonly liveMs: Summary;
  readonly pagesMs: Summary;
  readonly answeredMs: Summary;
  readonly trainingMs: Summary;
  readonly trainerMegabytes: number;
  readonly setting: Readonly<Record<string, number>>;
}

/** Starts a server with two clients and two pages, and corrects one guess after the other. */
export async function measureCorrections(): Promise<CorrectionFigures> {
  const data = await temporaryDataDir();
  const server = await startServer({ dataDir: data.dir, env: { LOG_LEVEL: 'warn' } });
  const browser = await launchBrowser();
  const corrections: Correction[] = [];
  try {
    const classroom = await openClassroom(server.url, browser);
    await correct(classroom, CORRECTIONS);
    for (let n = 0; n < CORRECTIONS; n++) corrections.push(await correct(classroom, n));
    for (const client of classroom.clients) client.close();
    return summaryOf(corrections, megabytesOf(trainersOf(server.pid)[0]?.pid));
  } finally {
    await browser.close();
    await server.stop();
    await data.remove();
  }
}

function summaryOf(
  corrections: readonly Correction[],
  trainerMegabytes: number,
): CorrectionFigures {
  return {
    liveMs: summarise(corrections.map(({ liveMs }) => liveMs)),
    pagesMs: summarise(corrections.map(({ pagesMs }) => pagesMs)),
    answeredMs: summarise(corrections.map(({ answeredMs }) => answeredMs)),
    trainingMs: summarise(corrections.map(({ trainingMs }) => trainingMs)),
    trainerMegabytes,
    setting: {
      categories: PRE_TAUGHT_NAMES.length,
      examples: PRE_TAUGHT_NAMES.length * EXAMPLES_PER_CATEGORY,
      corrections: corrections.length,
      clients: CLIENTS,
      pages: PAGES,
    },
  };
}
