import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { addStroke, cutStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { Participant } from '../../shared/participant.ts';
import type { Random } from '../../shared/random.ts';
import type { SealedUpdate } from '../../shared/sync-protocol.ts';
import { eventually } from './eventually.ts';
import { HttpSession } from './http-session.ts';
import { SyncConnection } from './sync-connection.ts';

/** A change of the document that somebody made, and where it went out. */
export interface MadeChange {
  readonly update: Uint8Array;
  /** Which of the participant's connections it went out by first. */
  readonly connection: number;
  /** Its number there; null when the line was down: then the next step 2 holds it. */
  readonly number: number | null;
}

/** The share of changes that erase, and that undo; the others draw. */
const ERASE = 0.15;
const UNDO = 0.1;

/**
 * A guest over real HTTP and sync sockets whose page outlives its connections: it keeps document
 * and sealed updates, draws, erases and undoes at random, and knows what was acknowledged.
 */
export class ReturningParticipant {
  readonly session: HttpSession;
  readonly participant: Participant;
  readonly canvasId: string;
  readonly canvas: CanvasDoc = openCanvasDoc(new Y.Doc());
  readonly changes: MadeChange[] = [];
  readonly kept: SealedUpdate[] = [];
  readonly #connections: SyncConnection[] = [];
  readonly #undo: Y.UndoManager;
  #made: Uint8Array | null = null;

  /** Use `come`. */
  constructor(session: HttpSession, participant: Participant, canvasId: string) {
    this.session = session;
    this.participant = participant;
    this.canvasId = canvasId;
    const { doc, ink, sketchOf, sketches, cuts } = this.canvas;
    const trackedOrigins = new Set([this]);
    this.#undo = new Y.UndoManager([ink, sketchOf, sketches, cuts], {
      ...{ trackedOrigins, captureTimeout: 0 },
    });
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this || origin === this.#undo) this.#made = update;
    });
  }

  /** A new guest opens the canvas by its link and waits for it; a session given is used instead. */
  static async come(
    url: string,
    canvasId: string,
    session = new HttpSession(url),
  ): Promise<ReturningParticipant> {
    const participant = await session.get<Participant>('/me');
    await session.post(`/canvases/${canvasId}/visits`);
    const guest = new ReturningParticipant(session, participant, canvasId);
    await guest.connect();
    return guest;
  }

  get doc(): Y.Doc {
    return this.canvas.doc;
  }

  /** The connection that came last. */
  get sync(): SyncConnection {
    const last = this.#connections.at(-1);
    if (!last) throw new Error('There was no connection yet.');
    return last;
  }

  /** Comes, or comes back, and waits for the document; tries again where it is refused. */
  async connect(): Promise<void> {
    this.#dial();
    await eventually(() => {
      if (this.sync.isSynced) return;
      if (this.sync.closeCode !== null) this.#dial();
      throw new Error('The document has not come.');
    }, 30_000);
  }

  /** Goes away without a word; document and what was kept stay. */
  disconnect(): void {
    this.sync.terminate();
  }

  /** Draws a stroke, erases a whole one, or takes its own last change back. */
  act(random: Random): void {
    const chance = random();
    const shown = chance < ERASE ? readStrokes(this.canvas) : [];
    const erased = shown[Math.floor(random() * shown.length)];
    if (erased) {
      const cut = { strokeId: erased.id, eraseId: nextId(random) };
      this.#make(() => cutStroke(this.canvas, cut, this));
    } else if (chance < ERASE + UNDO && this.#undo.canUndo()) {
      this.#make(() => this.#undo.undo());
    } else {
      this.draw(random);
    }
  }

  /** Draws one stroke like no other; its id. */
  draw(random: Random, points = 12): string {
    const strokeId = nextId(random);
    const along = Array.from({ length: points }, (_, i) => i);
    const [x, y] = [random() * 900_000, random() * 900_000];
    const ink = {
      style: { tool: 'pen', color: this.participant.color, width: 4 },
      authorId: this.participant.id,
      startedAt: Date.now(),
      points: {
        xs: along.map((i) => Math.round(x + 5 * i)),
        ys: along.map((i) => Math.round(y + 40 * Math.sin(i + x))),
        ts: along.map((i) => 16 * i),
        pressures: along.map(() => 1),
      },
    } as const;
    const sketchId = `sketch-${Math.floor(random() * 4)}-${this.participant.id}`;
    this.#make(() => addStroke(this.canvas, { id: strokeId, sketchId, ink }, this));
    return strokeId;
  }

  /** Acts again and again, with pauses as a quick hand makes them, until it is over. */
  async actUntil(isOver: () => boolean, random: Random): Promise<void> {
    while (!isOver()) {
      this.act(random);
      const pauseMs = 8 + 22 * random();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** The server has said of these that they are on its disk. */
  get acknowledged(): MadeChange[] {
    return this.changes.filter((change) => this.#isAcknowledged(change));
  }

  #isAcknowledged({ connection, number }: MadeChange): boolean {
    return this.#connections.slice(connection).some(({ acknowledged, step2Number }, later) => {
      const carrier = later === 0 ? (number ?? step2Number) : step2Number;
      return carrier !== null && carrier <= acknowledged;
    });
  }

  #dial(): void {
    const { url, cookie } = this.session;
    const visitor = { cookie, doc: this.doc, kept: this.kept };
    this.#connections.push(new SyncConnection(url, this.canvasId, visitor));
  }

  #make(edit: () => unknown): void {
    const { sync } = this;
    const sentBefore = sync.sent;
    this.#made = null;
    edit();
    if (!this.#made) return;
    const last = this.#connections.length - 1;
    const isSent = sync.sent > sentBefore;
    // A line that is just being taken up carries it in its step 2; one that broke does not.
    const isOnNext = !isSent && (sync.step2Number !== null || sync.closeCode !== null);
    this.changes.push({
      update: this.#made,
      connection: isOnNext ? last + 1 : last,
      number: isSent ? sync.sent : null,
    });
  }
}

function nextId(random: Random): string {
  return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(36)).join('-');
}
