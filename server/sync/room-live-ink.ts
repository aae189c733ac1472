import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { addStroke } from '../../shared/canvas-doc.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import { encodeLiveFrame } from '../../shared/sync-protocol.ts';
import type { Broadcast } from './broadcast.ts';
import { ChangeOrigin } from './client-update.ts';
import type { Clock } from './clock.ts';
import type { LiveStroke } from './live-ink.ts';
import { toCancelFrame, toFrame, toInkStroke } from './live-ink.ts';
import type { RoomMember } from './room-member.ts';
import type { SketchFeed } from './sketch-feed.ts';

/** An author who vanished in mid-stroke has so long to come back before the hub finishes it. */
const FINISH_ORPHANS_AFTER_MS = 5_000;

export interface RoomLiveInkOptions {
  readonly canvas: CanvasDoc;
  readonly sketches: SketchFeed;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
}

/** The strokes that are being drawn on a canvas: passed on at once, and never lost half-way. */
export class RoomLiveInk {
  readonly #options: RoomLiveInkOptions;
  readonly #orphanTimers = new Set<() => void>();

  constructor(options: RoomLiveInkOptions) {
    this.#options = options;
  }

  /** Takes a frame in and passes it on as it came. False: it was not the member's to send. */
  receive(frame: LiveFrame, bytes: Uint8Array, member: RoomMember): boolean {
    const { sketches, broadcast, clock } = this.#options;
    const change = sketches.receive(frame, member, clock.now());
    if (change.kind === 'refused') return false;
    broadcast.live(bytes, member);
    if (change.kind === 'grown' && change.evicted) this.#forget(change.evicted);
    return true;
  }

  /** Everything that is being drawn, for somebody who has just come. */
  frames(): Uint8Array[] {
    return this.#options.sketches.liveStrokes.map((stroke) => encodeLiveFrame(toFrame(stroke)));
  }

  /** Its connection has gone: its strokes wait a while for their author. */
  leave(member: RoomMember): void {
    for (const stroke of this.#options.sketches.orphan(member)) this.#finishLater(stroke);
  }

  /** What a participant is drawing, and may not draw any more, is given up. */
  giveUp(participantId: string): void {
    const { sketches } = this.#options;
    for (const stroke of sketches.liveStrokes) {
      if (stroke.participantId !== participantId) continue;
      sketches.drop(stroke);
      this.#forget(stroke);
    }
  }

  /** Puts all of it into the document, whoever draws it. */
  finishAll(): void {
    for (const stroke of this.#options.sketches.liveStrokes) this.#finish(stroke);
  }

  destroy(): void {
    for (const stop of this.#orphanTimers) stop();
  }

  #forget(stroke: LiveStroke): void {
    this.#options.broadcast.live(encodeLiveFrame(toCancelFrame(stroke)), null);
  }

  #finishLater(stroke: LiveStroke): void {
    const stop = this.#options.clock.after(FINISH_ORPHANS_AFTER_MS, () => {
      this.#orphanTimers.delete(stop);
      if (stroke.owner === null) this.#finish(stroke);
    });
    this.#orphanTimers.add(stop);
  }

  #finish(stroke: LiveStroke): void {
    const { canvas, sketches } = this.#options;
    if (!sketches.liveStrokes.includes(stroke)) return;
    const ink = toInkStroke(stroke);
    if (ink.points.xs.length === 0) return sketches.drop(stroke);
    const { id, sketchId, participantId } = stroke;
    addStroke(canvas, { id, sketchId, ink }, new ChangeOrigin(participantId));
  }
}
