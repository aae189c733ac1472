import { z } from 'zod';
import { Feedback, FeedbackRequest } from '../feedback.ts';
import { Hyperparameters, Layers } from '../hyperparameters.ts';
import { Confusion, ModelVersion } from '../model-version.ts';
import { Prediction } from '../prediction.ts';
import { StrokesInput } from '../stroke.ts';
import { TrainingNeeds } from '../training-needs.ts';
import { TrainingRun } from '../training-run.ts';
import { Id, listOf, Page, routes } from './route.ts';

/** A sketch's id is a key of the document, written as whoever drew it has written it. */
const SketchId = Id.extend({ sketchId: z.uuid() });

/** Predictions, feedback, training runs and model versions. */
export const LEARNING_ROUTES = routes({
  createPrediction: {
    method: 'post',
    path: '/projects/:id/predictions',
    summary: 'What the project takes these strokes for: always the top 5.',
    params: Id,
    body: z.object({ strokes: StrokesInput }).strict(),
    status: 200,
    reply: Prediction,
  },
  createFeedback: {
    method: 'post',
    path: '/canvases/:id/sketches/:sketchId/feedback',
    summary: 'Says whether the guess is right, and what the sketch shows.',
    params: SketchId,
    body: FeedbackRequest,
    status: 201,
    reply: Feedback,
  },
  deleteFeedback: {
    method: 'delete',
    path: '/feedback/:id',
    summary: 'Takes feedback back, with the example it became.',
    params: Id,
    status: 204,
    reply: null,
  },
  createTrainingRun: {
    method: 'post',
    path: '/projects/:id/training-runs',
    summary: 'Asks for a training run; one that is queued already takes the newest settings.',
    params: Id,
    body: z
      .object({ layers: Layers.optional(), hyperparameters: Hyperparameters.optional() })
      .strict(),
    status: 201,
    reply: TrainingRun,
  },
  getTrainingNeeds: {
    method: 'get',
    path: '/projects/:id/training-needs',
    summary: 'Whether a run could be trained now, and else which examples are missing.',
    params: Id,
    query: z.object({ layers: Layers.optional() }),
    status: 200,
    reply: TrainingNeeds,
  },
  listTrainingRuns: {
    method: 'get',
    path: '/projects/:id/training-runs',
    summary: 'The training runs, newest first.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(TrainingRun),
  },
  getTrainingRun: {
    method: 'get',
    path: '/training-runs/:id',
    summary: 'A training run with its progress.',
    params: Id,
    status: 200,
    reply: TrainingRun,
  },
  cancelTrainingRun: {
    method: 'post',
    path: '/training-runs/:id/cancel',
    summary: 'Cancels a queued or running training run.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: TrainingRun,
  },
  listModelVersions: {
    method: 'get',
    path: '/projects/:id/model-versions',
    summary: 'The model versions, newest first.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(ModelVersion),
  },
  getModelVersion: {
    method: 'get',
    path: '/model-versions/:id',
    summary: 'A model version with its evaluation.',
    params: Id,
    status: 200,
    reply: ModelVersion,
  },
  getConfusion: {
    method: 'get',
    path: '/model-versions/:id/confusion',
    summary: 'What the test sketches of each category were taken for, with their example ids.',
    params: Id,
    status: 200,
    reply: Confusion,
  },
  rebuildModelVersion: {
    method: 'post',
    path: '/model-versions/:id/rebuild',
    summary: 'Trains a version again from its dataset snapshot, settings and seed; owner only.',
    params: Id,
    body: z.object({}).strict(),
    status: 201,
    reply: TrainingRun,
  },
  promoteModelVersion: {
    method: 'post',
    path: '/model-versions/:id/promote',
    summary: 'Makes a version the one that is served, everywhere at once; owner only.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: ModelVersion,
  },
  getModel: {
    method: 'get',
    path: '/model-versions/:id/model.onnx',
    summary: 'The whole network as standard ONNX.',
    params: Id,
    status: 200,
    reply: 'application/octet-stream',
  },
});
