import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { handDrawn, type HandDrawnCategory } from '../../test/support/hand-drawn.ts';
import { openLearningLab, type LearningLab } from '../../test/support/learning-lab.ts';

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());

const DOT: StrokeColumns[] = [
  [
    [5, 5],
    [5, 5],
  ],
];

function circle(): StrokeColumns[] {
  const angles = Array.from({ length: 30 }, (_, i) => 0.3 + (i * Math.PI) / 14.6);
  return [[angles.map((a) => 100 * Math.cos(a)), angles.map((a) => 96 * Math.sin(a))]];
}

function drawings(category: HandDrawnCategory, from: number, to: number): StrokeColumns[][] {
  return Array.from({ length: to - from }, (_, i) => handDrawn(category, from + i));
}

async function labelOf(projectId: string, strokes: StrokeColumns[]): Promise<string | null> {
  const [prediction] = await lab.predictor.predict(projectId, [strokes]);
  return prediction?.label ?? null;
}

describe('a project of pre-taught categories', () => {
  test('recognises a sketch before anybody has drawn an example', async () => {
    const { id } = await lab.createProject(['circle', 'square', 'zigzag', 'cat']);
    const [prediction] = await lab.predictor.predict(id, [circle()]);
    expect(prediction).toMatchObject({ modelVersion: null, label: 'circle' });
    expect(prediction?.scores.map(({ name }) => name)).toContain('cat');
    const total = prediction?.scores.reduce((sum, { confidence }) => sum + confidence, 0);
    expect(total).toBeCloseTo(1, 4);
  });

  test('says nothing of a dot or of no ink, in the order in which it was asked', async () => {
    const { id } = await lab.createProject(['circle', 'square', 'zigzag']);
    const predictions = await lab.predictor.predict(id, [DOT, circle(), []]);
    expect(predictions.map(({ label }) => label)).toEqual([null, 'circle', null]);
    expect(predictions[0]?.scores).toEqual([]);
  });

  test('tells the five likeliest of many', async () => {
    const names = ['circle', 'square', 'zigzag', 'cat', 'dog', 'sun', 'tree'];
    const { id } = await lab.createProject(names);
    const [prediction] = await lab.predictor.predict(id, [circle()]);
    const confidences = prediction?.scores.map(({ confidence }) => confidence) ?? [];
    expect(confidences).toHaveLength(5);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  });

  test('does not name a category that was deleted', async () => {
    const project = await lab.createProject(['circle', 'square', 'zigzag']);
    expect(await labelOf(project.id, circle())).toBe('circle');
    await lab.stores.categories.remove(project.categories.get('circle')?.id ?? '');
    lab.predictor.forget(project.id);
    const [prediction] = await lab.predictor.predict(project.id, [circle()]);
    expect(prediction?.scores.map(({ name }) => name).sort()).toEqual(['square', 'zigzag']);
  });

  test('names a category by its new name', async () => {
    const project = await lab.createProject(['circle', 'square', 'zigzag']);
    const categoryId = project.categories.get('circle')?.id ?? '';
    await lab.stores.categories.update(categoryId, { name: 'hoop' });
    lab.predictor.forget(project.id);
    expect(await labelOf(project.id, circle())).toBe('hoop');
  });
});

describe('a new category', () => {
  test('is not recognised before it has an example, and mostly is after one', async () => {
    const project = await lab.createProject(['cat', 'house', 'tree', 'robot']);
    const others = drawings('robot', 1, 11);
    const before = await Promise.all(others.map((strokes) => labelOf(project.id, strokes)));
    expect(before).not.toContain('robot');
    await lab.teach(project, 'robot', drawings('robot', 0, 1));
    const after = await lab.predictor.predict(project.id, others);
    // After a single example it may still be shown as "?".
    const guesses = after.map(({ scores }) => scores[0]?.name);
    expect(guesses.filter((name) => name === 'robot').length).toBeGreaterThan(others.length / 2);
  });

  test('of a project that knows nothing yet gets no label', async () => {
    const { id } = await lab.createProject(['quux']);
    expect(await lab.predictor.predict(id, [circle()])).toMatchObject([
      { label: null, scores: [] },
    ]);
  });
});

describe('an example', () => {
  test('has its raster and four different embeddings, the same ones every time', async () => {
    const [sketch] = drawings('kite', 3, 4);
    const { id } = await lab.createProject(['kite']);
    const [first, second] = await lab.predictor.embed(id, [sketch ?? [], sketch ?? []]);
    const { embeddingSize } = lab.starter;
    expect(first?.raster).toHaveLength(1024);
    expect(first?.embeddings).toHaveLength(4 * embeddingSize);
    expect(first).toEqual(second);
    const views = [0, 1, 2, 3].map((i) =>
      String(first?.embeddings.slice(i * embeddingSize, (i + 1) * embeddingSize)),
    );
    expect(new Set(views).size).toBe(4);
  });
});
