import { createSecretKey, randomUUID } from 'node:crypto';
import { createCounters } from '../../server/sync/counters.ts';
import type { RoomMember } from '../../server/sync/room-member.ts';
import { Rooms } from '../../server/sync/rooms.ts';
import type { RoomLease } from '../../server/sync/rooms.ts';
import { createSnapshotCheck } from '../../server/sync/snapshot-check.ts';
import { MESSAGE_SEALED_UPDATE, MESSAGE_SYNC } from '../../shared/sync-protocol.ts';
import { LabLine } from './lab-line.ts';
import type { LabPeer } from './lab-peer.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryCanvasLog } from './memory-canvas-log.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Longer than any pause of the log's retries, the network's ticks and the hub's patience. */
const ROUND_MS = 2_500;
const MAX_ROUNDS = 400;

interface Seat {
  readonly line: LabLine;
  readonly lease: RoomLease;
  readonly member: RoomMember;
}

/**
 * Peers and the hub's rooms in one process, without sockets: the test is the network, and decides
 * what arrives when, how often and in which order.
 */
export class SyncLab {
  readonly canvasId = randomUUID();
  readonly clock = new ManualClock();
  readonly log = new MemoryCanvasLog();
  readonly counters = createCounters();
  readonly peers: readonly LabPeer[];
  readonly rooms: Rooms;
  /** Told of every message that is delivered, either way. */
  onDelivered: (message: Uint8Array) => void = () => undefined;
  readonly #seats = new Map<LabPeer, Seat>();
  readonly #coming = new Set<LabPeer>();

  #nextClientId: number;

  /** Yjs settles conflicts by client id: the hub's own are given, one for each time it loads. */
  constructor(peers: readonly LabPeer[], firstClientId: number) {
    this.peers = peers;
    this.#nextClientId = firstClientId;
    this.rooms = this.#startRooms();
  }

  /** Connects; as with a real network, nothing is promised about when. */
  async come(peer: LabPeer): Promise<void> {
    if (this.#seats.has(peer) || this.#coming.has(peer)) return;
    this.#coming.add(peer);
    try {
      const lease = await this.rooms.hold(this.canvasId);
      const { name: participantId, wantsExtras } = peer;
      if (lease.room.memberCount === 0) lease.room.doc.clientID = this.#nextClientId++;
      const onClosed = (): void => this.leave(peer);
      const line = new LabLine({ participantId, wantsExtras, onClosed });
      this.#seats.set(peer, { line, lease, member: lease.room.join(line) });
      peer.sit(line);
    } catch {
      // The database is away: it comes again later.
    } finally {
      this.#coming.delete(peer);
    }
  }

  /** Loses the connection, with everything that is on its way. */
  leave(peer: LabPeer): void {
    const seat = this.#seats.get(peer);
    if (!seat) return;
    this.#seats.delete(peer);
    seat.line.isOpen = false;
    peer.line = null;
    seat.lease.room.leave(seat.member);
    seat.lease.release();
  }

  /** One message to the hub and one from it: `at` says which of those under way. */
  deliver(peer: LabPeer, { at, twice }: { readonly at: number; readonly twice: boolean }): void {
    const seat = this.#seats.get(peer);
    if (!seat) return;
    const { line } = seat;
    const up = line.isPaused ? undefined : takeAt(line.toHub, placeOf(line.toHub, at));
    if (up) this.#deliverUp(seat, up, twice ? 2 : 1);
    const down = line.isStalled ? undefined : takeAt(line.toPeer, at);
    if (!down) return;
    this.onDelivered(down);
    for (let i = twice ? 2 : 1; i > 0; i--) peer.receive(down);
  }

  /** Lets the hub's own turns of the event loop happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
  }

  /** Everybody is there, and nothing is under way any more. */
  async rest(): Promise<void> {
    this.log.failure = null;
    for (let round = 0, quiet = 0; quiet < 3; round++) {
      if (round > MAX_ROUNDS) throw new Error('It never comes to rest');
      for (const peer of this.peers) await this.come(peer);
      for (const { line } of this.#seats.values()) line.readOn();
      const delivered = this.#deliverAll();
      await this.settle();
      this.clock.advance(ROUND_MS);
      await this.settle();
      quiet = delivered === 0 && this.rooms.unsaved.updates === 0 ? quiet + 1 : 0;
    }
  }

  /** Everybody leaves, and the canvas leaves memory. */
  async empty(): Promise<void> {
    for (const peer of this.peers) this.leave(peer);
    for (let i = 0; i < 4; i++) {
      this.clock.advance(31_000);
      await this.settle();
    }
  }

  #deliverUp({ line, lease, member }: Seat, message: Uint8Array, times: number): void {
    this.onDelivered(message);
    for (let i = 0; i < times && line.isOpen; i++) {
      if (isWrite(message)) line.written += 1;
      lease.room.receive(member, message);
    }
  }

  #deliverAll(): number {
    let delivered = 0;
    for (const [peer, { line }] of this.#seats) {
      while (this.#seats.get(peer)?.line === line && line.toHub.length + line.toPeer.length > 0) {
        this.deliver(peer, { at: 0, twice: false });
        delivered += 1;
      }
    }
    return delivered;
  }

  #startRooms(): Rooms {
    const { clock, log, counters } = this;
    return new Rooms({
      ...{ clock, log, counters, logger: SILENT, unloadAfterMs: 30_000 },
      checkSnapshot: createSnapshotCheck(null),
      sealKey: createSecretKey('a secret of the tests', 'utf8'),
      onSketchChanged: () => undefined,
      onOpened: () => undefined,
      onClosed: () => undefined,
    });
  }
}

/** What is brought back under the hub's seal comes before all else, as the page sends it. */
function placeOf(messages: readonly Uint8Array[], at: number): number {
  const sealed = messages.findIndex(([type]) => type === MESSAGE_SEALED_UPDATE);
  return sealed >= 0 ? sealed : at;
}

/** Whether it is a step 2 or an update. */
function isWrite([type, step]: Uint8Array): boolean {
  return type === MESSAGE_SYNC && step !== 0;
}

function takeAt(messages: Uint8Array[], at: number): Uint8Array | undefined {
  return messages.splice(at % Math.max(1, messages.length), 1)[0];
}
