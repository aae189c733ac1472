import { z } from 'zod';

/** What a canvas looked like at one time, kept under a name. Restoring it is a change like any other. */
export const CanvasVersion = z.object({
  id: z.uuid(),
  canvasId: z.uuid(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** Null: whoever kept it is not known any more. */
  createdBy: z.object({ participantId: z.uuid(), nickname: z.string() }).nullable(),
  /** How many strokes it shows. */
  strokes: z.int().min(0),
});
export type CanvasVersion = z.infer<typeof CanvasVersion>;
