import { MAX_LIVE_STROKES_PER_CONNECTION, MAX_POINTS_PER_STROKE } from '../../shared/limits.ts';
import type { InkPoints, InkStroke, InkStyle } from '../../shared/stroke-codec.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';

/** Whose hand it is: a connection. Two connections of one participant are two hands. */
export interface LiveInkOwner {
  readonly participantId: string;
}

type Point = readonly [x: number, y: number, t: number, pressure: number];

/** A stroke that is still being drawn. */
export interface LiveStroke {
  readonly id: string;
  readonly sketchId: string;
  readonly startedAt: number;
  style: InkStyle;
  /** The connection that draws it; null when it has gone. */
  owner: LiveInkOwner | null;
  readonly participantId: string;
  /** By index; frames that were lost leave holes. */
  readonly points: (Point | undefined)[];
}

/** What a frame did. */
export type LiveChange =
  | { readonly kind: 'grown'; readonly sketchId: string; readonly evicted: LiveStroke | null }
  | { readonly kind: 'cancelled'; readonly sketchId: string }
  | { readonly kind: 'refused' };

/** The live ink of one canvas. It is memory only: the finished stroke is what the document keeps. */
export class LiveInk {
  readonly #strokes = new Map<string, LiveStroke>();
  readonly #bySketch = new Map<string, Set<LiveStroke>>();

  get strokes(): Iterable<LiveStroke> {
    return this.#strokes.values();
  }

  /** The ids of the sketches that somebody is drawing on. */
  get sketchIds(): Iterable<string> {
    return this.#bySketch.keys();
  }

  /** The strokes that were begun in a sketch, in the order of their beginnings. */
  ofSketch(sketchId: string): Iterable<LiveStroke> {
    return this.#bySketch.get(sketchId) ?? [];
  }

  /** Takes a frame in. A stroke belongs to the connection that began it. */
  receive(frame: LiveFrame, owner: LiveInkOwner, now: number): LiveChange {
    const known = this.#strokes.get(frame.strokeId);
    if (known && !mayContinue(known, owner)) return { kind: 'refused' };
    if (frame.isCancelled) {
      if (!known) return { kind: 'refused' };
      this.finish(known.id);
      return { kind: 'cancelled', sketchId: known.sketchId };
    }
    if (frame.sequence + frame.points.xs.length > MAX_POINTS_PER_STROKE) return { kind: 'refused' };
    const evicted = known ? null : this.#makeRoomFor(owner);
    const stroke = known ?? this.#begin(frame, owner, now);
    stroke.owner = owner;
    stroke.style = frame.style;
    placePoints(stroke.points, frame);
    return { kind: 'grown', sketchId: stroke.sketchId, evicted };
  }

  /** Forgets a stroke, because it is in the document now; returns it. */
  finish(strokeId: string): LiveStroke | null {
    const stroke = this.#strokes.get(strokeId) ?? null;
    if (!stroke) return null;
    this.#strokes.delete(strokeId);
    const others = this.#bySketch.get(stroke.sketchId);
    others?.delete(stroke);
    if (others?.size === 0) this.#bySketch.delete(stroke.sketchId);
    return stroke;
  }

  /** Its author has gone: the strokes stay until they are finished for him or he is back. */
  orphan(owner: LiveInkOwner): LiveStroke[] {
    const orphans = [...this.#strokes.values()].filter((stroke) => stroke.owner === owner);
    for (const stroke of orphans) stroke.owner = null;
    return orphans;
  }

  #begin(frame: LiveFrame, owner: LiveInkOwner, now: number): LiveStroke {
    const { strokeId: id, sketchId, style, points } = frame;
    const startedAt = now - (points.ts.at(-1) ?? 0);
    const { participantId } = owner;
    const stroke: LiveStroke = {
      ...{ id, sketchId, startedAt, style, owner, participantId, points: [] },
    };
    this.#strokes.set(id, stroke);
    const others = this.#bySketch.get(sketchId);
    if (others) others.add(stroke);
    else this.#bySketch.set(sketchId, new Set([stroke]));
    return stroke;
  }

  #makeRoomFor(owner: LiveInkOwner): LiveStroke | null {
    const own = [...this.#strokes.values()].filter((stroke) => stroke.owner === owner);
    const [oldest] = own;
    return oldest && own.length >= MAX_LIVE_STROKES_PER_CONNECTION ? this.finish(oldest.id) : null;
  }
}

/** The points that have arrived, in order. */
export function pointsOf(stroke: LiveStroke): InkPoints {
  const points = stroke.points.filter((point) => point !== undefined);
  return {
    xs: points.map(([x]) => x),
    ys: points.map(([, y]) => y),
    ts: points.map(([, , t]) => t),
    pressures: points.map(([, , , pressure]) => pressure),
  };
}

/** The stroke as the document would keep it. */
export function toInkStroke(stroke: LiveStroke): InkStroke {
  const { style, participantId: authorId, startedAt } = stroke;
  return { style, authorId, startedAt, points: pointsOf(stroke) };
}

/** All of the stroke as one frame, for somebody who joins in mid-stroke. */
export function toFrame(stroke: LiveStroke): LiveFrame {
  const { id: strokeId, sketchId, style } = stroke;
  return { strokeId, sketchId, sequence: 0, isCancelled: false, style, points: pointsOf(stroke) };
}

/** The frame that makes everybody forget the stroke. */
export function toCancelFrame(stroke: LiveStroke): LiveFrame {
  const points = { xs: [], ys: [], ts: [], pressures: [] };
  return { ...toFrame(stroke), isCancelled: true, points };
}

function mayContinue(stroke: LiveStroke, owner: LiveInkOwner): boolean {
  if (stroke.owner !== null) return stroke.owner === owner;
  return stroke.participantId === owner.participantId;
}

function placePoints(into: (Point | undefined)[], frame: LiveFrame): void {
  const { xs, ys, ts, pressures } = frame.points;
  for (let i = 0; i < xs.length; i++)
    into[frame.sequence + i] = [xs[i] ?? 0, ys[i] ?? 0, ts[i] ?? 0, pressures[i] ?? 0.5];
}
