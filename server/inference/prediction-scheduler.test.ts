import { describe, expect, test } from 'vitest';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { SketchChange } from './judged-sketch.ts';
import { JUDGE_EVERY_MS, PredictionScheduler, type CanvasSource } from './prediction-scheduler.ts';
import type { SketchJudge } from './sketch-judge.ts';

/** Time that stands still until it is moved; whatever is promised meanwhile comes true. */
class FakeClock {
  #now = 1_000;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  /** How many callbacks have been asked for. */
  asked = 0;

  now = (): number => this.#now;
  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    this.asked += 1;
    return () => this.#timers.delete(timer);
  };

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Canvases whose sketches change when a test says so. */
class TestCanvases implements CanvasSource {
  #onChange: (change: SketchChange) => void = () => undefined;
  #onOpened: (canvasId: string) => void = () => undefined;
  #onClosed: (canvasId: string) => void = () => undefined;
  readonly stored = new Map<string, ReturnType<CanvasSource['sketchesOf']>>();

  openCanvasIds = (): string[] => [];
  sketchesOf: CanvasSource['sketchesOf'] = (canvasId) => this.stored.get(canvasId) ?? [];
  onSketchChanged: CanvasSource['onSketchChanged'] = (listener) => {
    this.#onChange = listener;
    return () => (this.#onChange = () => undefined);
  };
  onCanvasOpened: CanvasSource['onCanvasOpened'] = (listener) => {
    this.#onOpened = listener;
    return () => undefined;
  };
  onCanvasClosed: CanvasSource['onCanvasClosed'] = (listener) => {
    this.#onClosed = listener;
    return () => undefined;
  };

  draw(sketchId: string, revision: number, drawn: Partial<SketchChange> = {}): void {
    const strokes = (): StrokeColumns[] => [
      [
        [0, revision],
        [0, 0],
      ],
    ];
    this.#onChange({ canvasId: 'canvas', sketchId, revision, isLive: true, strokes, ...drawn });
  }
  open(canvasId: string): void {
    this.#onOpened(canvasId);
  }
  close(canvasId: string): void {
    this.#onClosed(canvasId);
  }
}

/** Sees in a sketch the x of its last point, and calls it by what was taught last. */
class TestJudge implements SketchJudge {
  taught = 'cat';
  failing: string | null = null;
  failingBackbone: string | null = null;
  /** Of projects that do not stand on the starter's. */
  readonly backbones = new Map<string, string>();
  readonly unread = new Set<string>();
  readonly batches: number[][] = [];
  #release: (() => void) | null = null;
  #held: Promise<void> | null = null;
  readonly #prepared: (() => void)[] = [];

  /** The network takes its time until the returned function is called. */
  hold(): () => void {
    this.#held = new Promise((resolve) => (this.#release = resolve));
    return () => {
      this.#held = null;
      this.#release?.();
    };
  }
  /** The models of all projects have been read now. */
  finishReading(): void {
    this.unread.clear();
    for (const resolve of this.#prepared.splice(0)) resolve();
  }

  backboneOf: SketchJudge['backboneOf'] = (projectId) => {
    if (this.unread.has(projectId)) return null;
    return { backboneId: this.backbones.get(projectId) ?? 'starter', backboneKey: null };
  };
  prepare: SketchJudge['prepare'] = async (projectId) => {
    if (this.unread.has(projectId)) await new Promise<void>((done) => this.#prepared.push(done));
  };
  embedSketches: SketchJudge['embedSketches'] = async ({ backboneId }, sketches) => {
    const seen = sketches.map((strokes) => Number(strokes.at(-1)?.[0][1] ?? NaN));
    this.batches.push(seen);
    await this.#held;
    if (backboneId === this.failingBackbone) throw new Error('The backbone is gone.');
    return seen.map((x) => (Number.isNaN(x) ? null : { backboneId, numbers: Float32Array.of(x) }));
  };
  judge: SketchJudge['judge'] = async (projectId, embeddings) => {
    if (projectId === this.failing) throw new Error('The head is gone.');
    const categoryId = projectId;
    const backboneId = this.backbones.get(projectId) ?? 'starter';
    return embeddings.map((embedding) => {
      if (embedding && embedding.backboneId !== backboneId) return null;
      const confidence = embedding?.numbers[0] ?? 0;
      return {
        modelVersion: null,
        label: embedding && this.taught,
        scores: embedding ? [{ categoryId, name: this.taught, confidence }] : [],
      };
    });
  };
}

interface Told {
  readonly canvasId: string;
  readonly predictions: readonly SketchPrediction[];
}

function start() {
  const [clock, canvases, judge] = [new FakeClock(), new TestCanvases(), new TestJudge()];
  const told: Told[] = [];
  const errors: unknown[] = [];
  const scheduler = new PredictionScheduler({
    source: canvases,
    judge,
    clock,
    findProjectId: async (canvasId) => (canvasId === 'other' ? 'second' : 'first'),
    onPredictions: (canvasId, predictions) => told.push({ canvasId, predictions }),
    onError: (error) => errors.push(error),
  });
  const revisions = (): number[] =>
    told.flatMap(({ predictions }) => predictions.map(({ revision }) => revision));
  return { clock, canvases, judge, told, errors, scheduler, revisions };
}

describe('a sketch that is being drawn', () => {
  test('is judged at once', async () => {
    const { clock, canvases, told } = start();
    canvases.draw('sketch', 1);
    await clock.advance(0);
    expect(told).toMatchObject([
      { canvasId: 'canvas', predictions: [{ sketchId: 'sketch', revision: 1, label: 'cat' }] },
    ]);
  });

  test('is left alone while its stroke has hardly begun, and judged at once with 8 points', async () => {
    const { clock, canvases, revisions } = start();
    for (const [revision, livePoints] of [3, 5, 7].entries()) {
      canvases.draw('sketch', revision, { livePoints });
      await clock.advance(33);
    }
    expect(revisions()).toEqual([]);
    canvases.draw('sketch', 3, { livePoints: 9 });
    await clock.advance(0);
    expect(revisions()).toEqual([3]);
  });

  test('is judged when the pen is up, however short its stroke', async () => {
    const { clock, canvases, revisions } = start();
    canvases.draw('sketch', 1, { livePoints: 3 });
    canvases.draw('sketch', 2, { isLive: false, livePoints: 0 });
    await clock.advance(0);
    expect(revisions()).toEqual([2]);
  });

  test('is judged again after 80 ms, and only in its newest state', async () => {
    const { clock, canvases, revisions } = start();
    canvases.draw('sketch', 1);
    await clock.advance(10);
    for (const revision of [2, 3, 4]) canvases.draw('sketch', revision);
    await clock.advance(JUDGE_EVERY_MS - 11);
    expect(revisions()).toEqual([1]);
    await clock.advance(1);
    expect(revisions()).toEqual([1, 4]);
  });

  test('is not judged while nothing changes', async () => {
    const { clock, canvases, revisions } = start();
    canvases.draw('sketch', 1);
    await clock.advance(1_000);
    expect(revisions()).toEqual([1]);
  });

  test('is always judged in its last state', async () => {
    const { clock, canvases, told } = start();
    for (let revision = 1; revision <= 20; revision++) {
      canvases.draw('sketch', revision);
      await clock.advance(15);
    }
    canvases.draw('sketch', 21, { isLive: false });
    await clock.advance(JUDGE_EVERY_MS);
    const all = told.flatMap(({ predictions }) => predictions);
    expect(all.at(-1)).toMatchObject({ revision: 21, final: true });
    expect(all.slice(0, -1).every(({ final }) => !final)).toBe(true);
    expect(all.length).toBeLessThanOrEqual(6);
  });

  test('is judged as it was last when news of it come in the wrong order', async () => {
    const { clock, canvases, revisions } = start();
    canvases.draw('sketch', 7);
    canvases.draw('sketch', 6);
    await clock.advance(JUDGE_EVERY_MS);
    expect(revisions()).toEqual([7]);
  });
});

describe('a batch', () => {
  test('is planned earlier for a sketch that is due before all others', async () => {
    const { clock, canvases, judge } = start();
    canvases.draw('a', 1);
    await clock.advance(0);
    canvases.draw('a', 2);
    canvases.draw('b', 3);
    await clock.advance(0);
    expect(judge.batches).toEqual([[1], [3]]);
    await clock.advance(JUDGE_EVERY_MS);
    expect(judge.batches).toEqual([[1], [3], [2]]);
  });
});

describe('more sketches than a batch holds', () => {
  test('are judged by how long they wait, not by how often they change', async () => {
    const { clock, canvases, judge } = start();
    canvases.draw('often', 1);
    for (let i = 0; i < 100; i++) canvases.draw(`once ${i}`, 2);
    canvases.draw('often', 3);
    await clock.advance(0);
    expect(judge.batches.map((batch) => batch.includes(3))).toEqual([true, false]);
  });

  test('are judged with those first that are being drawn on by then', async () => {
    const { clock, canvases, judge } = start();
    for (let i = 0; i < 100; i++) canvases.draw(`lifted ${i}`, 1);
    for (let i = 0; i < 100; i++) canvases.draw(`lifted ${i}`, 2, { isLive: false });
    canvases.draw('drawn', 3);
    await clock.advance(0);
    expect(judge.batches.map((batch) => batch.length)).toEqual([64, 37]);
    expect(judge.batches[0]).toContain(3);
  });
});

describe('several sketches', () => {
  test('go through the network as one batch and are told of by canvas', async () => {
    const { clock, canvases, judge, told } = start();
    canvases.draw('a', 1);
    canvases.draw('b', 2);
    canvases.draw('c', 3, { canvasId: 'other' });
    await clock.advance(0);
    expect(judge.batches).toEqual([[1, 2, 3]]);
    expect(told.map(({ canvasId, predictions }) => [canvasId, predictions.length])).toEqual([
      ['canvas', 2],
      ['other', 1],
    ]);
  });

  test('gather while the network is busy', async () => {
    const { clock, canvases, judge } = start();
    const release = judge.hold();
    canvases.draw('a', 1);
    await clock.advance(5);
    canvases.draw('b', 2);
    canvases.draw('c', 3);
    await clock.advance(5);
    expect(judge.batches).toEqual([[1]]);
    release();
    await clock.advance(0);
    expect(judge.batches).toEqual([[1], [2, 3]]);
  });

  test('of a project that works are judged though another one does not', async () => {
    const { clock, canvases, judge, told, errors } = start();
    judge.failing = 'second';
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    await clock.advance(0);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['canvas']);
    expect(errors).toHaveLength(1);
    judge.failing = null;
    await clock.advance(1_000);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['canvas', 'other']);
  });
});

describe('a project that has learnt something', () => {
  test('has its sketches judged again without the network', async () => {
    const { clock, canvases, judge, told, scheduler } = start();
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    await clock.advance(0);
    judge.taught = 'fox';
    scheduler.modelChanged('first');
    await settle();
    expect(judge.batches).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({
      canvasId: 'canvas',
      predictions: [{ sketchId: 'a', revision: 1, label: 'fox' }],
    });
    expect(scheduler.predictionsOf('other')).toMatchObject([{ label: 'cat' }]);
  });
});

describe('projects on different backbones', () => {
  test('have their sketches judged as one batch each', async () => {
    const { clock, canvases, judge, told } = start();
    judge.backbones.set('second', 'fine-tuned');
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    canvases.draw('c', 3);
    await clock.advance(0);
    expect(judge.batches).toEqual([[1, 3], [2]]);
    expect(told.map(({ predictions }) => predictions.length)).toEqual([2, 1]);
  });

  test('do not stop each other when one of the backbones fails', async () => {
    const { clock, canvases, judge, told, errors } = start();
    judge.backbones.set('first', 'fine-tuned');
    judge.failingBackbone = 'fine-tuned';
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    await clock.advance(0);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['other']);
    expect(errors).toHaveLength(1);
    judge.failingBackbone = null;
    await clock.advance(1_000);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['other', 'canvas']);
  });

  test('do not wait for a model that is still being read', async () => {
    const { clock, canvases, judge, told } = start();
    judge.unread.add('first');
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    await clock.advance(500);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['other']);
    judge.finishReading();
    await clock.advance(0);
    expect(told.map(({ canvasId }) => canvasId)).toEqual(['other', 'canvas']);
  });
});

describe('a project that moves to another backbone', () => {
  test('has its sketches judged again from their ink, and keeps the old labels until then', async () => {
    const { clock, canvases, judge, told, scheduler } = start();
    canvases.draw('a', 1);
    canvases.draw('b', 2, { canvasId: 'other' });
    await clock.advance(0);
    const release = judge.hold();
    judge.taught = 'fox';
    judge.backbones.set('first', 'fine-tuned');
    scheduler.modelChanged('first');
    await clock.advance(5);
    expect(judge.batches).toEqual([[1, 2], [1]]);
    expect(scheduler.predictionsOf('canvas')).toMatchObject([{ sketchId: 'a', label: 'cat' }]);
    release();
    await clock.advance(0);
    expect(scheduler.predictionsOf('canvas')).toMatchObject([{ sketchId: 'a', label: 'fox' }]);
    const labels = told.flatMap(({ predictions }) => predictions.map(({ label }) => label));
    expect(labels).toEqual(['cat', 'cat', 'fox']);
  });

  test('goes back as quickly', async () => {
    const { clock, canvases, judge, scheduler } = start();
    judge.backbones.set('first', 'fine-tuned');
    canvases.draw('a', 1, { isLive: false });
    await clock.advance(0);
    judge.backbones.delete('first');
    judge.taught = 'dog';
    scheduler.modelChanged('first');
    await clock.advance(0);
    expect(scheduler.predictionsOf('canvas')).toMatchObject([{ label: 'dog', final: true }]);
  });

  test('while one of its sketches is in the network has that one judged by the new one', async () => {
    const { clock, canvases, judge, told, scheduler } = start();
    const release = judge.hold();
    canvases.draw('a', 1, { isLive: false });
    await clock.advance(0);
    judge.backbones.set('first', 'fine-tuned');
    judge.taught = 'fox';
    scheduler.modelChanged('first');
    release();
    await clock.advance(0);
    expect(told.flatMap(({ predictions }) => predictions)).toMatchObject([{ label: 'fox' }]);
  });

  test('has all of many sketches judged again', async () => {
    const { clock, canvases, judge, scheduler } = start();
    for (let i = 0; i < 200; i++) canvases.draw(`old ${i}`, 1, { isLive: false });
    await clock.advance(0);
    judge.backbones.set('first', 'fine-tuned');
    judge.taught = 'fox';
    scheduler.modelChanged('first');
    await clock.advance(0);
    const labels = scheduler.predictionsOf('canvas').map(({ label }) => label);
    expect(labels).toHaveLength(200);
    expect(new Set(labels)).toEqual(new Set(['fox']));
  });
});

/** Finished sketches of one stroke each, as a canvas that is opened has them. */
function storedSketches(count: number): ReturnType<CanvasSource['sketchesOf']> {
  const strokes: StrokeColumns[] = [
    [
      [0, 5],
      [0, 0],
    ],
  ];
  const one = { revision: 1, isLive: false, strokes };
  return Array.from({ length: count }, (_, i) => ({ ...one, sketchId: i ? `old ${i}` : 'old' }));
}

describe('a canvas', () => {
  test('that is opened has its stored sketches judged', async () => {
    const { clock, canvases, scheduler } = start();
    canvases.stored.set('canvas', storedSketches(1));
    canvases.open('canvas');
    await clock.advance(0);
    expect(scheduler.predictionsOf('canvas')).toMatchObject([{ sketchId: 'old', final: true }]);
  });

  test('with a thousand sketches does not hold up a new stroke', async () => {
    const { clock, canvases, judge } = start();
    for (let i = 0; i < 1_000; i++) canvases.draw(`old ${i}`, 1, { isLive: false });
    canvases.draw('new', 2);
    await clock.advance(0);
    expect(judge.batches[0]).toContain(2);
    expect(judge.batches.flat()).toHaveLength(1_001);
  });

  test('that is opened plans one batch, however many sketches it has', () => {
    const { clock, canvases } = start();
    canvases.stored.set('canvas', storedSketches(1_000));
    canvases.open('canvas');
    expect(clock.asked).toBe(1);
  });

  test('with more sketches than one call takes arguments holds up nobody', async () => {
    const { clock, canvases, judge } = start();
    const release = judge.hold();
    canvases.draw('first', 1, { canvasId: 'other' });
    await clock.advance(0);
    canvases.stored.set('canvas', storedSketches(200_000));
    canvases.open('canvas');
    canvases.draw('second', 2, { canvasId: 'other' });
    release();
    judge.hold();
    await clock.advance(0);
    expect(judge.batches[0]).toEqual([1]);
    expect(judge.batches[1]).toContain(2);
  });

  test('forgets a sketch once its ink is gone', async () => {
    const { clock, canvases, scheduler, told } = start();
    canvases.draw('sketch', 1);
    await clock.advance(JUDGE_EVERY_MS);
    canvases.draw('sketch', 2, { strokes: () => [] });
    await clock.advance(JUDGE_EVERY_MS);
    expect(told.at(-1)?.predictions).toMatchObject([{ revision: 2, label: null, scores: [] }]);
    expect(scheduler.predictionsOf('canvas')).toEqual([]);
  });

  test('that was closed is not told of any more', async () => {
    const { clock, canvases, judge, told, scheduler } = start();
    const release = judge.hold();
    canvases.draw('sketch', 1);
    await clock.advance(0);
    canvases.close('canvas');
    release();
    await clock.advance(JUDGE_EVERY_MS);
    expect(told).toEqual([]);
    expect(scheduler.predictionsOf('canvas')).toEqual([]);
  });
});
