import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handDrawn, type HandDrawnCategory } from '../../test/support/hand-drawn.ts';
import { openLearningLab, type LearningLab } from '../../test/support/learning-lab.ts';
import { trainProject } from './train-project.ts';

const NAMES: readonly HandDrawnCategory[] = ['anchor', 'kite', 'robot'];
const TRAINER = 'trainer of the test';

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());

describe('the figures of a version', () => {
  test('do not count sketches of which only copies were learnt', async () => {
    const project = await lab.createProject([...NAMES, 'gadget']);
    for (const name of NAMES) {
      const sketches = [0, 1, 2, 3].map((n) => handDrawn(name, n));
      await lab.teach(project, name, sketches);
    }
    await lab.teach(project, 'gadget', [handDrawn('robot', 9), handDrawn('robot', 9)]);
    const gadget = project.categories.get('gadget')?.id;
    await lab.database.pool.query(
      "update examples set content_hash = 'the same' where category_id = $1",
      [gadget],
    );
    await lab.requestRun(project, {});
    const run = await lab.stores.claims.claim(TRAINER, 600_000);
    if (!run) throw new Error('There is no run.');
    const { signal } = new AbortController();
    const trained = await trainProject(lab.trainingPorts, run, { signal, onProgress: () => {} });
    const { metrics } = trained.version;
    expect(metrics).toMatchObject({ method: 'cross_validated', testExamples: 12 });
    const figures = metrics.perCategory.find(({ categoryId }) => categoryId === gadget);
    expect(figures).toMatchObject({ testExamples: 0 });
  });
});
