import { Counter, Gauge, type Registry } from 'prom-client';
import type { SyncCounters } from '../sync/counters.ts';
import type { HubMetrics } from '../sync/hub.ts';

/** What the hub has counted since its start, each with its name and what it counts. */
const COUNTERS: Readonly<Record<keyof SyncCounters, readonly [name: string, help: string]>> = {
  commits: ['commits', 'Commits of the log of canvases.'],
  commitFailures: ['commit_failures', 'Commits that failed; nothing is lost, they are repeated.'],
  compactions: ['compactions', "Times that a snapshot took the place of a canvas' log."],
  compactionFailures: ['compaction_failures', 'Snapshots that could not be stored.'],
  unreadableUpdates: ['unreadable_rows', 'Rows of the log that could not be read, and set aside.'],
  loadFailures: ['load_failures', 'Canvases that could not be loaded.'],
  liveFramesDelivered: ['live_ink_delivered', 'Pieces of live ink that reached somebody else.'],
  droppedMessages: ['dropped_messages', 'Live ink and presence that slow readers did not get.'],
  slowCloses: ['slow_closes', 'Connections closed (4508) because they read too slowly.'],
  rateLimited: ['rate_limited', 'Connections closed (4529) for too many messages or canvases.'],
  badMessages: ['bad_messages', 'Malformed messages; each cost its connection (4400).'],
  refusedMessages: ['refused_messages', 'Writes of people who may only look, or in other names.'],
  refusedEntries: ['refused_entries', 'Entries that a client wrote and the hub took back.'],
  leftOutStrokes: ['left_out_strokes', 'Strokes of others that their authors have to bring.'],
};

/** The figures of the sync hub, read once each time that somebody asks. */
export function addSyncMetrics(registry: Registry, readHub: () => HubMetrics): void {
  const read = onceATurn(readHub);
  addGauges(registry, read);
  const keys = Object.keys(COUNTERS) as (keyof SyncCounters)[];
  for (const key of keys) {
    const [name, help] = COUNTERS[key];
    new Counter({
      ...{ name: `training_canvas_sync_${name}_total`, help, registers: [registry] },
      collect() {
        // The hub has counted already: what it says is the value.
        this.reset();
        this.inc(read()[key]);
      },
    });
  }
}

function addGauges(registry: Registry, read: () => HubMetrics): void {
  const registers = [registry];
  new Gauge({
    name: 'training_canvas_sync_rooms',
    help: 'Canvases in memory: being loaded, in use, or being stored before they leave.',
    ...{ labelNames: ['phase'], registers },
    collect() {
      for (const [phase, rooms] of Object.entries(read().roomsByPhase)) this.set({ phase }, rooms);
    },
  });
  const gauges: readonly [name: string, help: string, value: (hub: HubMetrics) => number][] = [
    ['connections', 'People on canvases, each connection once.', (hub) => hub.connections],
    ['unsaved_updates', 'Changes that are not durable yet.', (hub) => hub.unsavedUpdates],
    ['unsaved_bytes', 'Bytes of changes that are not durable yet.', (hub) => hub.unsavedBytes],
    [
      'oldest_unacked_seconds',
      'Age of the oldest change that is not durable yet; 0 when all are.',
      (hub) => hub.oldestUnsavedMs / 1_000,
    ],
  ];
  for (const [name, help, value] of gauges)
    new Gauge({
      ...{ name: `training_canvas_sync_${name}`, help, registers },
      collect() {
        this.set(value(read()));
      },
    });
}

/** All metrics are collected in one turn of the event loop: the same answer serves them all. */
function onceATurn<T>(read: () => T): () => T {
  let known: { readonly answer: T } | null = null;
  return () => {
    if (!known) setImmediate(() => (known = null));
    known ??= { answer: read() };
    return known.answer;
  };
}
