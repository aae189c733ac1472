/**
 * When which sketch is judged. A new stroke goes through the network as soon as it has 8 points, a
 * sketch that is being drawn on every 80 ms, and its last state always. All sketches that are due, of all canvases, are
 * one batch; while it is in the network the next one gathers.
 *
 *   change -> waiting --due, network free--> in the network -> impression --head--> prediction
 *                ^                                                 |
 *                +------------- changed meanwhile                  +--model changed: head again
 */
import type { Prediction, SketchPrediction } from '../../shared/prediction.ts';
import { JudgedSketch, type Impression, type SketchChange } from './judged-sketch.ts';
import { OpenCanvases, type OpenCanvas } from './open-canvases.ts';
import type { SchedulerClock } from './scheduler-clock.ts';
import type { SketchJudge } from './sketch-judge.ts';

/** A sketch that is being drawn on is judged once in this time. */
export const JUDGE_EVERY_MS = 80;
/**
 * A stroke that has just begun says nothing yet. Judging it would only make the first guess that
 * is worth something wait for the next turn.
 */
const MIN_LIVE_POINTS = 8;
/** After a failure. */
const RETRY_AFTER_MS = 1_000;
/** So many at a time, so that a canvas with a thousand sketches does not hold up a new stroke. */
const MAX_BATCH = 64;

/** The open canvases as the sync hub tells of them. */
export interface CanvasSource {
  openCanvasIds(): readonly string[];
  sketchesOf(canvasId: string): readonly OpenSketch[];
  onSketchChanged(listener: (change: SketchChange) => void): () => void;
  onCanvasOpened(listener: (canvasId: string) => void): () => void;
  onCanvasClosed(listener: (canvasId: string) => void): () => void;
}
type OpenSketch = Omit<SketchChange, 'canvasId' | 'strokes'> & {
  readonly strokes: ReturnType<SketchChange['strokes']>;
};

export interface PredictionSchedulerOptions {
  readonly source: CanvasSource;
  readonly judge: SketchJudge;
  readonly clock: SchedulerClock;
  /** Null for a canvas that does not exist. */
  readonly findProjectId: (canvasId: string) => Promise<string | null>;
  /** All that is new on a canvas, together. */
  readonly onPredictions: (canvasId: string, predictions: readonly SketchPrediction[]) => void;
  readonly onError: (error: unknown) => void;
}

interface Judged {
  readonly canvas: OpenCanvas;
  readonly sketch: JudgedSketch;
}

/** Follows the open canvases and tells what their sketches are taken for. */
export class PredictionScheduler {
  readonly #options: PredictionSchedulerOptions;
  readonly #canvases: OpenCanvases;
  readonly #waiting = new Map<JudgedSketch, OpenCanvas>();
  readonly #unsubscribe: readonly (() => void)[];
  #isNetworkBusy = false;
  #callOff: () => void = () => undefined;
  #judgements = 0;

  constructor(options: PredictionSchedulerOptions) {
    this.#options = options;
    this.#canvases = new OpenCanvases(options.findProjectId);
    const { source } = options;
    this.#unsubscribe = [
      source.onSketchChanged((change) => this.#change(change)),
      source.onCanvasOpened((canvasId) => this.#open(canvasId)),
      source.onCanvasClosed((canvasId) => this.#close(canvasId)),
    ];
    for (const canvasId of source.openCanvasIds()) this.#open(canvasId);
  }

  /** The latest predictions of an open canvas, for whoever joins it. */
  predictionsOf(canvasId: string): SketchPrediction[] {
    return [...(this.#canvases.find(canvasId)?.sketches.values() ?? [])].flatMap(
      ({ prediction }) => prediction ?? [],
    );
  }

  /** The project's head or categories are others now: all its open sketches are judged again. */
  modelChanged(projectId: string): void {
    for (const canvas of this.#canvases.ofProject(projectId)) {
      const sketches = [...canvas.sketches.values()];
      void this.#judge(
        canvas,
        sketches.filter(({ impression }) => impression !== null),
      );
    }
  }

  close(): void {
    this.#callOff();
    this.#waiting.clear();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #open(canvasId: string): void {
    for (const sketch of this.#options.source.sketchesOf(canvasId))
      this.#change({ ...sketch, canvasId, strokes: () => sketch.strokes });
  }

  #close(canvasId: string): void {
    const canvas = this.#canvases.close(canvasId);
    for (const sketch of canvas?.sketches.values() ?? []) this.#waiting.delete(sketch);
  }

  #change(change: SketchChange): void {
    const canvas = this.#canvases.open(change.canvasId);
    const known = canvas.sketches.get(change.sketchId);
    const sketch = known ?? new JudgedSketch(change, this.#options.clock.now());
    if (known && !known.update(change)) return;
    canvas.sketches.set(change.sketchId, sketch);
    const { isLive, livePoints = MIN_LIVE_POINTS } = change;
    if (!isLive || livePoints >= MIN_LIVE_POINTS) this.#wait(sketch, canvas);
  }

  #wait(sketch: JudgedSketch, canvas: OpenCanvas): void {
    this.#waiting.set(sketch, canvas);
    this.#plan();
  }

  #plan(): void {
    this.#callOff();
    if (this.#isNetworkBusy || this.#waiting.size === 0) return;
    const { clock } = this.#options;
    const next = Math.min(...[...this.#waiting.keys()].map(({ dueAt }) => dueAt));
    this.#callOff = clock.after(Math.max(0, next - clock.now()), () => void this.#runBatch());
  }

  async #runBatch(): Promise<void> {
    const startedAt = this.#options.clock.now();
    const batch = [...this.#waiting]
      .filter(([{ dueAt }]) => dueAt <= startedAt)
      // A canvas that was just opened has many sketches to judge; who draws now comes first.
      .sort(([a], [b]) => Number(b.change.isLive) - Number(a.change.isLive))
      .slice(0, MAX_BATCH)
      .map(([sketch, canvas]) => ({ sketch, canvas }));
    for (const { sketch } of batch) {
      this.#waiting.delete(sketch);
      sketch.dueAt = startedAt + JUDGE_EVERY_MS;
    }
    this.#isNetworkBusy = true;
    try {
      await this.#embed(batch);
      this.#judgeByCanvas(batch);
    } catch (error) {
      this.#options.onError(error);
      this.#retry(batch);
    } finally {
      this.#isNetworkBusy = false;
      this.#plan();
    }
  }

  async #embed(batch: readonly Judged[]): Promise<void> {
    const seen = batch.map(({ sketch: { change } }) => ({ change, strokes: change.strokes() }));
    const { clock, judge } = this.#options;
    const startedAt = clock.now();
    const embeddings = await judge.embedSketches(seen.map(({ strokes }) => strokes));
    const milliseconds = clock.now() - startedAt;
    batch.forEach(({ sketch, canvas }, i) => {
      const { change, strokes } = seen[i] ?? { change: sketch.change, strokes: [] };
      const { revision, isLive, sketchId } = change;
      sketch.impression = { revision, isLive, embedding: embeddings[i] ?? null, milliseconds };
      // Erased, or joined with another one: it is told of once more and then forgotten.
      if (strokes.length === 0) canvas.sketches.delete(sketchId);
    });
  }

  #judgeByCanvas(batch: readonly Judged[]): void {
    for (const canvas of new Set(batch.map((judged) => judged.canvas))) {
      const sketches = batch.filter((judged) => judged.canvas === canvas);
      void this.#judge(
        canvas,
        sketches.map(({ sketch }) => sketch),
      );
    }
  }

  /** Never throws: what goes wrong in one project does not stop the others. */
  async #judge(canvas: OpenCanvas, sketches: readonly JudgedSketch[]): Promise<void> {
    const judgement = ++this.#judgements;
    const impressions = sketches.map(({ impression }) => impression);
    try {
      const projectId = await canvas.projectId();
      if (projectId === null || sketches.length === 0) return;
      const embeddings = impressions.map((impression) => impression?.embedding ?? null);
      const predictions = await this.#options.judge.judge(projectId, embeddings);
      if (!this.#canvases.isOpen(canvas)) return;
      const news = sketches.flatMap((sketch, i) => {
        const [impression, prediction] = [impressions[i], predictions[i]];
        if (!impression || !prediction) return [];
        const described = describe(sketch, impression, prediction);
        return sketch.accept(judgement, described) ? [described] : [];
      });
      if (news.length > 0) this.#options.onPredictions(canvas.id, news);
    } catch (error) {
      this.#options.onError(error);
      this.#retry(sketches.map((sketch) => ({ sketch, canvas })));
    }
  }

  #retry(judged: readonly Judged[]): void {
    const dueAt = this.#options.clock.now() + RETRY_AFTER_MS;
    for (const { sketch, canvas } of judged) {
      if (!this.#canvases.isOpen(canvas)) continue;
      sketch.dueAt = dueAt;
      this.#wait(sketch, canvas);
    }
  }
}

function describe(
  { change: { sketchId } }: JudgedSketch,
  { revision, isLive, milliseconds }: Impression,
  prediction: Omit<Prediction, 'milliseconds'>,
): SketchPrediction {
  return { ...prediction, milliseconds, sketchId, revision, final: !isLive };
}
