import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { FeedbackRequest } from '../../shared/feedback.ts';
import type { BuiltDomain } from '../../test/support/build-domain.ts';
import { buildDomain, lineSketch, unknownId } from '../../test/support/build-domain.ts';

let built: BuiltDomain;
let ann: string;
let canvasId: string;
let projectId: string;
let cat: string;
let dog: string;
const sketchId = unknownId();

beforeEach(async () => {
  built = buildDomain();
  ann = await built.guest();
  ({ id: projectId } = await built.domain.projects.create(ann, 'Pets'));
  ({ id: cat } = await built.domain.categories.create(ann, projectId, 'cat'));
  ({ id: dog } = await built.domain.categories.create(ann, projectId, 'dog'));
  const { items } = await built.domain.canvases.list(ann, projectId, { limit: 1 });
  canvasId = items[0]?.id ?? '';
  built.sketches.set(sketchId, { strokes: lineSketch(), authorIds: [ann], revision: 3 });
  built.guesses.push({ categoryId: dog, name: 'dog', confidence: 0.6 });
});

const base = { addToDataset: true, sketchRevision: 3, modelVersion: null } as const;

function give(request: Partial<FeedbackRequest>, who = ann, sketch = sketchId) {
  const full = { verdict: 'wrong', ...base, ...request } as const;
  return built.domain.feedback.give(who, { canvasId, sketchId: sketch }, full);
}

/** As after the restore of an older version: nothing can be said on the canvas any more. */
function leaveTheCanvas(): void {
  built.confirmed.set = () => {
    throw new AppError('sketch.unknown', 'This sketch is not there any more.');
  };
}

/** The table cannot be written any more, until it is repaired. */
function breakDown(table: object, method: 'set' | 'delete'): () => void {
  Reflect.set(table, method, () => {
    throw new AppError('database.unavailable', 'The database cannot be reached.');
  });
  return () => void Reflect.deleteProperty(table, method);
}

describe('wrong', () => {
  test('adds the sketch to the category meant, confirms it and trains', async () => {
    const feedback = await give({ categoryId: cat });
    const example = built.tables.examples.get(feedback.exampleId ?? '');
    expect(example).toMatchObject({ categoryId: cat, source: 'feedback', sketchId, canvasId });
    expect(built.confirmed.get(sketchId)).toBe(cat);
    expect(built.tables.trainingRuns.has(feedback.trainingRunId ?? '')).toBe(true);
  });

  test('creates the category that is named for the first time', async () => {
    const { categoryId } = await give({ newCategory: { name: 'anvil' } });
    expect(built.tables.categories.get(categoryId)).toMatchObject({ name: 'anvil' });
    await expect(give({ newCategory: { name: 'Anvil' } })).rejects.toMatchObject({
      code: 'category.name_taken',
    });
  });

  test('stays out of the dataset when that is wanted', async () => {
    const feedback = await give({ categoryId: cat, addToDataset: false });
    expect(feedback).toMatchObject({ exampleId: null, trainingRunId: null });
    expect(built.confirmed.get(sketchId)).toBe(cat);
    expect(built.tables.examples.size).toBe(0);
  });
});

describe('right', () => {
  test('means the first guess where no category is named', async () => {
    expect(await give({ verdict: 'right' })).toMatchObject({ categoryId: dog });
  });

  test('means what the person saw, where the page says so', async () => {
    expect(await give({ verdict: 'right', categoryId: cat })).toMatchObject({ categoryId: cat });
  });

  test('needs a guess', async () => {
    built.guesses.length = 0;
    await expect(give({ verdict: 'right' })).rejects.toMatchObject({ code: 'request.invalid' });
  });
});

describe('a second verdict on a sketch', () => {
  let bob: string;
  beforeEach(async () => {
    bob = await built.guest();
    await built.domain.canvases.open(bob, canvasId);
  });

  /** The categories that the sketch is in the dataset as. */
  function taughtAs(): string[] {
    const examples = [...built.tables.examples.values()];
    return examples.filter(({ isDeleted }) => !isDeleted).map(({ categoryId }) => categoryId);
  }

  test.each(['somebody else', 'the same person'])('by %s replaces the first', async (who) => {
    const first = await give({ categoryId: cat });
    await give({ categoryId: dog }, who === 'somebody else' ? bob : ann);
    expect(taughtAs()).toEqual([dog]);
    expect(built.confirmed.get(sketchId)).toBe(dog);
    expect(built.tables.feedback.has(first.id)).toBe(true);
  });

  test('leaves other sketches alone', async () => {
    const another = unknownId();
    built.sketches.set(another, { strokes: lineSketch(), authorIds: [bob], revision: 1 });
    await give({ categoryId: cat }, bob, another);
    await give({ categoryId: dog });
    expect(taughtAs()).toEqual([cat, dog]);
  });

  test('that says the same adds no second example', async () => {
    await give({ categoryId: cat });
    const again = await give({ categoryId: cat }, bob);
    expect(taughtAs()).toEqual([cat]);
    expect(built.tables.examples.get(again.exampleId ?? '')).toMatchObject({ isDeleted: false });
  });

  test('that stays out of the dataset leaves there what it agrees with, and nothing else', async () => {
    await give({ categoryId: cat });
    await give({ categoryId: cat, addToDataset: false }, bob);
    expect(taughtAs()).toEqual([cat]);
    await give({ categoryId: dog, addToDataset: false }, bob);
    expect(taughtAs()).toEqual([]);
  });

  test('replaces also an example that a failure has left without feedback', async () => {
    const repairs: (() => void)[] = [];
    built.tables.feedback.set = () => {
      repairs.push(breakDown(built.tables.examples, 'set'));
      throw new AppError('database.unavailable', 'The database cannot be reached.');
    };
    await expect(give({ categoryId: cat })).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(taughtAs()).toEqual([cat]);
    for (const repair of repairs) repair();
    Reflect.deleteProperty(built.tables.feedback, 'set');
    await give({ categoryId: cat });
    expect(taughtAs()).toEqual([cat]);
  });

  test('that is taken back makes the first one count again', async () => {
    await give({ categoryId: cat });
    const second = await give({ categoryId: dog }, bob);
    await built.domain.feedback.takeBack(bob, second.id);
    expect(taughtAs()).toEqual([cat]);
    expect(built.confirmed.get(sketchId)).toBe(cat);
  });

  test('counts on when the first one is taken back', async () => {
    const first = await give({ categoryId: cat });
    const second = await give({ categoryId: dog }, bob);
    await built.domain.feedback.takeBack(ann, first.id);
    expect(taughtAs()).toEqual([dog]);
    expect(built.confirmed.get(sketchId)).toBe(dog);
    await built.domain.feedback.takeBack(bob, second.id);
    expect(taughtAs()).toEqual([]);
    expect(built.confirmed.get(sketchId)).toBeNull();
  });

  test('of three gives way to the newest that is left', async () => {
    await give({ categoryId: dog });
    const second = await give({ categoryId: cat }, bob);
    const third = await give({ categoryId: dog }, bob);
    await built.domain.feedback.takeBack(bob, second.id);
    expect(taughtAs()).toEqual([dog]);
    await built.domain.feedback.takeBack(bob, third.id);
    expect(taughtAs()).toEqual([dog]);
    expect(built.confirmed.get(sketchId)).toBe(dog);
  });

  test('does not bring back what was deleted by hand when an older one is taken back', async () => {
    const first = await give({ categoryId: cat });
    const second = await give({ categoryId: dog }, bob);
    await built.domain.examples.remove(ann, second.exampleId ?? '');
    await built.domain.feedback.takeBack(ann, first.id);
    expect(taughtAs()).toEqual([]);
    expect(built.confirmed.get(sketchId)).toBe(dog);
  });
});

describe('feedback', () => {
  test('that cannot be recorded leaves no example behind', async () => {
    built.tables.feedback.set = () => {
      throw new AppError('database.unavailable', 'The database cannot be reached.');
    };
    await expect(give({ categoryId: cat })).rejects.toMatchObject({ code: 'database.unavailable' });
    const examples = [...built.tables.examples.values()];
    expect(examples.map(({ isDeleted }) => isDeleted)).toEqual([true]);
    expect(built.confirmed.has(sketchId)).toBe(false);
  });

  test('needs a sketch that is there and has ink', async () => {
    await expect(give({ categoryId: cat }, ann, unknownId())).rejects.toMatchObject({
      code: 'sketch.unknown',
    });
    built.sketches.set(sketchId, { strokes: [], authorIds: [], revision: 4 });
    await expect(give({ categoryId: cat })).rejects.toMatchObject({ code: 'sketch.empty' });
  });

  test('names a category of this project', async () => {
    const other = await built.domain.projects.create(ann, 'Other');
    const foreign = await built.domain.categories.create(ann, other.id, 'cat');
    await expect(give({ categoryId: foreign.id })).rejects.toMatchObject({
      code: 'category.unknown',
    });
    expect(built.tables.examples.size).toBe(0);
  });

  test('is not for strangers, until they open the canvas', async () => {
    const bob = await built.guest();
    await expect(give({ categoryId: cat }, bob)).rejects.toMatchObject({ code: 'access.denied' });
    await built.domain.canvases.open(bob, canvasId);
    expect(await give({ categoryId: cat }, bob)).toMatchObject({ participantId: bob });
  });

  test('that is taken back takes the example along', async () => {
    const { id, exampleId } = await give({ categoryId: cat });
    await built.domain.feedback.takeBack(ann, id);
    expect(built.tables.examples.get(exampleId ?? '')).toMatchObject({ isDeleted: true });
    expect(built.confirmed.get(sketchId)).toBeNull();
    await expect(built.domain.feedback.takeBack(ann, id)).rejects.toMatchObject({
      code: 'feedback.unknown',
    });
  });

  test('stands when the sketch has left the canvas in the meantime', async () => {
    leaveTheCanvas();
    const { id, exampleId } = await give({ categoryId: cat });
    expect(built.tables.feedback.has(id)).toBe(true);
    expect(built.tables.examples.get(exampleId ?? '')).toMatchObject({ isDeleted: false });
  });

  test('is taken back also when its sketch has left the canvas', async () => {
    const { id, exampleId } = await give({ categoryId: cat });
    leaveTheCanvas();
    await built.domain.feedback.takeBack(ann, id);
    expect(built.tables.examples.get(exampleId ?? '')).toMatchObject({ isDeleted: true });
    expect(built.tables.feedback.has(id)).toBe(false);
  });

  test('can be taken back once more where the first time failed half-way', async () => {
    const { id, exampleId } = await give({ categoryId: cat });
    const repair = breakDown(built.tables.feedback, 'delete');
    await expect(built.domain.feedback.takeBack(ann, id)).rejects.toMatchObject({
      code: 'database.unavailable',
    });
    expect(built.tables.examples.get(exampleId ?? '')).toMatchObject({ isDeleted: true });
    repair();
    built.announced.length = 0;
    await built.domain.feedback.takeBack(ann, id);
    expect(built.tables.feedback.has(id)).toBe(false);
    expect(built.announced).toEqual([]);
  });

  test('stands where the run that it calls for cannot be requested', async () => {
    breakDown(built.tables.trainingRuns, 'set');
    const { id, exampleId, trainingRunId } = await give({ categoryId: cat });
    expect(trainingRunId).toBeNull();
    expect(built.tables.feedback.has(id)).toBe(true);
    expect(built.tables.examples.get(exampleId ?? '')).toMatchObject({ isDeleted: false });
  });

  test('is taken back by whoever gave it, or an editor', async () => {
    const bob = await built.guest();
    await built.domain.canvases.open(bob, canvasId);
    const { id } = await give({ categoryId: cat });
    await expect(built.domain.feedback.takeBack(bob, id)).rejects.toMatchObject({
      code: 'access.denied',
    });
  });
});
