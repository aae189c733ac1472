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

  now = (): number => this.#now;
  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
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
  readonly batches: number[][] = [];
  #release: (() => void) | null = null;
  #held: Promise<void> | null = null;

  /** The network takes its time until the returned function is called. */
  hold(): () => void {
    this.#held = new Promise((resolve) => (this.#release = resolve));
    return () => {
      this.#held = null;
      this.#release?.();
    };
  }

  embedSketches: SketchJudge['embedSketches'] = async (sketches) => {
    const seen = sketches.map((strokes) => Number(strokes.at(-1)?.[0][1] ?? NaN));
    this.batches.push(seen);
    await this.#held;
    return seen.map((x) => (Number.isNaN(x) ? null : Float32Array.of(x)));
  };
  judge: SketchJudge['judge'] = async (projectId, embeddings) => {
    if (projectId === this.failing) throw new Error('The head is gone.');
    const categoryId = projectId;
    return embeddings.map((embedding) => ({
      modelVersion: null,
      label: embedding && this.taught,
      scores: embedding ? [{ categoryId, name: this.taught, confidence: embedding[0] ?? 0 }] : [],
    }));
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

describe('a canvas', () => {
  test('that is opened has its stored sketches judged', async () => {
    const { clock, canvases, scheduler } = start();
    const strokes: StrokeColumns[] = [
      [
        [0, 5],
        [0, 0],
      ],
    ];
    canvases.stored.set('canvas', [{ sketchId: 'old', revision: 1, isLive: false, strokes }]);
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
