import type { SketchPrediction } from '../../shared/prediction.ts';

/** The newest prediction of each sketch of a canvas. Event: `change`. */
export class Predictions extends EventTarget {
  readonly #newest = new Map<string, SketchPrediction>();

  of(sketchId: string): SketchPrediction | null {
    return this.#newest.get(sketchId) ?? null;
  }

  /** What a canvas' sketches are taken for on joining it; the server counts revisions anew then. */
  replace(predictions: readonly SketchPrediction[]): void {
    this.#newest.clear();
    this.add(predictions);
  }

  /** Takes predictions in, those aside that are older than what is known. */
  add(predictions: readonly SketchPrediction[]): void {
    const news = predictions.filter(
      (prediction) => prediction.revision >= (this.of(prediction.sketchId)?.revision ?? 0),
    );
    for (const prediction of news) this.#newest.set(prediction.sketchId, prediction);
    this.dispatchEvent(new CustomEvent('change', { detail: news }));
  }
}
