import { AppError } from '../../shared/errors.ts';
import type { Feedback } from '../../shared/feedback.ts';
import type { FeedbackStore } from '../domain/ports.ts';
import type { Database } from './database.ts';
import type { FeedbackModel } from './models/feedback-model.ts';
import { isUuid } from './uuid.ts';

/** Feedback in Postgres. */
export function createFeedbackStore({ models }: Database): FeedbackStore {
  return {
    add: async (feedback) => {
      const row = await models.feedback.create(feedback);
      return present(row);
    },
    find: async (feedbackId) => {
      const row = isUuid(feedbackId) ? await models.feedback.findByPk(feedbackId) : null;
      return row && present(row);
    },
    remove: async (feedbackId) => {
      const removed = isUuid(feedbackId)
        ? await models.feedback.destroy({ where: { id: feedbackId } })
        : 0;
      if (removed === 0) throw new AppError('feedback.unknown', 'There is no such feedback.');
    },
  };
}

function present(row: FeedbackModel): Feedback {
  return {
    id: row.id,
    canvasId: row.canvasId,
    sketchId: row.sketchId,
    participantId: row.participantId,
    verdict: row.verdict,
    categoryId: row.categoryId,
    exampleId: row.exampleId,
    trainingRunId: row.trainingRunId,
    createdAt: row.createdAt.toISOString(),
  };
}
