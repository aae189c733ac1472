import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect } from 'vitest';
import type { HubOptions } from '../../server/sync/hub.ts';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import { eventually } from './eventually.ts';
import { MemoryCanvasLog } from './memory-canvas-log.ts';
import type { Person, RunningHub, Visit } from './start-hub.ts';
import { startHub, visit } from './start-hub.ts';
import { SyncConnection } from './sync-connection.ts';

/** A connection of our own with the typed view of its document. */
export interface Guest {
  readonly connection: SyncConnection;
  readonly canvas: CanvasDoc;
}

/** A hub on a log in memory for each test, with one canvas and whoever comes to it. */
export class HubGuests {
  log = new MemoryCanvasLog();
  canvasId: string = randomUUID();
  #running: RunningHub | null = null;
  #leaving: (() => void)[] = [];

  /** Registers set-up and clean-up with the test file. */
  static forEachTest(options: () => Partial<HubOptions> = () => ({})): HubGuests {
    const guests = new HubGuests();
    beforeEach(async () => {
      guests.log = new MemoryCanvasLog();
      guests.canvasId = randomUUID();
      guests.#running = await startHub({ log: guests.log, ...options() });
    });
    afterEach(async () => {
      for (const leave of guests.#leaving.splice(0)) leave();
      await guests.running.stop();
    });
    return guests;
  }

  get running(): RunningHub {
    if (!this.#running) throw new Error('The hub is started before each test');
    return this.#running;
  }

  get hub(): RunningHub['hub'] {
    return this.running.hub;
  }

  /** Comes by the stock client. */
  comeAsStock(participantId: string, more: Partial<Visit> = {}): Person {
    const { canvasId, running } = this;
    const person = visit({ url: running.url, canvasId, participantId, ...more });
    this.#leaving.push(person.leave);
    return person;
  }

  /** Comes with our own message types, and waits until the canvas is there. */
  async come(participantId: string, role = 'contributor'): Promise<Guest> {
    const guest = this.knock(participantId, role);
    await eventually(() => expect(guest.connection.isSynced).toBe(true));
    return guest;
  }

  /** Comes without waiting. */
  knock(participantId: string, role = 'contributor', canvasId = this.canvasId): Guest {
    const cookie = `participant=${participantId}&role=${role}`;
    const connection = new SyncConnection(this.running.origin, canvasId, cookie);
    this.#leaving.push(() => connection.terminate());
    return { connection, canvas: openCanvasDoc(connection.doc) };
  }
}

/** A piece of live ink with one point for each x. */
export function buildFrame(xs: readonly number[], more: Partial<LiveFrame> = {}): LiveFrame {
  return {
    strokeId: 'live-1',
    sketchId: 'sketch-1',
    sequence: 0,
    isCancelled: false,
    style: { tool: 'pen', color: '#1f1d1a', width: 4 },
    points: {
      xs: [...xs],
      ys: xs.map(() => 0),
      ts: xs.map((_, i) => 33 * i),
      pressures: xs.map(() => 1),
    },
    ...more,
  };
}
