import { z } from 'zod';
import { MAX_NAME_CHARACTERS } from './limits.ts';
import { PLAIN_TEXT, Role } from './participant.ts';
import { TrainingStrategy } from './training-strategy.ts';

/** What people call a thing: whole characters only, none that cannot be seen or stored. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_CHARACTERS)
  .regex(PLAIN_TEXT, 'A name has letters, numbers and signs, no control characters.');

/** A classifier being taught: its categories, canvases, dataset and model versions. */
export const Project = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The Playground belongs to the system: everybody contributes, nothing of it can be deleted. */
  isPlayground: z.boolean(),
  role: Role,
  strategy: TrainingStrategy,
  /** The promoted model version; null until the first one. */
  modelVersionId: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});
export type Project = z.infer<typeof Project>;

export const CanvasMode = z.enum(['free', 'tiles', 'together']);
export type CanvasMode = z.infer<typeof CanvasMode>;

/** A shared surface that people draw on; the document itself is at `/sync/<canvasId>`. */
export const Canvas = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  name: z.string(),
  mode: CanvasMode,
  /** Rises when the document begins anew; copies of another generation are worth nothing. */
  generation: z.int().min(1),
  createdAt: z.iso.datetime(),
});
export type Canvas = z.infer<typeof Canvas>;
