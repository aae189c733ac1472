import type { SketchPrediction } from '../../shared/prediction.ts';
import type {
  DatabaseNews,
  ModelVersionStore,
  TrainingRunStore,
} from '../domain/learning-ports.ts';
import type { Logger } from '../logger.ts';
import type { Channel } from './channel.ts';
import { canvasRoom, projectRoom } from './channel.ts';
import { PacedRuns } from './paced-runs.ts';

/** Passes on what trainers have told the database, whichever machine they run on. Returns its undo. */
export function forwardLearningNews(options: {
  readonly channel: Channel;
  readonly news: DatabaseNews;
  readonly trainingRuns: TrainingRunStore;
  readonly modelVersions: ModelVersionStore;
  readonly logger: Logger;
}): () => void {
  const { channel, news, trainingRuns, modelVersions, logger } = options;
  const orWarn = (sending: Promise<void>): void => {
    sending.catch((err: unknown) => logger.warn({ err }, 'realtime.news_not_sent'));
  };
  const runs = new PacedRuns({
    read: trainingRuns.find,
    send: (run) => channel.to(projectRoom(run.projectId)).emit('training_run:progressed', run),
    onError: (err) => logger.warn({ err }, 'realtime.news_not_sent'),
  });
  const sendPromoted = async (projectId: string, modelVersionId: string): Promise<void> => {
    const version = await modelVersions.find(modelVersionId);
    if (!version) return;
    const { number } = version;
    const event = { projectId, modelVersionId, number };
    channel.to(projectRoom(projectId)).emit('model_version:promoted', event);
  };
  const stops = [
    news.onTrainingRunProgressed((id) => runs.tell(id)),
    news.onModelVersionPromoted((projectId, id) => orWarn(sendPromoted(projectId, id))),
  ];
  return () => {
    for (const stop of stops) stop();
    runs.close();
  };
}

/**
 * Sends what the model takes a canvas' sketches for. A client that is behind misses some while a
 * sketch is being drawn, since the next one follows soon; what is final always arrives.
 */
export function sendPredictions(
  channel: Channel,
  canvasId: string,
  predictions: SketchPrediction[],
): void {
  const room = channel.to(canvasRoom(canvasId));
  const isLast = predictions.some((prediction) => prediction.final);
  (isLast ? room : room.volatile).emit('prediction:updated', { canvasId, predictions });
}
