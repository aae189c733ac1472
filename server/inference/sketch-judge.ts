import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { BackboneAddress } from './backbones.ts';

/** What a backbone sees in a sketch; numbers of different backbones cannot be compared. */
export interface SketchEmbedding {
  readonly backboneId: string;
  /** Normalized. */
  readonly numbers: Float32Array;
}

/** What a project takes a sketch for. */
export type Judgement = Omit<Prediction, 'milliseconds'>;

/**
 * Judging in two steps. The network, which is the costly one, sees sketches of all projects that
 * share a backbone as one batch and once for each change of their ink; a project's head, which
 * takes microseconds, can judge the embedding again whenever the project has learnt something.
 */
export interface SketchJudge {
  /** The backbone that the project's sketches go through now; null until `prepare` has read it. */
  backboneOf(projectId: string): BackboneAddress | null;
  /** Reads the project's model, so that its sketches need not wait for it. */
  prepare(projectId: string): Promise<void>;
  /** In order; null where there is nothing to judge. */
  embedSketches(
    backbone: BackboneAddress,
    sketches: readonly (readonly StrokeColumns[])[],
  ): Promise<(SketchEmbedding | null)[]>;
  /**
   * In order; no label and no scores where there is nothing to judge, and null for the embedding of
   * a backbone that is not the project's any more.
   */
  judge(
    projectId: string,
    embeddings: readonly (SketchEmbedding | null)[],
  ): Promise<(Judgement | null)[]>;
}
