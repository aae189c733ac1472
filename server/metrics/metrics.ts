import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HubMetrics } from '../sync/hub.ts';
import { addSyncMetrics } from './sync-metrics.ts';

/** From a commit on a disk nearby to one that waits for a busy database. */
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the parts of the server tell while it runs, and what operators read of it. */
export interface Metrics {
  /** A commit of the log of canvases took so long, and made so many changes durable. */
  committed(milliseconds: number, updates: number): void;
  predicted(predictions: number): void;
  predictionFailed(): void;
  /** Reads the figures of the hub from now on. */
  followHub(read: () => HubMetrics): void;
  /** Reads how many connections for events there are from now on. */
  followRealtime(countConnections: () => number): void;
  /** Reads who trains from now on. */
  followTrainer(readState: () => string): void;
  /** Everything in Prometheus' text format, as of now. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** One registry for a server: two servers in one process keep theirs apart. */
export function createMetrics({ version }: { readonly version: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    ...{ name: 'training_canvas_build_info', help: 'Always 1; the version is the label.' },
    ...{ labelNames: ['version'], registers },
  }).set({ version }, 1);
  return {
    ...createObservations(registry),
    followHub: (read) => addSyncMetrics(registry, read),
    followRealtime: (countConnections) => {
      new Gauge({
        name: 'training_canvas_realtime_connections',
        help: 'Connections for predictions and news of projects.',
        registers,
        collect() {
          this.set(countConnections());
        },
      });
    },
    followTrainer: (readState) => {
      new Gauge({
        name: 'training_canvas_trainer_info',
        help: 'Always 1; the label says who trains: embedded, external, or unavailable.',
        ...{ labelNames: ['state'], registers },
        collect() {
          this.reset();
          this.set({ state: readState() }, 1);
        },
      });
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** What cannot be read when it is asked for, but is counted as it happens. */
function createObservations(
  registry: Registry,
): Pick<Metrics, 'committed' | 'predicted' | 'predictionFailed'> {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'training_canvas_sync_commit_seconds',
    help: 'How long a commit of the log of canvases takes.',
    ...{ buckets: COMMIT_SECONDS, registers },
  });
  const updates = new Counter({
    name: 'training_canvas_sync_committed_updates_total',
    help: 'Changes of canvases that were made durable; several share one commit.',
    registers,
  });
  const predictions = new Counter({
    name: 'training_canvas_predictions_total',
    help: 'Predictions sent to canvases.',
    registers,
  });
  const failures = new Counter({
    name: 'training_canvas_prediction_failures_total',
    help: 'Batches of sketches that could not be judged.',
    registers,
  });
  return {
    committed: (milliseconds, count) => {
      seconds.observe(milliseconds / 1_000);
      updates.inc(count);
    },
    predicted: (count) => predictions.inc(count),
    predictionFailed: () => failures.inc(),
  };
}
