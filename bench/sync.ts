import os from 'node:os';
import { parseArgs } from 'node:util';
import { writeTables } from './sync/docs-tables.ts';
import { measureGrowth } from './sync/growth.ts';
import { measureJoins } from './sync/join.ts';
import { measureMemory } from './sync/memory.ts';
import type { Servers } from './sync/servers.ts';
import { openServers, SERVER_KINDS } from './sync/servers.ts';
import { measureSlowReader } from './sync/slow-reader.ts';
import type { Part } from './sync/table.ts';
import { measureThroughput } from './sync/throughput.ts';

/**
 * `npm run bench -- sync [part ...]`: our sync hub, with its log in PostgreSQL and acks on, beside
 * @y/websocket-server and Hocuspocus without a store. `growth` runs only when it is named.
 * `--repetitions <n>` (3), `--servers ours,yws,hocuspocus`, `--warm-up <seconds>` (20),
 * `--connections <n>` (3000, of `memory`), `--profile` says where our server
 * spends its time, `--docs` writes the tables into docs/benchmarks.md.
 */
const PARTS = ['throughput', 'memory', 'join', 'slow-reader', 'growth'] as const;
type PartName = (typeof PARTS)[number];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string', default: '3' },
    servers: { type: 'string', default: SERVER_KINDS.join(',') },
    'warm-up': { type: 'string', default: '20' },
    connections: { type: 'string', default: '3000' },
    profile: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});

function measure(part: PartName, servers: Servers): Promise<Part> {
  const repetitions = Number(values.repetitions);
  const kinds = SERVER_KINDS.filter((kind) => values.servers.split(',').includes(kind));
  switch (part) {
    case 'throughput':
      return measureThroughput(servers, {
        ...{ repetitions, kinds, isProfiled: values.profile },
        warmUpSeconds: Number(values['warm-up']),
      });
    case 'memory':
      return measureMemory(servers, {
        ...{ repetitions, kinds, connections: Number(values.connections) },
      });
    case 'join':
      return measureJoins(servers, { repetitions, kinds });
    case 'slow-reader':
      return measureSlowReader(servers, { kinds });
    case 'growth':
      return measureGrowth(servers, repetitions);
  }
}

async function main(): Promise<void> {
  const servers = await openServers();
  process.once('SIGINT', () => void servers.close().then(() => process.exit(130)));
  process.once('SIGTERM', () => void servers.close().then(() => process.exit(143)));
  const figures: Record<string, unknown> = {};
  try {
    for (const part of PARTS) {
      const isAsked = positionals.length > 0 ? positionals.includes(part) : part !== 'growth';
      if (!isAsked) continue;
      const measured = await measure(part, servers);
      figures[part] = measured.figures;
      for (const table of Object.values(measured.tables)) console.log(`\n${table}\n`);
      if (values.docs) await writeTables(measured.tables);
    }
  } finally {
    await servers.close();
  }
  console.log(JSON.stringify({ bench: 'sync', cores: os.availableParallelism(), ...figures }));
}

await main();
