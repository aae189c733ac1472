import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { eventually } from '../../test/support/eventually.ts';
import { handDrawn, type HandDrawnCategory } from '../../test/support/hand-drawn.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  openLearningLab,
  type LabProject,
  type LearningLab,
} from '../../test/support/learning-lab.ts';
import { openPredictor } from '../../test/support/open-predictor.ts';
import { promoteVersion, storeBackbone, tunedBackbone } from '../../test/support/tuned-version.ts';
import type { BackboneModel } from './backbone-blob.ts';
import { PredictionScheduler } from './prediction-scheduler.ts';
import type { LivePredictor, PredictorOptions } from './predictor.ts';
import { schedulerClock } from './scheduler-clock.ts';

const NAMES: readonly HandDrawnCategory[] = ['kite', 'robot', 'anchor'];

let lab: LearningLab;
let tuned: BackboneModel;
let errors: unknown[];
beforeAll(async () => {
  lab = await openLearningLab();
  tuned = await tunedBackbone(lab.starter, 1);
});
beforeEach(() => (errors = []));
afterAll(() => lab.close());

function openServer(options: Partial<PredictorOptions> = {}): Promise<LivePredictor> {
  return openPredictor(lab, { onError: (error) => errors.push(error), ...options });
}

/** A project whose promoted version stands on a backbone of its own. */
async function tunedProject(
  names: readonly string[] = NAMES,
  backbone = tuned,
): Promise<LabProject & { readonly versionId: string; readonly backboneKey: string }> {
  const project = await lab.createProject(names);
  const { backboneKey } = await storeBackbone(lab, project, backbone);
  const { id: versionId } = await promoteVersion(lab, project, { backbone, backboneKey });
  return { ...project, versionId, backboneKey };
}

const UNSEEN = NAMES.flatMap((name) =>
  [10, 11, 12, 13, 14].map((n) => ({ name, strokes: handDrawn(name, n) })),
);

/** The share of unseen sketches that is recognised. */
async function accuracy(predictor: LivePredictor, projectId: string): Promise<number> {
  const predictions = await predictor.predict(
    projectId,
    UNSEEN.map(({ strokes }) => strokes),
  );
  const right = predictions.filter(({ scores }, i) => scores[0]?.name === UNSEEN[i]?.name);
  return right.length / UNSEEN.length;
}

describe('two projects on different backbones', () => {
  test('are both recognised, each by its own version', async () => {
    const predictor = await openServer();
    const [own, other] = [await tunedProject(), await lab.createProject(NAMES)];
    const backbone = lab.starter;
    const { id } = await promoteVersion(lab, other, { backbone, backboneKey: null });
    expect(await accuracy(predictor, own.id)).toBeGreaterThan(0.7);
    expect(await accuracy(predictor, other.id)).toBeGreaterThan(0.7);
    const [[first], [second]] = await Promise.all([
      predictor.predict(own.id, [handDrawn('kite', 10)]),
      predictor.predict(other.id, [handDrawn('kite', 10)]),
    ]);
    expect([first?.modelVersion, second?.modelVersion]).toEqual([own.versionId, id]);
    expect(first?.scores[0]?.confidence).not.toBe(second?.scores[0]?.confidence);
    expect(predictor.backboneOf(own.id)?.backboneId).toBe(tuned.backboneId);
    expect(predictor.backboneOf(other.id)?.backboneId).toBe(lab.starter.backboneId);
    expect(errors).toEqual([]);
  });
});

describe('a new category of a project on its own backbone', () => {
  test('is recognised after one example, which is embedded for that backbone', async () => {
    const project = await tunedProject(['kite', 'robot', 'anchor', 'squiggle']);
    const [embedded] = await lab.predictor.embed(project.id, [handDrawn('ghost', 0)]);
    expect(embedded?.backboneId).toBe(tuned.backboneId);
    await lab.teach(project, 'squiggle', [handDrawn('ghost', 0)]);
    const predictions = await lab.predictor.predict(
      project.id,
      [1, 2, 3, 4, 5, 6, 7].map((n) => handDrawn('ghost', n)),
    );
    const taken = predictions.filter(({ scores }) => scores[0]?.name === 'squiggle');
    expect(taken.length).toBeGreaterThan(3);
    expect(await accuracy(lab.predictor, project.id)).toBeGreaterThan(0.6);
  });

  test('does not get what ships, for the starter sees differently', async () => {
    const project = await tunedProject(['kite', 'robot', 'circle']);
    const [prediction] = await lab.predictor.predict(project.id, [handDrawn('kite', 9)]);
    expect(prediction?.scores.map(({ name }) => name).sort()).toEqual(['kite', 'robot']);
  });
});

/** A canvas of the project with a sketch on it, and what is told of it. */
function openCanvas(
  predictor: LivePredictor,
  projectId: string,
  strokes: StrokeColumns[],
): { readonly told: SketchPrediction[]; readonly scheduler: PredictionScheduler } {
  const told: SketchPrediction[] = [];
  const sketch = { sketchId: 'sketch', revision: 1, isLive: false, livePoints: 0, strokes };
  const scheduler = new PredictionScheduler({
    source: {
      openCanvasIds: () => ['canvas'],
      sketchesOf: () => [sketch],
      onSketchChanged: () => () => undefined,
      onCanvasOpened: () => () => undefined,
      onCanvasClosed: () => () => undefined,
    },
    ...{ judge: predictor, clock: schedulerClock },
    findProjectId: async () => projectId,
    onPredictions: (_, predictions) => told.push(...predictions),
    onError: (error) => errors.push(error),
  });
  const undo = predictor.onModelChanged((changed) => scheduler.modelChanged(changed));
  onTestFinished(() => {
    undo();
    scheduler.close();
  });
  return { told, scheduler };
}

describe('the sketches of an open canvas', () => {
  test('are judged by the new backbone when a version is promoted, and by the old one after rolling back', async () => {
    const predictor = await openServer();
    const project = await lab.createProject(NAMES);
    const given = { backbone: lab.starter, backboneKey: null };
    const { id: first } = await promoteVersion(lab, project, given);
    const { told } = openCanvas(predictor, project.id, handDrawn('robot', 12));
    await eventually(() => expect(told.at(-1)?.modelVersion).toBe(first));
    const { backboneKey } = await storeBackbone(lab, project, tuned);
    const { id: second } = await promoteVersion(lab, project, { backbone: tuned, backboneKey });
    predictor.forget(project.id);
    await eventually(() => expect(told.at(-1)?.modelVersion).toBe(second));
    await lab.stores.modelVersions.promote(first);
    predictor.forget(project.id);
    await eventually(() => expect(told.at(-1)?.modelVersion).toBe(first));
    expect(told.map(({ modelVersion }) => modelVersion)).toEqual([first, second, first]);
    expect(told[2]?.scores).toEqual(told[0]?.scores);
    expect(told.every(({ scores }) => scores[0]?.name === 'robot')).toBe(true);
  });
});

describe('a backbone that cannot be read', () => {
  test('is replaced by the class means of the starter model, and told of', async () => {
    const predictor = await openServer();
    const project = await tunedProject(['circle', 'cat', 'kite']);
    await lab.blobs.delete(project.backboneKey);
    const [prediction] = await predictor.predict(project.id, [handDrawn('kite', 3)]);
    expect(prediction?.modelVersion).toBeNull();
    expect(prediction?.scores.map(({ name }) => name).sort()).toEqual(['cat', 'circle']);
    expect(errors).toMatchObject([{ code: 'model.unavailable' }]);
  });

  test.each([
    ['damaged', new Uint8Array(1_000)],
    ['empty', new Uint8Array()],
  ])('because it is %s does not break anything either', async (_what, bytes) => {
    const predictor = await openServer();
    const project = await tunedProject();
    await lab.blobs.put(project.backboneKey, bytes, 'application/octet-stream');
    const [prediction] = await predictor.predict(project.id, [handDrawn('kite', 3)]);
    expect(prediction).toMatchObject({ modelVersion: null, label: null });
    expect(errors).toHaveLength(1);
  });

  test('is tried again by itself, and served once it is there', async () => {
    const clock = new ManualClock();
    const predictor = await openServer({ clock });
    const project = await tunedProject();
    const bytes = await lab.blobs.get(project.backboneKey);
    await lab.blobs.delete(project.backboneKey);
    const { told } = openCanvas(predictor, project.id, handDrawn('robot', 12));
    await eventually(() => expect(told.at(-1)?.modelVersion).toBeNull());
    clock.advance(10_000);
    await eventually(() => expect(errors).toHaveLength(2));
    await lab.blobs.put(project.backboneKey, bytes ?? new Uint8Array(), 'application/octet-stream');
    clock.advance(10_000);
    await eventually(() => expect(told.at(-1)?.modelVersion).toBe(project.versionId));
  });

  test('is not servable, which is told before it is promoted', async () => {
    const project = await tunedProject();
    const version = await lab.stores.modelVersions.find(project.versionId);
    if (!version) throw new Error('There is no version.');
    await expect(lab.predictor.assertServable(version)).resolves.toBeUndefined();
    const other = { ...version, backboneId: 'another', backboneKey: null };
    await expect(lab.predictor.assertServable(other)).rejects.toMatchObject({
      code: 'model.unavailable',
    });
  });
});

describe('more backbones than are kept open', () => {
  test('are all served', async () => {
    const predictor = await openServer({ maxBackbones: 1 });
    const another = await tunedBackbone(lab.starter, 2);
    const projects = [await tunedProject(), await tunedProject(NAMES, another)];
    for (let round = 0; round < 2; round++) {
      for (const { id, versionId } of projects) {
        const [prediction] = await predictor.predict(id, [handDrawn('anchor', 20)]);
        expect(prediction?.modelVersion).toBe(versionId);
        expect(prediction?.scores[0]?.name).toBe('anchor');
      }
    }
    const together = await Promise.all(projects.map(({ id }) => accuracy(predictor, id)));
    expect(Math.min(...together)).toBeGreaterThan(0.7);
    expect(errors).toEqual([]);
  });
});
