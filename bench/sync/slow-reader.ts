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

interface SlowReaderRow {
  readonly server: ServerKind;
  readonly sentMiB: number;
  /** Memory of the server when everything has been sent and everybody reads ... */
  readonly readingMiB: number;
  /** ... and when one of them has stopped reading. */
  readonly stoppedMiB: number;
}

const SENDERS = 4;
const MESSAGES = 13_500;
const MESSAGE_BYTES = 2_000;
const PER_TICK = 5;
const MIB = 1_048_576;

/** What a reader who stops costs a server, while 27 MB of what heals by itself go past. */
export async function measureSlowReader(
  servers: Servers,
  { kinds }: { readonly kinds: readonly ServerKind[] },
): Promise<Part> {
  const rows: SlowReaderRow[] = [];
  for (const kind of kinds) {
    const readingMiB = await memoryAfter(servers, kind, 'reads');
    const stoppedMiB = await memoryAfter(servers, kind, 'stopped');
    const sentMiB = (MESSAGES * MESSAGE_BYTES) / MIB;
    rows.push({ server: kind, sentMiB, readingMiB, stoppedMiB });
    console.log(`slow reader, ${kind}: ${(stoppedMiB - readingMiB).toFixed(1)} MiB`);
  }
  return { figures: rows, tables: { 'slow-reader': markdownTable(COLUMNS, rows) } };
}

async function memoryAfter(
  servers: Servers,
  kind: ServerKind,
  reader: 'reads' | 'stopped',
): Promise<number> {
  const server = await servers.start(kind);
  const room = server.rooms[0] ?? '';
  const watching = await join(server, room);
  const senders = await joinAll(server, Array<string>(SENDERS).fill(room));
  if (reader === 'stopped') watching.socket.pause();
  await send(senders, kind === 'ours' ? liveInk : (...args) => presence(kind, room, args));
  // What is still on its way to those who read.
  await pause(500);
  const { rssBytes } = await server.collect();
  for (const { socket } of [watching, ...senders]) socket.destroy();
  await server.stop();
  return rssBytes / MIB;
}

/** All senders in turn, a few messages every 2 ms, as fast as a busy canvas at most. */
async function send(
  senders: readonly Joined[],
  messageOf: (sender: number, count: number) => Uint8Array,
): Promise<void> {
  for (let count = 0; count < MESSAGES; count++) {
    const sender = count % senders.length;
    senders[sender]?.socket.send(messageOf(sender, count));
    if (count % PER_TICK === 0) await pause(1);
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

const POINTS = 320;

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
  { title: 'sent past it, MiB', cell: ({ sentMiB }) => decimals(sentMiB, 0) },
  { title: 'all read, MiB', cell: ({ readingMiB }) => decimals(readingMiB, 0) },
  { title: 'one has stopped, MiB', cell: ({ stoppedMiB }) => decimals(stoppedMiB, 0) },
  {
    title: 'its cost, MiB',
    cell: ({ readingMiB, stoppedMiB }) => decimals(stoppedMiB - readingMiB, 1),
  },
];
