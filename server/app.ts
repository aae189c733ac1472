import { mkdir } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import { REALTIME_PATH } from '../shared/events.ts';
import { followAccessChanges } from './access-changes.ts';
import type { Config } from './config.ts';
import { Access } from './domain/access.ts';
import { Canvases } from './domain/canvases.ts';
import type { Domain } from './domain/domain.ts';
import { createDomain } from './domain/domain.ts';
import { ensurePlayground } from './domain/playground.ts';
import { Dismissals } from './domain/standing.ts';
import { createReadHealth } from './health.ts';
import { Closers } from './host/closers.ts';
import { readOrCreateSecret } from './host/secrets.ts';
import { createHttpApp } from './http/http-app.ts';
import { listen } from './http/listen.ts';
import { trackSockets } from './http/open-sockets.ts';
import { isOriginAllowed } from './http/origin.ts';
import type { Sessions } from './http/sessions.ts';
import { createSessions } from './http/sessions.ts';
import { routeUpgrades } from './http/upgrade-router.ts';
import { drawPicture } from './images/sketch-picture.ts';
import { PredictionScheduler } from './inference/prediction-scheduler.ts';
import type { LivePredictor } from './inference/predictor.ts';
import { createPredictor } from './inference/predictor.ts';
import { schedulerClock } from './inference/scheduler-clock.ts';
import { loadStarterModel } from './inference/starter-model.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createMetrics } from './metrics/metrics.ts';
import { PATHS, readVersion } from './paths.ts';
import { createAnnouncer } from './realtime/announcer.ts';
import type { Channel } from './realtime/channel.ts';
import { forwardLearningNews, sendPredictions } from './realtime/learning-news.ts';
import { createChannel, serveRealtime } from './realtime/realtime.ts';
import type { Storage } from './storage.ts';
import { openStorage } from './storage.ts';
import { startSweeping } from './sweeping.ts';
import { createAuthorise } from './sync/authorise.ts';
import type { Hub } from './sync/hub.ts';
import { createHub } from './sync/hub.ts';
import type { Trainer } from './trainer.ts';
import { startTrainer } from './trainer.ts';
import type { ScheduleOptions } from './training-schedule.ts';
import { startTrainingSchedule } from './training-schedule.ts';

/** A running server. */
export interface App {
  /** For people of this machine. */
  readonly url: string;
  /** Refuses new work, finishes what was accepted, and closes everything in reverse order. */
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Told after each step of the start. */
  readonly onStep?: (step: 'database' | 'listening', milliseconds: number) => void;
  /** How projects that are trained on a schedule are looked after. */
  readonly schedule?: ScheduleOptions;
}

/** What the parts of a server share while it is put together. */
interface Assembly extends AppOptions {
  readonly closers: Closers;
  readonly storage: Storage;
  readonly predictor: LivePredictor;
  readonly sessions: Sessions;
  readonly channel: Channel;
  readonly hub: Hub;
  readonly domain: Domain;
  readonly access: Access;
  readonly dismissals: Dismissals;
  readonly metrics: Metrics;
  readonly isOriginAllowed: (headers: IncomingHttpHeaders) => boolean;
}

/** Builds everything in order and listens. What was opened is closed again if a step fails. */
export async function startApp(options: AppOptions): Promise<App> {
  const closers = new Closers();
  try {
    const assembly = await assemble(options, closers);
    const startedAt = performance.now();
    const url = await serve(assembly);
    options.onStep?.('listening', performance.now() - startedAt);
    return { url, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function assemble(options: AppOptions, closers: Closers): Promise<Assembly> {
  const { config, logger } = options;
  const startedAt = performance.now();
  await mkdir(config.DATA_DIR, { recursive: true });
  const storage = await openStorage(config, { logger, closers });
  options.onStep?.('database', performance.now() - startedAt);
  const { stores, blobs } = storage;
  const predictor = await openPredictor(options, storage, closers);
  const sessions = await openSessions(options, storage, closers);
  const origins = originsOf(config);
  const isAllowed = (headers: IncomingHttpHeaders): boolean => isOriginAllowed(headers, origins);
  const channel = createChannel(isAllowed);
  const { participantIdOf } = sessions;
  const metrics = createMetrics({ version: readVersion() });
  const access = new Access(stores);
  const dismissals = new Dismissals();
  const authorise = createAuthorise({
    ...{ participantIdOf, isOriginAllowed: isAllowed, dismissals },
    canvases: new Canvases({ ...stores, access }),
  });
  const hub = createHub({
    log: storage.canvasLog,
    authorise,
    onCommit: metrics.committed,
    logger,
    unloadAfterMs: config.UNLOAD_AFTER_MS,
    snapshotCheckEntry: PATHS.snapshotCheck,
    sealSecret: await readSecret(config),
  });
  const readCategories = stores.categories.list;
  const announcer = createAnnouncer({ channel, readCategories, logger });
  const domain = createDomain({
    ...{ stores, blobs, drawPicture, predictor, announcer },
    ...{ canvasInk: hub, openCanvases: hub, canvasDocuments: hub.documents },
    canvasVersions: storage.canvasVersions,
  });
  await ensurePlayground({ ...stores, predictor });
  closers.add(startSweeping({ blobs, examples: stores.examples, logger }));
  const parts = { closers, storage, predictor, sessions, channel, hub, domain };
  const more = { access, dismissals, metrics };
  return { ...options, ...parts, ...more, isOriginAllowed: isAllowed };
}

async function openPredictor(
  { logger }: AppOptions,
  storage: Storage,
  closers: Closers,
): Promise<LivePredictor> {
  const { stores, blobs, database } = storage;
  const starter = await loadStarterModel(PATHS.starterModel);
  const predictor = await createPredictor({
    ...{ starter, blobs, models: stores.modelVersions },
    ...{ categories: stores.categories, examples: stores.examples },
    onError: (err) => logger.error({ err }, 'project_model.incomplete'),
  });
  closers.add(() => predictor.close());
  // Whichever server or trainer promoted it, this one serves it from now on.
  closers.add(database.news.onModelVersionPromoted((projectId) => predictor.forget(projectId)));
  return predictor;
}

async function openSessions(
  { config, logger }: AppOptions,
  { database }: Storage,
  closers: Closers,
): Promise<Sessions> {
  const sessions = createSessions({
    pool: database.pool,
    secret: await readSecret(config),
    onError: (err) => logger.warn({ err }, 'session.store_failed'),
  });
  closers.add(() => sessions.close());
  return sessions;
}

/** What sessions are signed and changes of canvases are sealed with. */
async function readSecret({ SESSION_SECRET, DATA_DIR }: Config): Promise<string> {
  return SESSION_SECRET ?? readOrCreateSecret(DATA_DIR, 'session-secret');
}

/** Everything that talks to the outside. */
async function serve(assembly: Assembly): Promise<string> {
  const { config, closers, storage, sessions, channel, hub, domain, metrics } = assembly;
  let isStopping = false;
  const trainer = startLearning(assembly);
  metrics.followHub(() => hub.metrics());
  metrics.followRealtime(() => channel.sockets.sockets.size);
  metrics.followTrainer(() => trainer.state());
  const app = createHttpApp({
    ...{ domain, sessions, logger: assembly.logger, clientDir: PATHS.client },
    version: readVersion(),
    origins: originsOf(config),
    trustedProxies: config.TRUSTED_PROXIES,
    newGuestsPerAddress: config.NEW_GUESTS_PER_ADDRESS,
    readHealth: createReadHealth({ version: readVersion(), storage, trainer }),
    metrics: { token: config.METRICS_TOKEN, render: metrics.render },
    isStopping: () => isStopping,
  });
  const server = createServer(app);
  const sockets = trackSockets(server);
  routeUpgrades(server, [
    { prefix: '/sync', handle: hub.handleUpgrade },
    // engine.io listens for these itself.
    { prefix: REALTIME_PATH, handle: null },
  ]);
  const scheduler = followCanvases(assembly);
  const { news } = storage.database;
  const accessChanges = followAccessChanges({ ...assembly, news });
  closers.add(() => accessChanges.close());
  serveRealtime(channel, {
    ...{ server, participantIdOf: sessions.participantIdOf },
    ...{ canvases: domain.canvases, projects: domain.projects },
    predictionsOf: (canvasId) => scheduler.predictionsOf(canvasId),
    ...{ dismissals: assembly.dismissals, onJoined: accessChanges.joined },
    logger: assembly.logger,
  });
  closers.add(async () => {
    const closed = channel.close();
    server.closeAllConnections();
    const stopWaiting = sockets.endSoon();
    await closed;
    stopWaiting();
  });
  closers.add(() => together([closeHub(hub), trainer.stop()]));
  closers.add(() => {
    isStopping = true;
  });
  return listen(server, { host: config.HOST, port: config.PORT });
}

/** Judges the sketches of open canvases as they are drawn. */
function followCanvases({
  hub,
  predictor,
  storage,
  channel,
  ...rest
}: Assembly): PredictionScheduler {
  const { closers, logger, metrics } = rest;
  const { canvases } = storage.stores;
  const scheduler = new PredictionScheduler({
    ...{ source: hub, judge: predictor, clock: schedulerClock },
    findProjectId: async (canvasId) => (await canvases.find(canvasId))?.projectId ?? null,
    onPredictions: (canvasId, predictions) => {
      metrics.predicted(predictions.length);
      sendPredictions(channel, canvasId, [...predictions]);
    },
    onError: (err) => {
      metrics.predictionFailed();
      logger.error({ err }, 'prediction.failed');
    },
  });
  closers.add(() => scheduler.close());
  closers.add(predictor.onModelChanged((projectId) => scheduler.modelChanged(projectId)));
  return scheduler;
}

/** Starts the trainer and the schedule, and passes on what they say. */
function startLearning(assembly: Assembly): Trainer {
  const { config, logger, storage, channel, closers, domain, schedule } = assembly;
  const { database, stores } = storage;
  closers.add(forwardLearningNews({ channel, news: database.news, ...stores, logger }));
  closers.add(startTrainingSchedule({ ...domain, logger, ...schedule }));
  return startTrainer({ config, logger, databaseUrl: database.url });
}

/** Throws when something could not be saved, so that the end of the server is no good one. */
async function closeHub(hub: Hub): Promise<void> {
  await hub.close();
  const { unsavedUpdates } = hub.metrics();
  if (unsavedUpdates > 0) throw new Error(`Changes that could not be saved: ${unsavedUpdates}.`);
}

/** Waits for all of it, also past a failure; throws the first. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function originsOf(config: Config): { allowedOrigins: readonly string[]; isBehindProxy: boolean } {
  return { allowedOrigins: config.ALLOWED_ORIGINS, isBehindProxy: config.TRUSTED_PROXIES > 0 };
}
