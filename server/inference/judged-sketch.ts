import type { SketchPrediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { SketchEmbedding } from './sketch-judge.ts';

/** A sketch whose ink has changed, live ink included. */
export interface SketchChange {
  readonly canvasId: string;
  readonly sketchId: string;
  /** Rises with every change of the sketch. */
  readonly revision: number;
  /** Whether somebody is drawing on it right now. */
  readonly isLive: boolean;
  /** Points of the longest stroke that is being drawn; not told: enough of them. */
  readonly livePoints?: number;
  /** The strokes as they are when asked. */
  strokes(): readonly StrokeColumns[];
}

/** What the network made of a sketch at one revision. */
export interface Impression {
  readonly revision: number;
  readonly isLive: boolean;
  /** Null where there was nothing to judge. */
  readonly embedding: SketchEmbedding | null;
  readonly milliseconds: number;
}

/** A sketch of an open canvas, and how far it has been judged. */
export class JudgedSketch {
  /** The newest ink. */
  change: SketchChange;
  /** When it may go through the network next, in the clock's milliseconds. */
  dueAt: number;
  impression: Impression | null = null;
  prediction: SketchPrediction | null = null;
  /** Of the judgement that the prediction is from: an older one that comes late is dropped. */
  #judgement = 0;

  constructor(change: SketchChange, now: number) {
    this.change = change;
    this.dueAt = now;
  }

  /** False for news that are older than what is known. */
  update(change: SketchChange): boolean {
    if (change.revision < this.change.revision) return false;
    this.change = change;
    return true;
  }

  /** False when a later judgement was quicker. */
  accept(judgement: number, prediction: SketchPrediction): boolean {
    if (judgement < this.#judgement) return false;
    this.#judgement = judgement;
    this.prediction = prediction;
    return true;
  }
}
