import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { promoteVersion } from '../../test/support/tuned-version.ts';
import { embeddingSizeOf } from '../ml/network.ts';
import { Backbone } from './backbone.ts';
import { Backbones } from './backbones.ts';
import { ENOUGH_EXAMPLES } from './missing-embeddings.ts';
import { loadProjectModel, type ProjectModel } from './project-model.ts';

let lab: LearningLab;
let backbones: Backbones;

beforeAll(async () => {
  lab = await openLearningLab();
  backbones = new Backbones({
    starter: await Backbone.open(lab.starter),
    open: () => Promise.reject(new Error('There is no other backbone.')),
    ...{ onEvicted: () => undefined, onError: () => undefined },
  });
});

afterAll(async () => {
  await backbones.close();
  await lab.close();
});

/** Examples whose embeddings are all `value`, as if a network had made them. */
async function add(
  { id: projectId, categories }: LabProject,
  name: string,
  given: { readonly count: number; readonly value: (n: number) => number },
): Promise<void> {
  const size = embeddingSizeOf(lab.starter.network);
  const { backboneId } = lab.starter;
  await lab.stores.examples.add(
    Array.from({ length: given.count }, (_, n) => {
      const id = randomUUID();
      return {
        ...{ id, projectId, categoryId: categories.get(name)?.id ?? '', authorId: null },
        ...{ source: 'drawn' as const, canvasId: null, sketchId: null, modelVersionId: null },
        ...{ predictedCategoryId: null, predictedConfidence: null, contentHash: id, backboneId },
        ...{ strokesKey: `examples/${id}/strokes.json`, imageKey: `examples/${id}/image.png` },
        raster: new Uint8Array(4),
        embeddings: new Float32Array(size).fill(given.value(n) / Math.sqrt(size)),
      };
    }),
  );
}

function load(project: LabProject): Promise<ProjectModel> {
  const { starter, blobs, stores } = lab;
  const { modelVersions: models, categories, examples } = stores;
  return loadProjectModel({ starter, blobs, models, categories, examples, backbones }, project.id);
}

/** How many embeddings of examples are read from the database meanwhile. */
async function countRead(work: () => Promise<unknown>): Promise<number> {
  const query = vi.spyOn(lab.database.pool, 'query');
  await work();
  const results = query.mock.results.map(({ value }) => value as Promise<{ rows: object[] }>);
  query.mockRestore();
  const rows = (await Promise.all(results)).flatMap((result) => result.rows);
  return rows.filter((row) => 'vectors' in row).length;
}

describe('a category that the head has not learnt', () => {
  const LEARNT = 40;
  const MANY = ENOUGH_EXAMPLES + 200;
  const direction = ({ head, categories }: ProjectModel, name: string): number | undefined => {
    const column = categories.findIndex((category) => category.name === name);
    return head.means[column * embeddingSizeOf(lab.starter.network)];
  };

  /** "Squiggle" is new. What was drawn of it last looks the other way. */
  async function taught(): Promise<LabProject> {
    const project = await lab.createProject(['kite', 'robot', 'squiggle']);
    await promoteVersion(lab, project, { backbone: lab.starter, backboneKey: null });
    await add(project, 'kite', { count: LEARNT, value: () => 1 });
    const value = (n: number): number => (n < MANY - 1.3 * ENOUGH_EXAMPLES ? 1 : -1);
    await add(project, 'squiggle', { count: MANY, value });
    return project;
  }

  test('is all that is read, and of it no more than a mean needs', async () => {
    const project = await taught();
    expect(await countRead(() => load(project))).toBe(ENOUGH_EXAMPLES);
  });

  test('is known by its newest examples', async () => {
    const project = await taught();
    expect(direction(await load(project), 'squiggle')).toBeLessThan(0);
  });

  test('lacks nothing where the newest examples of all splits have been seen', async () => {
    const project = await taught();
    expect((await load(project)).lackingIds).toEqual([]);
  });

  test('lacks embeddings where hardly any example has been seen', async () => {
    const project = await taught();
    const ids = (await lab.stores.examples.dataset(project.id)).map(({ id }) => id);
    await lab.database.pool.query('delete from embeddings where example_id = any($1::uuid[])', [
      ids.slice(LEARNT + 1),
    ]);
    expect((await load(project)).lackingIds).toEqual([project.categories.get('squiggle')?.id]);
  });
});
