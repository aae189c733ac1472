import { z } from 'zod';

export const Score = z.object({
  categoryId: z.uuid(),
  name: z.string(),
  /** Calibrated, 0 to 1. */
  confidence: z.number(),
});
export type Score = z.infer<typeof Score>;

/** A model's ranked scores for some strokes: the top 5. */
export const Prediction = z.object({
  /** Id of the model version that made it; null before a project has one. */
  modelVersion: z.uuid().nullable(),
  /** Name of the category, or null for "?": nothing known, or nothing to judge. */
  label: z.string().nullable(),
  scores: z.array(Score).max(5),
  milliseconds: z.number(),
});
export type Prediction = z.infer<typeof Prediction>;

/** A prediction for a sketch on a canvas, at one revision of that sketch. */
export const SketchPrediction = Prediction.extend({
  sketchId: z.uuid(),
  /** Rises with every change of the sketch's ink while its canvas is open on the server. */
  revision: z.number().int(),
  /** Whether the sketch had no live ink when it was judged. */
  final: z.boolean(),
});
export type SketchPrediction = z.infer<typeof SketchPrediction>;
