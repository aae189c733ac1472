import { uuidv4 } from 'lib0/random';
import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { addStroke, cutStroke, updateSketch } from '../../shared/canvas-doc.ts';
import type { CanvasMode } from '../../shared/project.ts';
import type { GroupedSketch } from '../../shared/sketch-grouping.ts';
import { bridgedSketches, sketchForNewStroke } from '../../shared/sketch-grouping.ts';
import type { InkStyle } from '../../shared/stroke-codec.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import type { InkIndex } from './ink-index.ts';
import type { PenSample, Piece } from './stroke-recorder.ts';
import { StrokeRecorder } from './stroke-recorder.ts';

/** One frame of live ink every so many ms. */
const FRAME_EVERY_MS = 33;

export interface InkEditorOptions {
  readonly canvas: CanvasDoc;
  readonly index: InkIndex;
  readonly mode: CanvasMode;
  readonly authorId: string;
  /** Sends live ink to the others; false while nobody can be reached. */
  readonly sendLive: (frame: LiveFrame) => boolean;
  /** Whether this person may change the canvas; while he may not, nothing here does. */
  readonly mayDraw: () => boolean;
}

/**
 * What one person does to the ink: draw, erase, undo. Every gesture is one step to undo, and only
 * one's own steps are undone. Events: `live` (the stroke being drawn has changed), `change`.
 */
export class InkEditor extends EventTarget {
  readonly #options: InkEditorOptions;
  readonly #origin = Symbol('own ink');
  readonly #undo: Y.UndoManager;
  #recorder: StrokeRecorder | null = null;
  #frameTimer: ReturnType<typeof setInterval> | undefined;
  #forcesNewSketch = false;
  #eraseId: string | null = null;
  /** How many steps there were to undo when the pen or the eraser came down; null while neither is. */
  #stepsBefore: number | null = null;
  /** The sketches as they were when the pen came down. */
  #sketchesBefore: readonly GroupedSketch[] = [];
  #lastSketchId: string | null = null;

  constructor(options: InkEditorOptions) {
    super();
    this.#options = options;
    const { ink, sketchOf, sketches, cuts } = options.canvas;
    this.#undo = new Y.UndoManager([ink, sketchOf, sketches, cuts], {
      trackedOrigins: new Set([this.#origin]),
      captureTimeout: Number.POSITIVE_INFINITY,
      // Others may have drawn on it since: without its sketch their ink would belong to none.
      deleteFilter: (item) => !isFirstValue(item, sketches),
    });
    for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const)
      this.#undo.on(event, () => this.#tell('change'));
  }

  /** The stroke being drawn, or null. */
  get current(): StrokeRecorder | null {
    return this.#recorder;
  }

  /** The sketch that was drawn on last, or null. */
  get lastSketchId(): string | null {
    return this.#lastSketchId;
  }

  get canUndo(): boolean {
    return this.#options.mayDraw() && this.#undo.canUndo();
  }

  get canRedo(): boolean {
    return this.#options.mayDraw() && this.#undo.canRedo();
  }

  /** Whether the next stroke begins a new sketch whatever is near it. */
  get startsNewSketch(): boolean {
    return this.#forcesNewSketch;
  }

  /** Makes the next stroke begin a new sketch. */
  startNewSketch(): void {
    this.#forcesNewSketch = true;
    this.#tell('change');
  }

  /** Pen down. */
  begin(sample: PenSample, style: InkStyle): void {
    if (!this.#options.mayDraw()) return;
    this.finish();
    this.#beginStep();
    const { authorId } = this.#options;
    this.#sketchesBefore = groupedSketches(this.#options.index);
    const sketchId = this.#sketchFor(sample);
    this.#forcesNewSketch = false;
    this.#lastSketchId = sketchId;
    this.#recorder = new StrokeRecorder({ strokeId: uuidv4(), sketchId, authorId, style }, sample);
    this.#frameTimer = setInterval(() => this.#sendFrames(), FRAME_EVERY_MS);
    this.#tell('live');
  }

  /** The pen has moved. */
  extend(samples: readonly PenSample[]): void {
    if (!this.#recorder) return;
    for (const sample of samples) {
      this.#recorder.add(sample);
      const piece = this.#recorder.takePiece(sample.at);
      if (piece) this.#commit(piece);
    }
    this.#tell('live');
  }

  /** Pen or eraser up: the stroke becomes ink of the document. */
  finish(): void {
    this.#stepsBefore = null;
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#stopRecording();
    const { canvas } = this.#options;
    canvas.doc.transact(() => {
      this.#commit(recorder.finish());
      this.#mergeBridged(recorder);
    }, this.#origin);
    this.#tell('live');
  }

  /**
   * The stroke was not meant: a palm, or two fingers that move the paper. What the pen has drawn and the
   * eraser has taken since it came down is as before, and cannot be done again.
   */
  cancel(): void {
    const recorder = this.#recorder;
    if (recorder) {
      this.#stopRecording();
      this.#options.sendLive(recorder.cancelFrame());
    }
    this.#takeStepBack();
    this.#tell('live');
  }

  /** What this person may do has changed: a stroke that would be refused is given up. */
  followRole(): void {
    if (!this.#options.mayDraw()) this.cancel();
    this.#tell('change');
  }

  /** Tells the others the whole stroke being drawn again, after a reconnect. */
  resendLive(): void {
    this.#recorder?.resend();
  }

  /** The eraser touches the paper: what it takes until it lifts is one step. */
  beginErasing(): void {
    if (!this.#options.mayDraw()) return;
    this.#beginStep();
    this.#eraseId = uuidv4();
  }

  /** Hides strokes. */
  erase(strokeIds: readonly string[]): void {
    const eraseId = this.#eraseId;
    if (!eraseId || strokeIds.length === 0 || !this.#options.mayDraw()) return;
    const { canvas } = this.#options;
    canvas.doc.transact(() => {
      for (const strokeId of strokeIds) cutStroke(canvas, { strokeId, eraseId }, this.#origin);
    }, this.#origin);
  }

  undo(): void {
    if (!this.#options.mayDraw()) return;
    this.finish();
    this.#undo.undo();
  }

  redo(): void {
    if (!this.#options.mayDraw()) return;
    this.finish();
    this.#undo.redo();
  }

  close(): void {
    this.finish();
    this.#undo.destroy();
  }

  #beginStep(): void {
    this.#undo.stopCapturing();
    this.#stepsBefore = this.#undo.undoStack.length;
  }

  /** The server would refuse it from somebody who may not draw any more. */
  #takeStepBack(): void {
    const before = this.#stepsBefore;
    this.#stepsBefore = null;
    if (before === null || this.#undo.undoStack.length <= before || !this.#options.mayDraw())
      return;
    this.#undo.undo();
    this.#undo.clear(false, true);
  }

  #sketchFor(sample: PenSample): string {
    if (this.#forcesNewSketch) return uuidv4();
    const { authorId, mode } = this.#options;
    const start = { x: sample.x, y: sample.y };
    const sketches = this.#sketchesBefore;
    const choice = sketchForNewStroke({ start, at: sample.at, authorId, mode, sketches });
    return 'sketchId' in choice ? choice.sketchId : uuidv4();
  }

  /** A stroke across two of one's own sketches makes them one. */
  #mergeBridged({ box, stroke }: StrokeRecorder): void {
    const { authorId, canvas, mode } = this.#options;
    if (mode !== 'free') return;
    const own = this.#sketchesBefore.filter((sketch) => sketch.authorId === authorId);
    const [into, ...others] = bridgedSketches(box, own);
    if (into === undefined) return;
    for (const sketchId of new Set([...others, stroke.sketchId]))
      if (sketchId !== into)
        updateSketch(canvas, { sketchId, to: { mergedInto: into } }, this.#origin);
  }

  #commit(piece: Piece): void {
    addStroke(this.#options.canvas, piece, this.#origin);
  }

  #sendFrames(): void {
    for (;;) {
      const frame = this.#recorder?.takeFrame();
      if (!frame) return;
      if (!this.#options.sendLive(frame)) {
        this.#recorder?.resend();
        return;
      }
    }
  }

  #stopRecording(): void {
    clearInterval(this.#frameTimer);
    this.#recorder = null;
  }

  #tell(event: 'live' | 'change'): void {
    this.dispatchEvent(new Event(event));
  }
}

/** Whether an item is the first value that a key of the map has had. */
function isFirstValue(item: Y.Item, map: Y.Map<unknown>): boolean {
  return item.parent === map && item.left === null;
}

function groupedSketches(index: InkIndex): readonly GroupedSketch[] {
  return [...index.sketches.values()].map(({ id, value, box, lastInkAt }) => ({
    sketchId: id,
    authorId: value.authorId,
    box,
    lastInkAt,
  }));
}
