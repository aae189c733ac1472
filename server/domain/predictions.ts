import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { Access } from './access.ts';
import type { Predictor } from './learning-ports.ts';

/** What a project takes some strokes for, asked over HTTP. */
export class Predictions {
  readonly #predictor: Predictor;
  readonly #access: Access;

  constructor(ports: { readonly predictor: Predictor; readonly access: Access }) {
    this.#predictor = ports.predictor;
    this.#access = ports.access;
  }

  async predict(
    participantId: string,
    projectId: string,
    strokes: readonly StrokeColumns[],
  ): Promise<Prediction> {
    await this.#access.toProject(participantId, projectId, 'project:read');
    const [prediction] = await this.#predictor.predict(projectId, [strokes]);
    if (!prediction) throw new Error('The predictor gave no prediction for a sketch.');
    return prediction;
  }
}
