import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStroke } from '../shared/canvas-doc.ts';
import type { Category } from '../shared/category.ts';
import type { Canvas, Project } from '../shared/project.ts';
import { eventually } from './support/eventually.ts';
import { HttpSession } from './support/http-session.ts';
import { isRunning, postmastersIn, trainersOf } from './support/process-table.ts';
import type { DrawnRecord } from './support/scripted-participant.ts';
import { ScriptedParticipant } from './support/scripted-participant.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import type { SketchStrokes } from './support/sketch-source.ts';
import { sketchSource } from './support/sketch-source.ts';
import { addExamples, createProject, learnt } from './support/teaching.ts';

const source = sketchSource();
const [firstName = '', secondName = ''] = [...source.sketches.keys()];

let server: ServerProcess;
let dataDir: string;
let removeData: () => Promise<void>;

beforeEach(async () => {
  const data = await temporaryDataDir();
  dataDir = data.dir;
  removeData = data.remove;
  server = await startServer({ dataDir });
});

afterEach(async () => {
  await server.stop();
  await removeData();
});

function sketch(name: string, n: number): SketchStrokes {
  return source.sketches.get(name)?.[n] ?? [];
}

interface Taught {
  readonly session: HttpSession;
  readonly project: Project;
  readonly canvas: Canvas;
  readonly categories: readonly Category[];
}

/** A project that has learnt two categories from three examples each. */
async function taughtProject(): Promise<Taught> {
  const session = new HttpSession(server.url);
  const created = await createProject(session, 'Crash', [firstName, secondName]);
  const examples = created.categories.flatMap(({ id, name }) =>
    [0, 1, 2].map((n) => ({ categoryId: id, strokes: sketch(name, n) })),
  );
  await addExamples(session, created.project.id, examples);
  const project = await learnt(session, created.project.id);
  return { session, ...created, project };
}

/** Both trainers of a server, for heads and for backbones, once they are there. */
async function bothTrainersOf(serverPid: number): Promise<number[]> {
  return eventually(() => {
    const trainers = trainersOf(serverPid);
    expect(trainers).toHaveLength(2);
    return trainers.map(({ pid }) => pid);
  });
}

/** Draws one sketch after the other until told to stop; ids of strokes the server has acknowledged. */
function drawEndlessly(author: ScriptedParticipant): { stop: () => Promise<string[]> } {
  const abort = new AbortController();
  const drawn: DrawnRecord[] = [];
  const drawing = (async () => {
    for (let n = 0; !abort.signal.aborted; n++) {
      // As fast as one person may send.
      const options = { pace: 0.3, signal: abort.signal };
      drawn.push(...(await author.draw(sketch(firstName, n % 20), options)));
    }
  })();
  return {
    stop: async () => {
      abort.abort();
      await drawing;
      return drawn
        .filter((record) => author.isAcknowledged(record))
        .map(({ strokeId }) => strokeId);
    },
  };
}

describe('a server that was killed', () => {
  test('has lost nothing it acknowledged, in ink, dataset or model', async () => {
    const { session, project, canvas } = await taughtProject();
    const author = await ScriptedParticipant.join(session, canvas.id);
    const drawing = drawEndlessly(author);
    await eventually(() => expect(author.sync.acknowledged).toBeGreaterThan(30));
    await server.kill();
    const acknowledged = await drawing.stop();
    author.close();
    server = await startServer({ dataDir });
    const later = new HttpSession(server.url);
    const reader = await ScriptedParticipant.join(later, canvas.id);
    for (const strokeId of acknowledged) expect(readStroke(reader.canvas, strokeId)).not.toBeNull();
    expect(acknowledged.length).toBeGreaterThan(20);
    const examples = await later.get<{ items: unknown[] }>(`/projects/${project.id}/examples`);
    expect(examples.items).toHaveLength(6);
    const kept = await later.get<Project>(`/projects/${project.id}`);
    expect(kept.modelVersionId).toBe(project.modelVersionId);
    reader.close();
  });

  test('finds its PostgreSQL again: no second postmaster, no orphan trainer', async () => {
    const cluster = join(dataDir, 'postgres');
    const trainers = await bothTrainersOf(server.pid);
    expect(postmastersIn(cluster)).toHaveLength(1);
    await server.kill();
    await eventually(() => expect(trainers.some(isRunning)).toBe(false));
    server = await startServer({ dataDir });
    expect(postmastersIn(cluster)).toHaveLength(1);
    await bothTrainersOf(server.pid);
    await server.stop();
    await eventually(() => expect(postmastersIn(cluster)).toHaveLength(0));
  });

  test('lets nobody else in while it runs, and lets its successor in afterwards', async () => {
    await expect(startServer({ dataDir })).rejects.toThrow(String(server.port));
    await server.kill();
    server = await startServer({ dataDir });
    expect(server.isRunning).toBe(true);
  });
});

describe('trainers that were killed', () => {
  test('are started again and do the next training run', async () => {
    const { session, project, categories } = await taughtProject();
    const killed = await bothTrainersOf(server.pid);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    const [category] = categories;
    const example = { categoryId: category?.id ?? '', strokes: sketch(firstName, 4) };
    await addExamples(session, project.id, [example]);
    const improved = await learnt(session, project.id);
    expect(improved.modelVersionId).not.toBe(project.modelVersionId);
    const running = await bothTrainersOf(server.pid);
    expect(running.filter((pid) => killed.includes(pid))).toEqual([]);
  });
});
