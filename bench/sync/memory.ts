import { setTimeout as pause } from 'node:timers/promises';
import { joinAll } from './connections.ts';
import { medianOf, ratioOf } from './medians.ts';
import type { MeasuredServer, ServerKind, Servers } from './servers.ts';
import { SERVER_NAMES } from './servers.ts';
import type { Column, Part } from './table.ts';
import { decimals, markdownTable } from './table.ts';

interface MemoryFigures {
  /** Resident memory for each idle connection, all in one room. */
  readonly connectionKiB: number;
  /** The same of the engine's heap and buffers alone. */
  readonly connectionHeapKiB: number;
  /** Resident memory for each idle connection in a room of its own, with the room. */
  readonly roomKiB: number;
  readonly roomHeapKiB: number;
  /** After the warm-up, with nobody connected. */
  readonly emptyMiB: number;
}

export interface MemoryOptions {
  readonly repetitions: number;
  readonly kinds: readonly ServerKind[];
  /** So many that the engine's own steps, its young generation and compiled code, weigh little. */
  readonly connections: number;
}

interface MemoryRow {
  readonly server: ServerKind;
  readonly figures: MemoryFigures;
  /** To @y/websocket-server in the same repetition, medians. */
  readonly connectionRatio: number;
  readonly roomRatio: number;
}

/** Come and gone before anything is measured: the engine's own growth is not a connection's. */
const WARM_UP = 100;
const CLOSED_AFTER_MS = 300;

/** Memory of idle connections in fresh processes. */
export async function measureMemory(
  servers: Servers,
  { repetitions, kinds, connections }: MemoryOptions,
): Promise<Part> {
  const runs: { kind: ServerKind; repetition: number; figures: MemoryFigures }[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const kind of kinds) {
      const figures = await measureServer(servers, kind, connections);
      runs.push({ kind, repetition, figures });
      const { connectionKiB, roomKiB } = figures;
      console.log(`memory, ${kind}: ${connectionKiB.toFixed(1)} KiB, ${roomKiB.toFixed(1)} KiB`);
    }
  }
  const rows = kinds.map((kind): MemoryRow => {
    const own = runs.filter((run) => run.kind === kind);
    const peer = (of: number): MemoryFigures | undefined =>
      runs.find((run) => run.repetition === of && run.kind === 'yws')?.figures;
    const ratio = (key: keyof MemoryFigures): number =>
      ratioOf(own.map((run) => [run.figures[key], peer(run.repetition)?.[key] ?? NaN]));
    return {
      server: kind,
      figures: medianOf(own.map(({ figures }) => figures)),
      connectionRatio: ratio('connectionKiB'),
      roomRatio: ratio('roomKiB'),
    };
  });
  return { figures: rows, tables: { memory: markdownTable(COLUMNS, rows) } };
}

async function measureServer(
  servers: Servers,
  kind: ServerKind,
  connections: number,
): Promise<MemoryFigures> {
  const one = await servers.start(kind, 1);
  const inOneRoom = await growth(one, Array<string>(connections).fill(one.rooms[0] ?? ''));
  const many = await servers.start(kind, connections + WARM_UP);
  const inRooms = await growth(many, many.rooms.slice(0, connections));
  return {
    connectionKiB: inOneRoom.rss / connections / 1_024,
    connectionHeapKiB: inOneRoom.heap / connections / 1_024,
    roomKiB: inRooms.rss / connections / 1_024,
    roomHeapKiB: inRooms.heap / connections / 1_024,
    emptyMiB: inOneRoom.empty / 1_048_576,
  };
}

/** How much a server grows when somebody sits in each of the rooms; stops it. */
async function growth(
  server: MeasuredServer,
  rooms: readonly string[],
): Promise<{ rss: number; heap: number; empty: number }> {
  const warmUp = await joinAll(server, server.rooms.slice(-WARM_UP));
  for (const { socket } of warmUp) socket.destroy();
  await pause(CLOSED_AFTER_MS);
  const before = await server.collect();
  const joined = await joinAll(server, rooms);
  const after = await server.collect();
  for (const { socket } of joined) socket.destroy();
  await server.stop();
  return {
    rss: after.rssBytes - before.rssBytes,
    heap: after.heapBytes - before.heapBytes,
    empty: before.rssBytes,
  };
}

const COLUMNS: readonly Column<MemoryRow>[] = [
  { title: 'server', cell: ({ server }) => SERVER_NAMES[server] },
  {
    title: 'KiB a connection (heap)',
    cell: ({ figures }) => both(figures.connectionKiB, figures.connectionHeapKiB),
  },
  { title: 'ratio', cell: ({ connectionRatio }) => decimals(connectionRatio, 2) },
  {
    title: 'KiB a room with a connection (heap)',
    cell: ({ figures }) => both(figures.roomKiB, figures.roomHeapKiB),
  },
  { title: 'ratio', cell: ({ roomRatio }) => decimals(roomRatio, 2) },
  { title: 'empty, MiB', cell: ({ figures }) => decimals(figures.emptyMiB, 0) },
];

function both(rss: number, heap: number): string {
  return `${decimals(rss, 1)} (${decimals(heap, 1)})`;
}
