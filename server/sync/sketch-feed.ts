import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { readSketch } from '../../shared/canvas-doc.ts';
import { toColumns } from '../../shared/stroke-codec.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import type { SketchInk } from '../domain/ports.ts';
import type { LiveChange, LiveInkOwner, LiveStroke } from './live-ink.ts';
import { LiveInk, pointsOf } from './live-ink.ts';
import { SketchIndex } from './sketch-index.ts';
import { findSketchKey } from './sketch-key.ts';

/** A sketch whose ink has changed, live ink included. */
export interface SketchChange {
  readonly canvasId: string;
  readonly sketchId: string;
  /** Rises with every change of the sketch, also across unloading. */
  readonly revision: number;
  /** Whether somebody is drawing on it right now. */
  readonly isLive: boolean;
  /** Points of the longest stroke that is being drawn, 0 when there is none. */
  readonly livePoints: number;
  /** Finished and live strokes in drawing order; made when asked, as they are then. */
  strokes(): StrokeColumns[];
}

/** A sketch of an open canvas, live ink included. */
export interface OpenSketch extends SketchInk {
  readonly sketchId: string;
  readonly isLive: boolean;
}

export interface SketchFeedOptions {
  readonly canvasId: string;
  readonly canvas: CanvasDoc;
  /** Unix time in ms when the canvas was loaded: where revisions start, so that they never fall. */
  readonly loadedAt: number;
  readonly onChange: (change: SketchChange) => void;
}

/** The sketches of one canvas as people see them now: finished and live ink together. */
export class SketchFeed {
  readonly #options: SketchFeedOptions;
  readonly #index: SketchIndex;
  readonly #live = new LiveInk();
  readonly #revisions = new Map<string, number>();
  /** Sketches that lost a live stroke to the document in the transaction under way. */
  readonly #finishedLive = new Set<string>();
  #revision: number;

  constructor(options: SketchFeedOptions) {
    this.#options = options;
    this.#revision = options.loadedAt;
    this.#index = new SketchIndex(options.canvas);
    options.canvas.ink.observe((event) =>
      event.keysChanged.forEach((id: string) => this.#finishLive(id)),
    );
    // Every observer has run by then, and nobody has been sent the update yet.
    options.canvas.doc.on('afterTransaction', () => this.#announceChanges());
  }

  get liveStrokes(): readonly LiveStroke[] {
    return [...this.#live.strokes];
  }

  /** Takes live ink in; tells in the same tick what it changed. */
  receive(frame: LiveFrame, owner: LiveInkOwner, now: number): LiveChange {
    // A late frame of a stroke that is finished already.
    if (this.#index.hasStroke(frame.strokeId)) return { kind: 'refused' };
    const change = this.#live.receive(frame, owner, now);
    if (change.kind === 'refused') return change;
    this.#announce(this.#index.rootOf(change.sketchId));
    if (change.kind === 'grown' && change.evicted) this.#announceAll([change.evicted.sketchId]);
    return change;
  }

  /** The live strokes of a connection that has gone. */
  orphan(owner: LiveInkOwner): LiveStroke[] {
    return this.#live.orphan(owner);
  }

  /** Forgets a live stroke of which nothing has come. */
  drop(stroke: LiveStroke): void {
    if (this.#live.finish(stroke.id)) this.#announceAll([stroke.sketchId]);
  }

  /** A sketch's finished ink, or null when there is no such sketch. */
  findFinished(sketchId: string): SketchInk | null {
    const { canvas } = this.#options;
    const key = findSketchKey(canvas, sketchId);
    const rootId = this.#index.rootOf(key);
    const { strokes, authorIds } = this.#index.finishedInk(rootId);
    if (strokes.length === 0 && !readSketch(canvas, key)) return null;
    return { strokes, authorIds, revision: this.#revisionOf(rootId) };
  }

  /** All sketches that show ink. */
  all(): OpenSketch[] {
    const live = [...this.#live.sketchIds].map((sketchId) => this.#index.rootOf(sketchId));
    return [...new Set([...this.#index.sketchIds, ...live])]
      .map((sketchId) => this.#describe(sketchId))
      .filter(({ strokes }) => strokes.length > 0);
  }

  #describe(rootId: string): OpenSketch {
    const live = this.#liveOf(rootId);
    const { authorIds } = this.#index.finishedInk(rootId);
    return {
      sketchId: rootId,
      strokes: this.#strokesOf(rootId),
      authorIds: [...new Set([...authorIds, ...live.map(({ participantId }) => participantId)])],
      revision: this.#revisionOf(rootId),
      isLive: live.length > 0,
    };
  }

  #strokesOf(rootId: string): StrokeColumns[] {
    const live = this.#liveOf(rootId).map((stroke) => toColumns(pointsOf(stroke)));
    return [...this.#index.finishedInk(rootId).strokes, ...live];
  }

  #liveOf(rootId: string): readonly LiveStroke[] {
    // Merges are rare, and live ink comes thousands of times a second.
    if (!this.#index.hasMerges) return [...this.#live.ofSketch(rootId)];
    return this.liveStrokes.filter(({ sketchId }) => this.#index.rootOf(sketchId) === rootId);
  }

  #revisionOf(rootId: string): number {
    return this.#revisions.get(rootId) ?? this.#options.loadedAt;
  }

  #finishLive(strokeId: string): void {
    const stroke = this.#live.finish(strokeId);
    if (stroke) this.#finishedLive.add(stroke.sketchId);
  }

  #announceChanges(): void {
    const changed = [...this.#index.takeChanged(), ...this.#finishedLive];
    this.#finishedLive.clear();
    this.#announceAll(changed);
  }

  #announceAll(sketchIds: readonly string[]): void {
    const roots = new Set(sketchIds.map((id) => this.#index.rootOf(id)));
    for (const rootId of roots) this.#announce(rootId);
  }

  #announce(sketchId: string): void {
    const { canvasId, onChange } = this.#options;
    this.#revision += 1;
    this.#revisions.set(sketchId, this.#revision);
    const live = this.#liveOf(sketchId);
    onChange({
      canvasId,
      sketchId,
      revision: this.#revision,
      isLive: live.length > 0,
      livePoints: live.reduce((most, { points }) => Math.max(most, points.length), 0),
      strokes: () => this.#strokesOf(sketchId),
    });
  }
}
