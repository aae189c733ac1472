import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prediction } from '../shared/prediction.ts';
import { seededRandom, shuffle } from '../shared/random.ts';
import { HttpSession } from './support/http-session.ts';
import type { ServerProcess } from './support/server-process.ts';
import { startServer, temporaryDataDir } from './support/server-process.ts';
import type { SketchStrokes } from './support/sketch-source.ts';
import { sketchSource } from './support/sketch-source.ts';
import { addExamples, createProject, learnt } from './support/teaching.ts';

const CATEGORIES = 5;
const EXAMPLES = 5;
const FURTHER = 20;
const SEEDS = [1, 2, 3];

const source = sketchSource();
let server: ServerProcess;
let removeData: () => Promise<void>;

beforeAll(async () => {
  const data = await temporaryDataDir();
  removeData = data.remove;
  server = await startServer({ dataDir: data.dir });
});

afterAll(async () => {
  await server.stop();
  await removeData();
});

/** Teaches a new project some categories and tells the share of further drawings it has right. */
async function accuracyOf(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const names = shuffle([...source.sketches.keys()].sort(), random).slice(0, CATEGORIES);
  const session = new HttpSession(server.url);
  const { project, categories } = await createProject(session, `Few examples ${seed}`, names);
  const drawings = categories.map(({ id, name }) => {
    const shuffled = shuffle([...(source.sketches.get(name) ?? [])], random);
    return shuffled.slice(0, EXAMPLES + FURTHER).map((strokes) => ({ categoryId: id, strokes }));
  });
  const taught = drawings.flatMap((ofOne) => ofOne.slice(0, EXAMPLES));
  const further = drawings.flatMap((ofOne) => ofOne.slice(EXAMPLES));
  expect(further).toHaveLength(CATEGORIES * FURTHER);
  await addExamples(session, project.id, taught);
  await learnt(session, project.id);
  const isRight = async (drawing: { categoryId: string; strokes: SketchStrokes }) => {
    const { strokes } = drawing;
    const path = `/projects/${project.id}/predictions`;
    const prediction = await session.post<Prediction>(path, { strokes });
    return prediction.scores[0]?.categoryId === drawing.categoryId;
  };
  let right = 0;
  for (const drawing of further) if (await isRight(drawing)) right += 1;
  return right / further.length;
}

describe(`a new project taught 5 unknown categories with 5 examples each (${source.origin})`, () => {
  test('has at least 80 % of 100 further drawings right, over 3 seeds', async () => {
    const accuracies = [];
    for (const seed of SEEDS) accuracies.push(await accuracyOf(seed));
    const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
    expect(mean, `accuracies ${accuracies.join(', ')}`).toBeGreaterThanOrEqual(0.8);
  });
});
