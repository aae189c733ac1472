import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import type { Joined } from './connections.ts';
import { join } from './connections.ts';
import type { CanvasContent } from './full-canvas.ts';
import { fillCanvas } from './full-canvas.ts';
import { median, medianOf, ratioOf } from './medians.ts';
import type { MeasuredServer, ServerKind, Servers } from './servers.ts';
import { SERVER_NAMES } from './servers.ts';
import type { Column, Part } from './table.ts';
import { decimals, markdownTable } from './table.ts';

/** A server and how the 60,000 points are kept on it. */
interface Variant {
  readonly kind: ServerKind;
  readonly content: CanvasContent;
}

interface JoinFigures {
  readonly documentKiB: number;
  /** From the first packet to the last byte of the document. */
  readonly receivedMs: number;
  /** The same until the client has applied it. */
  readonly appliedMs: number;
  readonly cpuMs: number;
  /** So many at once, until the last of them has received it. */
  readonly stormMs: number;
  /** Server CPU a join of them. */
  readonly stormCpuMs: number;
}

interface JoinRow extends Variant {
  readonly figures: JoinFigures;
  /** To @y/websocket-server in the same repetition, medians. */
  readonly receivedRatio: number;
  readonly appliedRatio: number;
  readonly stormRatio: number;
}

const JOINS = 30;
const STORMS = 5;
const STORM_JOINS = 30;
const PAUSE_MS = 20;

const VARIANTS: readonly Variant[] = [
  { kind: 'ours', content: 'packed' },
  { kind: 'yws', content: 'chunks' },
  { kind: 'hocuspocus', content: 'chunks' },
  { kind: 'ours', content: 'chunks' },
];

/** How long it takes to come onto a canvas with 60,000 points that others have open. */
export async function measureJoins(
  servers: Servers,
  { repetitions, kinds }: { readonly repetitions: number; readonly kinds: readonly ServerKind[] },
): Promise<Part> {
  const variants = VARIANTS.filter(({ kind }) => kinds.includes(kind));
  const runs: { variant: Variant; repetition: number; figures: JoinFigures }[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const variant of variants) {
      const server = await servers.start(variant.kind);
      const figures = await measureServer(server, variant.content);
      runs.push({ variant, repetition, figures });
      const { receivedMs, appliedMs, stormMs } = figures;
      console.log(
        `join, ${variant.kind} ${variant.content}: ${receivedMs.toFixed(1)} ms, applied ${appliedMs.toFixed(1)}, ${STORM_JOINS} at once ${stormMs.toFixed(0)} ms`,
      );
    }
  }
  const rows = variants.map((variant): JoinRow => {
    const own = runs.filter((run) => run.variant === variant);
    const peer = (of: number): JoinFigures | undefined =>
      runs.find((run) => run.repetition === of && run.variant.kind === 'yws')?.figures;
    const ratio = (key: keyof JoinFigures): number =>
      ratioOf(own.map((run) => [run.figures[key], peer(run.repetition)?.[key] ?? NaN]));
    return {
      ...variant,
      figures: medianOf(own.map(({ figures }) => figures)),
      receivedRatio: ratio('receivedMs'),
      appliedRatio: ratio('appliedMs'),
      stormRatio: ratio('stormMs'),
    };
  });
  return { figures: rows, tables: { join: markdownTable(COLUMNS, rows) } };
}

async function measureServer(server: MeasuredServer, content: CanvasContent): Promise<JoinFigures> {
  const leave = await fillCanvas(server, content);
  await measureAlone(server, 3);
  const alone = await measureAlone(server, JOINS);
  const storms = [];
  for (let i = 0; i < STORMS; i++) storms.push(await measureStorm(server));
  leave();
  await server.stop();
  return { ...alone, ...medianOf(storms) };
}

async function measureAlone(
  server: MeasuredServer,
  joins: number,
): Promise<Omit<JoinFigures, 'stormMs' | 'stormCpuMs'>> {
  const before = await server.usage();
  const joined: (Joined & { appliedMs: number })[] = [];
  for (let i = 0; i < joins; i++) {
    const one = await join(server, server.rooms[0] ?? '');
    joined.push({ ...one, appliedMs: one.milliseconds + timeToApply(one.step2) });
    one.socket.destroy();
    await pause(PAUSE_MS);
  }
  const after = await server.usage();
  return {
    documentKiB: (joined[0]?.step2.length ?? 0) / 1_024,
    receivedMs: median(joined.map(({ milliseconds }) => milliseconds)),
    appliedMs: median(joined.map(({ appliedMs }) => appliedMs)),
    cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1_000) / joins,
  };
}

function timeToApply(update: Uint8Array): number {
  const startedAt = performance.now();
  Y.applyUpdate(new Y.Doc(), update);
  return performance.now() - startedAt;
}

async function measureStorm(
  server: MeasuredServer,
): Promise<Pick<JoinFigures, 'stormMs' | 'stormCpuMs'>> {
  const before = await server.usage();
  const startedAt = performance.now();
  const room = server.rooms[0] ?? '';
  const joined = await Promise.all(Array.from({ length: STORM_JOINS }, () => join(server, room)));
  const stormMs = performance.now() - startedAt;
  const after = await server.usage();
  for (const { socket } of joined) socket.destroy();
  await pause(PAUSE_MS);
  const stormCpuMs = ((after.cpuSeconds - before.cpuSeconds) * 1_000) / STORM_JOINS;
  return { stormMs, stormCpuMs };
}

const COLUMNS: readonly Column<JoinRow>[] = [
  {
    title: 'server and document',
    cell: ({ kind, content }) =>
      `${SERVER_NAMES[kind]}: ${content === 'packed' ? '1,000 packed strokes' : '17,000 chunks'}`,
  },
  { title: 'KiB', cell: ({ figures }) => decimals(figures.documentKiB, 0) },
  { title: 'received ms', cell: ({ figures }) => decimals(figures.receivedMs, 1) },
  { title: 'ratio', cell: ({ receivedRatio }) => decimals(receivedRatio, 2) },
  { title: 'applied ms', cell: ({ figures }) => decimals(figures.appliedMs, 1) },
  { title: 'ratio', cell: ({ appliedRatio }) => decimals(appliedRatio, 2) },
  { title: 'CPU ms', cell: ({ figures }) => decimals(figures.cpuMs, 1) },
  { title: '30 at once ms', cell: ({ figures }) => decimals(figures.stormMs, 0) },
  { title: 'ratio', cell: ({ stormRatio }) => decimals(stormRatio, 2) },
  { title: 'CPU ms each', cell: ({ figures }) => decimals(figures.stormCpuMs, 1) },
];
