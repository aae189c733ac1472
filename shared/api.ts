import { z } from 'zod';
import { Category } from './category.ts';
import { Example, ExampleSource, Split } from './example.ts';
import { Feedback, FeedbackRequest } from './feedback.ts';
import { DEFAULT_PAGE_ITEMS, MAX_EXAMPLES_PER_REQUEST, MAX_PAGE_ITEMS } from './limits.ts';
import { ModelVersion } from './model-version.ts';
import { Participant, ParticipantChange } from './participant.ts';
import { Prediction } from './prediction.ts';
import { Canvas, CanvasMode, Name, Project, TrainingStrategy } from './project.ts';
import { StrokesInput } from './stroke.ts';
import { Hyperparameters, Layers, TrainingRun } from './training-run.ts';

/** The HTTP contract: one entry a route. The server's router, the page and OpenAPI read it. */
export interface Route {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/api`, parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 204;
  /** A schema, or the media type of a binary reply. */
  readonly reply: z.ZodType | 'image/png' | 'application/octet-stream' | null;
  /** Answers without a session, and opens none. */
  readonly isPublic?: true;
}

const Id = z.object({ id: z.uuid() });
const SketchId = z.object({ id: z.uuid(), sketchId: z.uuid() });
const Page = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_ITEMS).default(DEFAULT_PAGE_ITEMS),
});

/** A page of a list; `nextCursor` is null on the last one. */
function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  database: z.enum(['ok', 'unavailable']),
  blobs: z.enum(['ok', 'unavailable']),
  trainer: z.enum(['embedded', 'external', 'unavailable']),
});

const NewExample = z.object({ categoryId: z.uuid(), strokes: StrokesInput }).strict();
const NewExamples = z
  .object({ examples: z.array(NewExample).min(1).max(MAX_EXAMPLES_PER_REQUEST) })
  .strict();

const ExampleQuery = Page.extend({
  categoryId: z.uuid().optional(),
  source: ExampleSource.optional(),
  split: Split.optional(),
});

/** Keeps each entry's own types. */
function routes<T extends Record<string, Route>>(table: T): T {
  return table;
}

export const API = routes({
  getHealth: {
    method: 'get',
    path: '/health',
    summary: 'Whether the server and what it needs are up.',
    status: 200,
    reply: Health,
    isPublic: true,
  },
  getMe: {
    method: 'get',
    path: '/me',
    summary: 'Who I am; opens a session for a new guest.',
    status: 200,
    reply: Participant,
  },
  changeMe: {
    method: 'patch',
    path: '/me',
    summary: 'Changes my nickname or colour.',
    body: ParticipantChange,
    status: 200,
    reply: Participant,
  },
  createProject: {
    method: 'post',
    path: '/projects',
    summary: 'Creates a project with one canvas; I become its owner.',
    body: z.object({ name: Name }).strict(),
    status: 201,
    reply: Project,
  },
  listProjects: {
    method: 'get',
    path: '/projects',
    summary: 'My projects, those I joined, and the Playground.',
    query: Page,
    status: 200,
    reply: listOf(Project),
  },
  getProject: {
    method: 'get',
    path: '/projects/:id',
    summary: 'A project.',
    params: Id,
    status: 200,
    reply: Project,
  },
  changeProject: {
    method: 'patch',
    path: '/projects/:id',
    summary: 'Renames a project or changes its training strategy; owner only.',
    params: Id,
    body: z.object({ name: Name.optional(), strategy: TrainingStrategy.optional() }).strict(),
    status: 200,
    reply: Project,
  },
  deleteProject: {
    method: 'delete',
    path: '/projects/:id',
    summary: 'Deletes a project with all its examples; owner only.',
    params: Id,
    status: 204,
    reply: null,
  },
  getOwnerLink: {
    method: 'get',
    path: '/projects/:id/owner-link',
    summary: 'The secret that restores my ownership in another browser; owner only.',
    params: Id,
    status: 200,
    reply: z.object({ token: z.string() }),
  },
  claimOwnership: {
    method: 'post',
    path: '/owner-links',
    summary: 'Restores ownership from an owner link.',
    body: z.object({ token: z.string().min(16).max(100) }).strict(),
    status: 200,
    reply: Project,
  },
  createCategory: {
    method: 'post',
    path: '/projects/:id/categories',
    summary: 'Adds a category.',
    params: Id,
    body: z.object({ name: Name }).strict(),
    status: 201,
    reply: Category,
  },
  listCategories: {
    method: 'get',
    path: '/projects/:id/categories',
    summary: 'The categories with their example counts.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(Category),
  },
  changeCategory: {
    method: 'patch',
    path: '/categories/:id',
    summary: 'Renames a category, or switches its pre-taught examples on or off.',
    params: Id,
    body: z.object({ name: Name.optional(), preTaught: z.boolean().optional() }).strict(),
    status: 200,
    reply: Category,
  },
  deleteCategory: {
    method: 'delete',
    path: '/categories/:id',
    summary: 'Deletes a category and its examples; owner only.',
    params: Id,
    status: 204,
    reply: null,
  },
  createCanvas: {
    method: 'post',
    path: '/projects/:id/canvases',
    summary: 'Adds a canvas; its document is at /sync/<canvasId>.',
    params: Id,
    body: z.object({ name: Name, mode: CanvasMode }).strict(),
    status: 201,
    reply: Canvas,
  },
  listCanvases: {
    method: 'get',
    path: '/projects/:id/canvases',
    summary: 'The canvases of a project.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(Canvas),
  },
  openCanvas: {
    method: 'post',
    path: '/canvases/:id/visits',
    summary: 'Opens a canvas by its link: who does so becomes a contributor of its project.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: z.object({ canvas: Canvas, project: Project }),
  },
  createExamples: {
    method: 'post',
    path: '/projects/:id/examples',
    summary: 'Adds one example, or up to 500: all or nothing.',
    params: Id,
    body: z.union([NewExample, NewExamples]),
    status: 201,
    reply: z.union([Example, z.object({ examples: z.array(z.object({ id: z.uuid() })) })]),
  },
  listExamples: {
    method: 'get',
    path: '/projects/:id/examples',
    summary: 'The examples, newest first.',
    params: Id,
    query: ExampleQuery,
    status: 200,
    reply: listOf(Example),
  },
  changeExample: {
    method: 'patch',
    path: '/examples/:id',
    summary: 'Moves an example to another category, or brings a deleted one back.',
    params: Id,
    body: z
      .object({ categoryId: z.uuid().optional(), deleted: z.literal(false).optional() })
      .strict(),
    status: 200,
    reply: Example,
  },
  deleteExample: {
    method: 'delete',
    path: '/examples/:id',
    summary: 'Deletes an example; can be undone.',
    params: Id,
    status: 204,
    reply: null,
  },
  getExampleImage: {
    method: 'get',
    path: '/examples/:id/image',
    summary: 'The sketch as a PNG.',
    params: Id,
    status: 200,
    reply: 'image/png',
  },
  getExampleStrokes: {
    method: 'get',
    path: '/examples/:id/strokes',
    summary: 'The sketch as strokes in columns.',
    params: Id,
    status: 200,
    reply: z.object({ strokes: z.array(z.array(z.array(z.number()))) }),
  },
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

export type RouteName = keyof typeof API;
type Inferred<T> = T extends z.ZodType ? z.output<T> : undefined;
type Entry<N extends RouteName, K extends string> =
  (typeof API)[N] extends Record<K, infer S> ? S : undefined;

/** What a route takes, after its schemas. */
export interface RouteInput<N extends RouteName> {
  readonly params: Inferred<Entry<N, 'params'>>;
  readonly query: Inferred<Entry<N, 'query'>>;
  readonly body: Inferred<Entry<N, 'body'>>;
}

/** What a route answers: an object of its schema, bytes, or nothing. */
export type RouteReply<N extends RouteName> =
  Entry<N, 'reply'> extends z.ZodType
    ? z.input<Entry<N, 'reply'>>
    : Entry<N, 'reply'> extends null
      ? undefined
      : Uint8Array;
