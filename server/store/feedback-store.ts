import { AppError } from '../../shared/errors.ts';
import type { Feedback } from '../../shared/feedback.ts';
import type { FeedbackStore } from '../domain/feedback-ports.ts';
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
    ofSketch: async ({ canvasId, sketchId }) => {
      const rows = await models.feedback.findAll({
        where: { canvasId, sketchId },
        order: [
          ['createdAt', 'DESC'],
          ['id', 'DESC'],
        ],
      });
      return rows.map(present);
    },
    liveExamplesOf: async ({ canvasId, sketchId }) => {
      const rows = await models.example.findAll({
        attributes: ['id', 'categoryId'],
        where: { canvasId, sketchId, source: 'feedback', deletedAt: null },
        order: [['position', 'DESC']],
      });
      return rows.map(({ id, categoryId }) => ({ id, categoryId }));
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
