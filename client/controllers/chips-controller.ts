import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SketchPrediction } from '../../shared/prediction.ts';
import type { Box } from '../../shared/stroke.ts';
import { boxOf } from '../../shared/stroke.ts';
import type { SteadyLabel } from '../drawing/steady-label.ts';
import { steadyLabelAfter } from '../drawing/steady-label.ts';
import { unionOf } from '../drawing/view.ts';
import type { CanvasSession } from '../services/canvas-session.ts';

/** What a sketch is taken for, as its bubble shows it. */
export interface SketchGuess {
  readonly sketchId: string;
  /** In canvas units, live ink included. */
  readonly box: Box;
  /** Name of the category, or null for "?". */
  readonly label: string | null;
  readonly confidence: number;
  readonly isFinal: boolean;
  /** Somebody has said that it shows this. */
  readonly isConfirmed: boolean;
  /** The author's colour, or null where the author is unknown. */
  readonly color: string | null;
}

/** Makes the bubbles' contents from a session: steady labels, boxes, authors. */
export class ChipsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #steady = new Map<string, SteadyLabel>();
  #session: CanvasSession | null = null;
  readonly #onPredictions = (event: Event): void => {
    if (!(event instanceof CustomEvent)) return;
    for (const prediction of event.detail as readonly SketchPrediction[]) this.#take(prediction);
    this.#host.requestUpdate();
  };

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Shows this session's sketches from now on. */
  follow(session: CanvasSession): void {
    if (session === this.#session) return;
    this.hostDisconnected();
    this.#session = session;
    session.predictions.addEventListener('change', this.#onPredictions);
  }

  /** A guess for each sketch that has one: none for empty ones and dots. */
  get guesses(): readonly SketchGuess[] {
    const session = this.#session;
    if (!session) return [];
    return [...sketchIdsOf(session)]
      .map((sketchId) => this.#guessOf(session, sketchId))
      .filter((guess) => guess !== null);
  }

  hostDisconnected(): void {
    this.#session?.predictions.removeEventListener('change', this.#onPredictions);
    this.#session = null;
    this.#steady.clear();
  }

  #take(prediction: SketchPrediction): void {
    const shown = this.#steady.get(prediction.sketchId) ?? null;
    this.#steady.set(prediction.sketchId, steadyLabelAfter(shown, prediction));
  }

  #guessOf(session: CanvasSession, sketchId: string): SketchGuess | null {
    const box = boxOfSketch(session, sketchId);
    const shown = confirmedLabel(session, sketchId) ?? this.#guessedLabel(session, sketchId);
    if (!box || !shown || isDot(box)) return null;
    return { sketchId, box, color: authorColor(session, sketchId), ...shown };
  }

  #guessedLabel(session: CanvasSession, sketchId: string): ShownLabel | null {
    const steady = this.#steady.get(sketchId);
    if (!steady) return null;
    const { label, confidence } = steady;
    const isFinal = session.predictions.of(sketchId)?.final ?? false;
    return { label, confidence, isFinal, isConfirmed: false };
  }
}

type ShownLabel = Pick<SketchGuess, 'label' | 'confidence' | 'isFinal' | 'isConfirmed'>;

function sketchIdsOf({ sync, editor, index }: CanvasSession): Set<string> {
  const live = [...sync.liveInk.strokes].map((stroke) => stroke.sketchId);
  const own = editor.current?.stroke.sketchId;
  return new Set([...index.sketches.keys(), ...live, ...(own ? [own] : [])]);
}

/** Of a sketch that is not in the document yet, presence tells who is drawing it. */
function authorColor({ sync, index }: CanvasSession, sketchId: string): string | null {
  const authorId = index.sketches.get(sketchId)?.value.authorId;
  const author = sync.people.find((person) =>
    authorId ? person.participantId === authorId : person.sketchId === sketchId,
  );
  return author?.color ?? null;
}

/** Around all ink of a sketch. That of finished strokes is known already; this runs in every frame. */
function boxOfSketch(session: CanvasSession, sketchId: string): Box | null {
  const finished = session.index.sketches.get(sketchId)?.box;
  const live = boxOf(session.liveStrokesOf(sketchId));
  return unionOf([finished, live].filter((box) => box !== undefined && box !== null));
}

/** A dot has no size: nothing can be told from it. */
function isDot(box: Box): boolean {
  return box.right === box.left && box.bottom === box.top;
}

function confirmedLabel(
  { index, projectState }: CanvasSession,
  sketchId: string,
): ShownLabel | null {
  const label = projectState.nameOf(index.sketches.get(sketchId)?.value.categoryId ?? null);
  return label === null ? null : { label, confidence: 1, isFinal: true, isConfirmed: true };
}
