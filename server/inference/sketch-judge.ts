import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';

/**
 * Judging in two steps. The network, which is the costly one, sees sketches of all projects as one
 * batch and once for each change of their ink; a project's head, which takes microseconds, can
 * judge the embedding again whenever the project has learnt something.
 */
export interface SketchJudge {
  /** Null where there is nothing to judge. */
  embedSketches(sketches: readonly (readonly StrokeColumns[])[]): Promise<(Float32Array | null)[]>;
  /** In order; no label and no scores where there is nothing to judge. */
  judge(
    projectId: string,
    embeddings: readonly (Float32Array | null)[],
  ): Promise<Omit<Prediction, 'milliseconds'>[]>;
}
