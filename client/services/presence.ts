import type { Awareness } from 'y-protocols/awareness';
import { z } from 'zod';
import type { Participant } from '../../shared/participant.ts';

/** Somebody who has this canvas open, as he tells it himself. */
const Presence = z.object({
  participantId: z.string(),
  nickname: z.string(),
  color: z.string().regex(/^#[0-9a-f]{6}$/i),
  cursor: z.object({ x: z.number(), y: z.number() }).optional(),
  sketchId: z.string().optional(),
});
export type Presence = z.infer<typeof Presence>;

const PRESENCE_EVERY_MS = 100;

/** Who is on a canvas: what I tell of myself, at most ten times a second, and what others tell. */
export class People {
  readonly #awareness: Awareness;
  #own: Presence | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(awareness: Awareness) {
    this.#awareness = awareness;
  }

  /** Everybody on the canvas, oneself first; two tabs of one person count once. */
  get all(): readonly Presence[] {
    const byId = new Map<string, Presence>();
    if (this.#own) byId.set(this.#own.participantId, this.#own);
    for (const state of this.#awareness.getStates().values()) {
      const parsed = Presence.safeParse(state);
      if (parsed.success && !byId.has(parsed.data.participantId))
        byId.set(parsed.data.participantId, parsed.data);
    }
    return [...byId.values()];
  }

  /** Tells the others who I am. */
  introduce({ id, nickname, color }: Participant): void {
    this.#own = { ...this.#own, participantId: id, nickname, color };
    this.#publish();
  }

  /** Tells the others where my pen is and on what. */
  point(at: Pick<Presence, 'cursor' | 'sketchId'>): void {
    if (!this.#own) return;
    this.#own = { ...this.#own, ...at };
    this.#timer ??= setTimeout(() => this.#publish(), PRESENCE_EVERY_MS);
  }

  /** My pen has left the paper. */
  hideCursor(): void {
    if (!this.#own) return;
    const { participantId, nickname, color } = this.#own;
    this.#own = { participantId, nickname, color };
    this.#publish();
  }

  /** A server that has seen me go takes nothing from me that it has heard before. */
  introduceAgain(): void {
    if (this.#own) this.#publish();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#awareness.setLocalState(this.#own);
  }
}
