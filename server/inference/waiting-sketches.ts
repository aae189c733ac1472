import type { JudgedSketch } from './judged-sketch.ts';
import type { OpenCanvas } from './open-canvases.ts';

/** A sketch and where it is. */
export interface Judged {
  readonly canvas: OpenCanvas;
  readonly sketch: JudgedSketch;
}

/**
 * The sketches that wait for the network. There may be hundreds of thousands, so that they are never
 * gone through as a whole while some of them are due.
 */
export class WaitingSketches {
  /** Those that are being drawn on come first: of the others a canvas has many when it is opened. */
  readonly #drawnOn = new Map<JudgedSketch, OpenCanvas>();
  readonly #finished = new Map<JudgedSketch, OpenCanvas>();

  add({ sketch, canvas }: Judged): void {
    const { isLive } = sketch.change;
    // One that waits already keeps its place, however often it changes.
    (isLive ? this.#drawnOn : this.#finished).set(sketch, canvas);
    (isLive ? this.#finished : this.#drawnOn).delete(sketch);
  }

  delete(sketch: JudgedSketch): void {
    this.#drawnOn.delete(sketch);
    this.#finished.delete(sketch);
  }

  clear(): void {
    this.#drawnOn.clear();
    this.#finished.clear();
  }

  /** When the first of them is due, or `now` where one is already; infinite where none waits. */
  nextDueAt(now: number): number {
    return Math.min(nextDueAt(this.#drawnOn, now), nextDueAt(this.#finished, now));
  }

  /** Takes out so many that are due. */
  takeDue(now: number, most: number): Judged[] {
    const taken = dueOf(this.#drawnOn, now, most);
    taken.push(...dueOf(this.#finished, now, most - taken.length));
    for (const { sketch } of taken) this.delete(sketch);
    return taken;
  }
}

function nextDueAt(waiting: ReadonlyMap<JudgedSketch, OpenCanvas>, now: number): number {
  let next = Infinity;
  for (const { dueAt } of waiting.keys()) {
    if (dueAt <= now) return now;
    next = Math.min(next, dueAt);
  }
  return next;
}

function dueOf(
  waiting: ReadonlyMap<JudgedSketch, OpenCanvas>,
  now: number,
  most: number,
): Judged[] {
  const due: Judged[] = [];
  for (const [sketch, canvas] of waiting) {
    if (due.length >= most) break;
    if (sketch.dueAt <= now) due.push({ sketch, canvas });
  }
  return due;
}
