import * as encoding from 'lib0/encoding';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeLiveFrame, MESSAGE_AWARENESS } from '../../shared/sync-protocol.ts';
import type { Joined } from './connections.ts';
import { join, joinAll } from './connections.ts';
import { STYLE } from './hand-strokes.ts';
import type { ServerKind, Servers } from './servers.ts';
import { SERVER_NAMES } from './servers.ts';
import type { Column, Part } from './table.ts';
import { decimals, markdownTable } from './table.ts';

interface ServerMemory {
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** What went to each who read: a server may leave out what is overtaken. */
  readonly passedMiB: number;
}

interface SlowReaderRow {
  readonly server: ServerKind;
  /** When everything has been sent and everybody reads ... */
  readonly reading: ServerMemory;
  /** ... and when one has stopped. */
  readonly stopped: ServerMemory;
}

const SENDERS = 4;
const MESSAGES = 13_500;
const MESSAGE_BYTES = 2_000;
const POINTS = 320;
const MIB = 1_048_576;

/** What a reader who stops costs a server, while 27 MB of what heals by itself go past. */
export async function measureSlowReader(
  servers: Servers,
  { kinds }: { readonly kinds: readonly ServerKind[] },
): Promise<Part> {
  const rows: SlowReaderRow[] = [];
  for (const server of kinds) {
    const reading = await memoryAfter(servers, server, 'reads');
    const stopped = await memoryAfter(servers, server, 'stopped');
    rows.push({ server, reading, stopped });
    console.log(`slow reader, ${server}: ${(stopped.rssMiB - reading.rssMiB).toFixed(1)} MiB`);
  }
  return { figures: rows, tables: { 'slow-reader': markdownTable(COLUMNS, rows) } };
}

async function memoryAfter(
  servers: Servers,
  kind: ServerKind,
  reader: 'reads' | 'stopped',
): Promise<ServerMemory> {
  const server = await servers.start(kind);
  const room = server.rooms[0] ?? '';
  const watching = await join(server, room);
  const senders = await joinAll(server, Array<string>(SENDERS).fill(room));
  let passed = 0;
  const [first] = senders;
  if (first) first.socket.onMessage = (payload) => (passed += payload.length);
  if (reader === 'stopped') watching.socket.pause();
  await send(senders, kind === 'ours' ? liveInk : (...args) => presence(kind, room, args));
  // What is still on its way to those who read.
  await pause(500);
  const { rssBytes, heapBytes } = await server.collect();
  for (const { socket } of [watching, ...senders]) socket.destroy();
  await server.stop();
  return { rssMiB: rssBytes / MIB, heapMiB: heapBytes / MIB, passedMiB: passed / MIB };
}

/** One message of each sender about every millisecond. */
async function send(
  senders: readonly Joined[],
  messageOf: (sender: number, count: number) => Uint8Array,
): Promise<void> {
  for (let count = 0; count < MESSAGES; count++) {
    const sender = count % senders.length;
    senders[sender]?.socket.send(messageOf(sender, count));
    if (sender === 0) await pause(1);
  }
}

/** A long piece of the same stroke, over and over. */
function liveInk(sender: number): Uint8Array {
  const values = (of: (i: number) => number): number[] =>
    Array.from({ length: POINTS }, (_, i) => of(i));
  const points = {
    xs: values((i) => i * 9),
    ys: values((i) => (i * i) % 999),
    ts: values((i) => i * 8),
    pressures: values(() => 0.5),
  };
  const where = { strokeId: `slow-${sender}`, sketchId: 'slow', sequence: 0, isCancelled: false };
  return encodeLiveFrame({ ...where, style: STYLE, points });
}

/** A state of presence as long. */
function presence(kind: ServerKind, room: string, [sender, count]: [number, number]): Uint8Array {
  const state = encoding.createEncoder();
  encoding.writeVarUint(state, 1);
  encoding.writeVarUint(state, sender + 1);
  encoding.writeVarUint(state, count + 1);
  encoding.writeVarString(state, JSON.stringify({ cursor: 'x'.repeat(MESSAGE_BYTES - 30) }));
  const encoder = encoding.createEncoder();
  if (kind === 'hocuspocus') encoding.writeVarString(encoder, room);
  encoding.writeVarUint(encoder, MESSAGE_AWARENESS);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(state));
  return encoding.toUint8Array(encoder);
}

const COLUMNS: readonly Column<SlowReaderRow>[] = [
  { title: 'server', cell: ({ server }) => SERVER_NAMES[server] },
  { title: 'went past, MiB', cell: ({ reading }) => decimals(reading.passedMiB, 1) },
  { title: 'all read, MiB', cell: ({ reading }) => decimals(reading.rssMiB, 0) },
  { title: 'one has stopped, MiB', cell: ({ stopped }) => decimals(stopped.rssMiB, 0) },
  {
    title: 'its cost, MiB (heap)',
    cell: ({ reading, stopped }) =>
      `${decimals(stopped.rssMiB - reading.rssMiB, 1)} (${decimals(stopped.heapMiB - reading.heapMiB, 1)})`,
  },
];
