import type { Example } from '../../shared/example.ts';
import type { Feedback } from '../../shared/feedback.ts';

/** A sketch on a canvas that somebody speaks about. */
export type SketchAddress = Pick<Feedback, 'canvasId' | 'sketchId'>;

/** An example that a sketch of a canvas became. */
export type SketchExample = Pick<Example, 'id' | 'categoryId'>;

export interface FeedbackStore {
  add(
    feedback: Omit<Feedback, 'id' | 'createdAt'> & {
      readonly sketchRevision: number;
      readonly modelVersionId: string | null;
    },
  ): Promise<Feedback>;
  find(feedbackId: string): Promise<Feedback | null>;
  /** All about a sketch, newest first. */
  ofSketch(sketch: SketchAddress): Promise<Feedback[]>;
  /** What a sketch is in the dataset by feedback, recorded or not, newest first. */
  liveExamplesOf(sketch: SketchAddress): Promise<SketchExample[]>;
  remove(feedbackId: string): Promise<void>;
}
