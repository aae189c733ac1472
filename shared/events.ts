import { z } from 'zod';
import { Category } from './category.ts';
import { ErrorReply } from './errors.ts';
import { SketchPrediction } from './prediction.ts';
import type { TrainingRun } from './training-run.ts';
import { Uuid } from './uuid.ts';

/** The socket.io contract, path `/realtime`. Rooms: one per canvas, one per project. */
export const REALTIME_PATH = '/realtime';

export const CanvasJoin = z.object({ canvasId: Uuid }).strict();
export type CanvasJoin = z.infer<typeof CanvasJoin>;

export const CanvasJoined = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), predictions: z.array(SketchPrediction) }),
  z.object({ ok: z.literal(false), error: ErrorReply }),
]);
export type CanvasJoined = z.infer<typeof CanvasJoined>;

export const ProjectJoin = z.object({ projectId: Uuid }).strict();
export type ProjectJoin = z.infer<typeof ProjectJoin>;

export const ProjectJoined = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: ErrorReply }),
]);
export type ProjectJoined = z.infer<typeof ProjectJoined>;

export const PredictionUpdated = z.object({
  canvasId: z.uuid(),
  predictions: z.array(SketchPrediction),
});
export type PredictionUpdated = z.infer<typeof PredictionUpdated>;

export const ExampleChanged = z.object({
  projectId: z.uuid(),
  exampleId: z.uuid(),
  categoryId: z.uuid(),
  /** People's examples of that category now. */
  examples: z.number().int(),
});
export type ExampleChanged = z.infer<typeof ExampleChanged>;

export const CategoryChanged = z.object({
  projectId: z.uuid(),
  /** The project's categories as they are now. */
  categories: z.array(Category),
});
export type CategoryChanged = z.infer<typeof CategoryChanged>;

export const ModelVersionPromoted = z.object({
  projectId: z.uuid(),
  modelVersionId: z.uuid(),
  number: z.number().int(),
});
export type ModelVersionPromoted = z.infer<typeof ModelVersionPromoted>;

/** What the server sends. */
export interface ServerEvents {
  'prediction:updated': (event: PredictionUpdated) => void;
  'example:added': (event: ExampleChanged) => void;
  'example:removed': (event: ExampleChanged) => void;
  'category:changed': (event: CategoryChanged) => void;
  'training_run:progressed': (event: TrainingRun) => void;
  'model_version:promoted': (event: ModelVersionPromoted) => void;
}

/** What a client sends. */
export interface ClientEvents {
  'canvas:join': (request: CanvasJoin, reply: (joined: CanvasJoined) => void) => void;
  /** Hears a project's news without being on one of its canvases; who may read it may do so. */
  'project:join': (request: ProjectJoin, reply: (joined: ProjectJoined) => void) => void;
}
