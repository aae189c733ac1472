/**
 * When which sketch is judged. A new stroke goes through the network as soon as it has 8 points, a
 * sketch that is being drawn on every 80 ms, and its last state always. All sketches that are due and
 * share a backbone, of all canvases and projects, are one batch; while it is in the network the next
 * one gathers. A project whose model is still being read holds up nobody else.
 *
 *   change -> waiting --due, network free--> in the network -> impression --head--> prediction
 *                ^                                                 |
 *                +------ changed meanwhile, or another backbone ---+--model changed: head again
 */
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { BackboneAddress } from './backbones.ts';
import { JudgedSketch, type Impression, type SketchChange } from './judged-sketch.ts';
import { OpenCanvases, type OpenCanvas } from './open-canvases.ts';
import type { SchedulerClock } from './scheduler-clock.ts';
import type { Judgement, SketchJudge } from './sketch-judge.ts';
import { WaitingSketches, type Judged } from './waiting-sketches.ts';

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

/** Sketches that go through the same network. */
interface Batch {
  readonly backbone: BackboneAddress;
  readonly judged: Judged[];
}

/** Follows the open canvases and tells what their sketches are taken for. */
export class PredictionScheduler {
  readonly #options: PredictionSchedulerOptions;
  readonly #canvases: OpenCanvases;
  readonly #waiting = new WaitingSketches();
  readonly #unsubscribe: readonly (() => void)[];
  #isNetworkBusy = false;
  #callOff: () => void = () => undefined;
  /** When the next batch begins; infinite where none is planned. */
  #nextBatchAt = Infinity;
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

  /**
   * The project's model or categories are others now: all its open sketches are judged again, once
   * more from their ink where the backbone is another one, too. Until then they keep their prediction.
   */
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
    void this.#prepare(this.#canvases.open(canvasId), []);
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
    this.#waiting.add({ sketch, canvas });
    this.#planBatch(sketch.dueAt);
  }

  /** One that is planned anyway, and no later, takes along whoever comes until then. */
  #planBatch(dueAt: number): void {
    if (this.#isNetworkBusy || dueAt >= this.#nextBatchAt) return;
    this.#callOff();
    this.#nextBatchAt = dueAt;
    const { clock } = this.#options;
    this.#callOff = clock.after(Math.max(0, dueAt - clock.now()), () => void this.#runBatch());
  }

  async #runBatch(): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    this.#nextBatchAt = Infinity;
    const due = this.#waiting.takeDue(startedAt, MAX_BATCH);
    this.#isNetworkBusy = true;
    for (const batch of this.#byBackbone(due)) await this.#look(batch, startedAt);
    this.#isNetworkBusy = false;
    this.#planBatch(this.#waiting.nextDueAt(clock.now()));
  }

  /** Those whose project's model is not there yet wait for it outside. */
  #byBackbone(due: readonly Judged[]): Iterable<Batch> {
    const batches = new Map<string, Batch>();
    const unprepared = new Map<OpenCanvas, JudgedSketch[]>();
    for (const judged of due) {
      const projectId = judged.canvas.knownProjectId;
      const backbone = projectId === null ? null : this.#options.judge.backboneOf(projectId);
      if (backbone === null) {
        const waiting = unprepared.get(judged.canvas) ?? [];
        unprepared.set(judged.canvas, [...waiting, judged.sketch]);
        continue;
      }
      const batch = batches.get(backbone.backboneId) ?? { backbone, judged: [] };
      batches.set(backbone.backboneId, batch);
      batch.judged.push(judged);
    }
    for (const [canvas, sketches] of unprepared) void this.#prepare(canvas, sketches);
    return batches.values();
  }

  /** Lets sketches wait again once the model of their canvas is there. Never throws. */
  async #prepare(canvas: OpenCanvas, sketches: readonly JudgedSketch[]): Promise<void> {
    try {
      const projectId = await canvas.projectId();
      if (projectId === null) return;
      await this.#options.judge.prepare(projectId);
      this.#waitAgain(canvas, sketches);
    } catch (error) {
      this.#options.onError(error);
      this.#waitAgain(canvas, sketches, this.#options.clock.now() + RETRY_AFTER_MS);
    }
  }

  /** Never throws: what goes wrong with one backbone does not stop the others. */
  async #look({ backbone, judged }: Batch, startedAt: number): Promise<void> {
    for (const { sketch } of judged) sketch.dueAt = startedAt + JUDGE_EVERY_MS;
    try {
      await this.#embed(backbone, judged);
      this.#judgeByCanvas(judged);
    } catch (error) {
      this.#options.onError(error);
      const retryAt = this.#options.clock.now() + RETRY_AFTER_MS;
      for (const { canvas, sketch } of judged) this.#waitAgain(canvas, [sketch], retryAt);
    }
  }

  async #embed(backbone: BackboneAddress, batch: readonly Judged[]): Promise<void> {
    const seen = batch.map(({ sketch: { change } }) => ({ change, strokes: change.strokes() }));
    const { clock, judge } = this.#options;
    const startedAt = clock.now();
    const embeddings = await judge.embedSketches(
      backbone,
      seen.map(({ strokes }) => strokes),
    );
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
      const judgements = await this.#options.judge.judge(projectId, embeddings);
      if (!this.#canvases.isOpen(canvas)) return;
      const isOutdated = (sketch: JudgedSketch, i: number): boolean =>
        judgements[i] === null && sketch.impression === impressions[i];
      this.#waitAgain(canvas, sketches.filter(isOutdated), this.#options.clock.now());
      const news = sketches.flatMap((sketch, i) => {
        const [impression, judged] = [impressions[i], judgements[i]];
        if (!impression || !judged) return [];
        const described = describe(sketch, impression, judged);
        return sketch.accept(judgement, described) ? [described] : [];
      });
      if (news.length > 0) this.#options.onPredictions(canvas.id, news);
    } catch (error) {
      this.#options.onError(error);
      this.#waitAgain(canvas, sketches, this.#options.clock.now() + RETRY_AFTER_MS);
    }
  }

  /** Lets sketches of a canvas, if it is still open, go through the network once more. */
  #waitAgain(canvas: OpenCanvas, sketches: readonly JudgedSketch[], dueAt?: number): void {
    if (sketches.length === 0 || !this.#canvases.isOpen(canvas)) return;
    for (const sketch of sketches) {
      sketch.dueAt = dueAt ?? sketch.dueAt;
      this.#wait(sketch, canvas);
    }
  }
}

function describe(
  { change: { sketchId } }: JudgedSketch,
  { revision, isLive, milliseconds }: Impression,
  judgement: Judgement,
): SketchPrediction {
  return { ...judgement, milliseconds, sketchId, revision, final: !isLive };
}
