import type { LoadFigures, LoadShape } from './load.ts';
import { runLoad } from './load.ts';
import { medianOf, ratioOf } from './medians.ts';
import type { Column, Part } from './table.ts';
import { decimals, markdownTable } from './table.ts';
import type { ProfiledFunction, ServerKind, Servers } from './servers.ts';
import { SERVER_NAMES } from './servers.ts';

export interface ThroughputOptions {
  readonly repetitions: number;
  readonly kinds: readonly ServerKind[];
  /** Until the engine's compiler is done; 5 s are too few for our server. */
  readonly warmUpSeconds: number;
  /** Also says where our server spends its time. */
  readonly isProfiled: boolean;
}

/** Warmed up as long as asked for, unless a server would drown in it. */
type Load = Omit<LoadShape, 'warmUpSeconds'> & Partial<LoadShape>;

/** The figures of one server under one load: medians over the repetitions that count. */
interface ThroughputRow {
  readonly load: string;
  readonly server: ServerKind;
  readonly repetitions: number;
  readonly figures: Omit<LoadFigures, 'server' | 'profile' | 'faults'>;
  /** CPU to that of @y/websocket-server in the same repetition, median. */
  readonly ratio: number;
  readonly faults: readonly string[];
}

const EVERY_MS = 33;
const FUNCTIONS_SHOWN = 25;
const MODULES_SHOWN = 15;

/** One room of a class, many small rooms, one room too full for a server that coalesces nothing. */
const LOADS: Readonly<Record<string, Load>> = {
  '1 room x 30': { rooms: 1, perRoom: 30, everyMs: EVERY_MS, seconds: 6 },
  '20 rooms x 5': { rooms: 20, perRoom: 5, everyMs: EVERY_MS, seconds: 6 },
  '1 room x 100': { rooms: 1, perRoom: 100, everyMs: EVERY_MS, warmUpSeconds: 0.6, seconds: 1.5 },
};

/** All servers under all loads, in turn, so that what the machine does meanwhile hits all. */
export async function measureThroughput(
  servers: Servers,
  { repetitions, kinds, warmUpSeconds, isProfiled }: ThroughputOptions,
): Promise<Part> {
  const runs: { load: string; repetition: number; figures: LoadFigures }[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [load, how] of Object.entries(LOADS)) {
      const shape = { warmUpSeconds, ...how };
      for (const kind of kinds) {
        const server = await servers.start(kind, shape.rooms);
        const figures = await runLoad(server, shape, isProfiled && kind === 'ours');
        runs.push({ load, repetition, figures });
        report(load, figures);
      }
    }
  }
  const rows = Object.keys(LOADS).flatMap((load) =>
    kinds.map((kind) => {
      const of = runs.filter((run) => run.load === load);
      return rowOf(load, kind, of);
    }),
  );
  return { figures: rows, tables: { throughput: markdownTable(COLUMNS, rows) } };
}

function report(load: string, { profile, ...figures }: LoadFigures): void {
  const { server, cpu, p50Ms, p99Ms, lagP99Ms, faults } = figures;
  const told = faults.length > 0 ? ` INVALID: ${faults.join(', ')}` : '';
  console.log(
    `${load}, ${server}: ${cpu.toFixed(3)} CPU s/100k, ${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms, lag ${lagP99Ms.toFixed(1)} ms${told}`,
  );
  showProfile(profile);
}

/** The functions, then the modules, that our server spends its time in. */
function showProfile(profile: readonly ProfiledFunction[]): void {
  const total = profile.reduce((sum, { ms }) => sum + ms, 0);
  const show = ({ name, ms }: ProfiledFunction): void =>
    console.log(`${ms.toFixed(0).padStart(8)} ms ${((100 * ms) / total).toFixed(1)} %  ${name}`);
  profile.slice(0, FUNCTIONS_SHOWN).forEach(show);
  const modules = new Map<string, number>();
  for (const { name, ms } of profile) {
    const module = / (\S+):\d+$/.exec(name)?.[1] ?? 'the engine';
    modules.set(module, (modules.get(module) ?? 0) + ms);
  }
  const sorted = [...modules].sort(([, a], [, b]) => b - a);
  sorted.slice(0, MODULES_SHOWN).forEach(([name, ms]) => show({ name, ms }));
}

function rowOf(
  load: string,
  server: ServerKind,
  runs: readonly { repetition: number; figures: LoadFigures }[],
): ThroughputRow {
  const own = runs.filter(({ figures }) => figures.server === server);
  const valid = own.filter(({ figures }) => figures.faults.length === 0);
  const counted = (valid.length > 0 ? valid : own).map(({ figures }) => figures);
  const runOf = (kind: ServerKind, of: number): LoadFigures | undefined =>
    runs.find(({ repetition, figures }) => repetition === of && figures.server === kind)?.figures;
  const pairs = own.flatMap(({ repetition, figures }) => {
    const peer = runOf('yws', repetition);
    return peer ? [{ value: figures, of: peer }] : [];
  });
  // A pair counts when both of its runs do; where none does, the row's faults say so.
  const sound = pairs.filter(({ value, of }) => value.faults.length + of.faults.length === 0);
  return {
    load,
    server,
    repetitions: valid.length,
    figures: medianOf(counted),
    ratio: ratioOf(
      (sound.length > 0 ? sound : pairs).map(({ value, of }) => [value.cpu, of.cpu] as const),
    ),
    faults: own.flatMap(({ figures }) => figures.faults),
  };
}

const COLUMNS: readonly Column<ThroughputRow>[] = [
  { title: 'load', cell: ({ load }) => load },
  { title: 'server', cell: ({ server }) => SERVER_NAMES[server] },
  { title: 'CPU s / 100,000', cell: ({ figures }) => decimals(figures.cpu, 2) },
  { title: 'ratio', cell: ({ ratio }) => decimals(ratio, 2) },
  {
    title: 'p50 / p99 ms',
    cell: ({ figures }) => `${decimals(figures.p50Ms, 1)} / ${decimals(figures.p99Ms, 1)}`,
  },
  { title: 'delivered', cell: ({ figures }) => `${decimals(100 * figures.deliveredShare, 2)} %` },
  { title: 'messages each', cell: ({ figures }) => decimals(figures.messagesPerDelivery, 2) },
  {
    title: 'ack p50 / p99 ms',
    cell: ({ server, figures }) =>
      server === 'ours'
        ? `${decimals(figures.ackP50Ms, 1)} / ${decimals(figures.ackP99Ms, 1)}`
        : '',
  },
  { title: 'runs', cell: ({ repetitions }) => String(repetitions) },
];
