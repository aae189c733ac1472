import type { DrawnRecord, ScriptedParticipant } from '../test/support/scripted-participant.ts';

/** A sketch's strokes and who drew them. */
export interface Drawn {
  readonly author: ScriptedParticipant;
  readonly strokes: readonly DrawnRecord[];
}

/** The first prediction of this sketch beyond this revision is waited for. */
export interface PredictionWait {
  /** Only one without live ink will do. */
  readonly isFinal: boolean;
  readonly sketchId: string;
  readonly revision: number;
  readonly since: number;
}

/** Whether a prediction is the one that was waited for. */
export function answers(
  { revision, final }: { readonly revision: number; readonly final: boolean },
  wait: PredictionWait,
): boolean {
  return revision > wait.revision && (final || !wait.isFinal);
}

interface Change {
  readonly sketchId: string;
  readonly at: number;
}

/** Sockets overtake each other by dozens of changes; a lost one shifts the count by hundreds. */
const MAX_DRIFT = 200;

/**
 * Which revision of a sketch holds a frame. The server counts one revision for each live frame and
 * each finished stroke of a canvas, and nobody else draws there, so the n-th change that was sent is
 * revision base + n, but for sockets that overtake each other by a few. A prediction counts as
 * containing a frame when its revision lies past the middle between that frame and the sketch's
 * change before it.
 */
export class Revisions {
  readonly #changes: readonly Change[];
  readonly #base: number;

  constructor(drawn: readonly Drawn[]) {
    this.#changes = drawn
      .flatMap(({ strokes }) => strokes.flatMap((stroke) => changesOf(stroke)))
      .sort((a, b) => a.at - b.at);
    const predictions = drawn.flatMap(({ author }) => author.predictions);
    const newest = predictions.reduce(
      (max, { prediction }) => Math.max(max, prediction.revision),
      0,
    );
    this.#base = newest - this.#changes.length;
    this.#check(drawn);
  }

  /** A revision that the sketch had before the change sent at this moment, but not after it. */
  since(sketchId: string, at: number): number {
    const own = this.#changes.flatMap((change, i) => (change.sketchId === sketchId ? [i + 1] : []));
    const place = own.findIndex((rank) => this.#changes[rank - 1]?.at === at);
    const rank = own[place] ?? 0;
    return this.#base + (rank + (own[place - 1] ?? rank - 1)) / 2;
  }

  /** Each sketch's last prediction must be about its last change, or the count is wrong. */
  #check(drawn: readonly Drawn[]): void {
    for (const { author, strokes } of drawn) {
      const [{ sketchId, penUpAt }] = [strokes.at(-1) ?? { sketchId: '', penUpAt: 0 }];
      const rank = this.#changes.findIndex(({ at }) => at === penUpAt) + 1;
      const last = author.predictionsOf(sketchId).at(-1)?.prediction.revision;
      if (last === undefined || Math.abs(last - this.#base - rank) > MAX_DRIFT)
        throw new Error(
          `The server counted other changes: ${last ?? 'none'}, ${this.#base + rank}`,
        );
    }
  }
}

function changesOf({ sketchId, frames, penUpAt }: DrawnRecord): Change[] {
  return [...frames.map(({ sentAt }) => ({ sketchId, at: sentAt })), { sketchId, at: penUpAt }];
}
