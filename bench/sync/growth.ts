import type { LoadFigures, LoadShape } from './load.ts';
import { runLoad } from './load.ts';
import { medianOf } from './medians.ts';
import type { Servers } from './servers.ts';
import type { Column, Part } from './table.ts';
import { decimals, markdownTable } from './table.ts';

type Figures = Omit<LoadFigures, 'server' | 'profile' | 'faults'>;

interface GrowthRow extends LoadShape {
  readonly figures: Figures;
  readonly faults: readonly string[];
}

/** Less than in `throughput`: twelve loads, each in a fresh process. */
const TIMES = { warmUpSeconds: 8, seconds: 3 };
const EVERY_MS = 33;

/** All draw, as long as the generator can read all of it; then ten draw and the others look on. */
const IN_ONE_ROOM: readonly LoadShape[] = [
  ...[10, 30, 100].map((perRoom) => ({ rooms: 1, perRoom, everyMs: EVERY_MS, ...TIMES })),
  ...[10, 30, 100, 300].map((perRoom) => ({
    ...{ rooms: 1, perRoom, drawing: 10, everyMs: EVERY_MS },
    ...TIMES,
  })),
];

/** Two people in each, of whom one draws; slower in the last row, for the generator's sake. */
const IN_MANY_ROOMS: readonly LoadShape[] = [1, 10, 100, 300, 1_000].map((rooms) => ({
  ...{ rooms, perRoom: 2, drawing: 1, everyMs: rooms > 300 ? 3 * EVERY_MS : EVERY_MS },
  ...TIMES,
}));

/** How our server's cost grows with people in a room and with rooms. */
export async function measureGrowth(servers: Servers, repetitions: number): Promise<Part> {
  const people = await measureAll(servers, IN_ONE_ROOM, repetitions);
  const rooms = await measureAll(servers, IN_MANY_ROOMS, repetitions);
  return {
    figures: { people, rooms },
    tables: {
      'growth with people': markdownTable([...PEOPLE, ...COLUMNS], people),
      'growth with rooms': markdownTable([...ROOMS, ...COLUMNS], rooms),
    },
  };
}

async function measureAll(
  servers: Servers,
  shapes: readonly LoadShape[],
  repetitions: number,
): Promise<GrowthRow[]> {
  const runs: { shape: LoadShape; figures: LoadFigures }[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const shape of shapes) {
      const figures = await runLoad(await servers.start('ours', shape.rooms), shape);
      runs.push({ shape, figures });
      const { rooms, perRoom } = shape;
      console.log(
        `growth, ${rooms} x ${perRoom}: ${figures.cpu.toFixed(3)} CPU s/100k, lag ${figures.lagP99Ms.toFixed(1)} ms ${figures.faults.join(', ')}`,
      );
    }
  }
  return shapes.map((shape) => {
    const own = runs.filter((run) => run.shape === shape).map(({ figures }) => figures);
    const valid = own.filter(({ faults }) => faults.length === 0);
    const figures = medianOf(valid.length > 0 ? valid : own);
    return { ...shape, figures, faults: own.flatMap(({ faults }) => faults) };
  });
}

const PEOPLE: readonly Column<GrowthRow>[] = [
  { title: 'people', cell: ({ perRoom }) => String(perRoom) },
  { title: 'drawing', cell: ({ perRoom, drawing }) => String(drawing ?? perRoom) },
];

const ROOMS: readonly Column<GrowthRow>[] = [
  { title: 'rooms', cell: ({ rooms }) => String(rooms) },
  { title: 'a frame every ms', cell: ({ everyMs }) => String(everyMs) },
];

const COLUMNS: readonly Column<GrowthRow>[] = [
  {
    title: 'deliveries / s',
    cell: ({ figures }) => decimals(figures.delivered / TIMES.seconds, 0),
  },
  { title: 'CPU s / 100,000', cell: ({ figures }) => decimals(figures.cpu, 2) },
  {
    title: 'CPU of a core',
    cell: ({ figures }) =>
      `${decimals((figures.cpu * figures.delivered) / 1_000 / TIMES.seconds, 0)} %`,
  },
  {
    title: 'p50 / p99 ms',
    cell: ({ figures }) => `${decimals(figures.p50Ms, 1)} / ${decimals(figures.p99Ms, 1)}`,
  },
  {
    title: 'ack p50 / p99 ms',
    cell: ({ figures }) => `${decimals(figures.ackP50Ms, 1)} / ${decimals(figures.ackP99Ms, 1)}`,
  },
  { title: 'RSS MiB', cell: ({ figures }) => decimals(figures.rssMiB, 0) },
  {
    title: 'counts',
    cell: ({ faults }) => (faults.length > 0 ? faults.join(', ') : 'yes'),
  },
];
