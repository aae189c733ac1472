import type { LEARNING_ROUTES } from '../../shared/api/learning.ts';
import type { Domain } from '../domain/domain.ts';
import type { Handlers } from './handlers.ts';

/** Predictions, feedback, training runs and model versions. */
export function learningHandlers({
  predictions,
  feedback,
  trainingRuns,
  modelVersions,
}: Domain): Handlers<keyof typeof LEARNING_ROUTES> {
  return {
    createPrediction: ({ participantId, params, body }) =>
      predictions.predict(participantId, params.id, body.strokes),
    createFeedback: ({ participantId, params, body }) => {
      const { id: canvasId, sketchId } = params;
      return feedback.give(participantId, { canvasId, sketchId }, body);
    },
    deleteFeedback: async ({ participantId, params }) => {
      await feedback.takeBack(participantId, params.id);
      return undefined;
    },
    createTrainingRun: ({ participantId, params, body }) =>
      trainingRuns.request(participantId, params.id, body),
    getTrainingNeeds: ({ participantId, params, query }) =>
      trainingRuns.needs(participantId, params.id, query.layers),
    listTrainingRuns: ({ participantId, params, query }) =>
      trainingRuns.list(participantId, params.id, query),
    getTrainingRun: ({ participantId, params }) => trainingRuns.get(participantId, params.id),
    cancelTrainingRun: ({ participantId, params }) => trainingRuns.cancel(participantId, params.id),
    listModelVersions: ({ participantId, params, query }) =>
      modelVersions.list(participantId, params.id, query),
    getModelVersion: ({ participantId, params }) => modelVersions.get(participantId, params.id),
    getConfusion: ({ participantId, params }) => modelVersions.confusion(participantId, params.id),
    rebuildModelVersion: ({ participantId, params }) =>
      trainingRuns.rebuild(participantId, params.id),
    promoteModelVersion: ({ participantId, params }) =>
      modelVersions.promote(participantId, params.id),
    getModel: ({ participantId, params }) => modelVersions.exportOnnx(participantId, params.id),
  };
}
