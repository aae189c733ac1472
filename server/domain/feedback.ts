import { AppError } from '../../shared/errors.ts';
import type { Feedback, FeedbackRequest } from '../../shared/feedback.ts';
import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { isJudgeable } from '../../shared/stroke.ts';
import type { Access } from './access.ts';
import type { Categories } from './categories.ts';
import type { Examples, Provenance } from './examples.ts';
import type { FeedbackStore, SketchAddress } from './feedback-ports.ts';
import { replacedBy, restoredWithout } from './feedback-verdicts.ts';
import type { ModelVersionStore, Predictor } from './learning-ports.ts';
import type { CanvasInk, CategoryStore } from './ports.ts';

interface FeedbackPorts {
  readonly stores: {
    readonly feedback: FeedbackStore;
    readonly categories: CategoryStore;
    readonly modelVersions: ModelVersionStore;
  };
  readonly canvasInk: CanvasInk;
  readonly predictor: Predictor;
  readonly access: Access;
  readonly categories: Categories;
  readonly examples: Examples;
}

/** What there is to tell of a sketch that is to stay out of the dataset. */
const NOT_ADDED = { examples: [], trainingRun: null };

/** People's verdicts on what the model takes a sketch for. */
export class FeedbackDesk {
  readonly #ports: FeedbackPorts;

  constructor(ports: FeedbackPorts) {
    this.#ports = ports;
  }

  /**
   * Confirms for everybody what a sketch shows, adds it to the dataset where that is wanted, in
   * place of what it was by earlier feedback, and trains where the project's strategy says so.
   */
  async give(
    participantId: string,
    { canvasId, sketchId }: SketchAddress,
    request: FeedbackRequest,
  ): Promise<Feedback> {
    const { project } = await this.#ports.access.toCanvas(participantId, canvasId, 'feedback:give');
    const projectId = project.id;
    const strokes = await this.#strokesOf({ canvasId, sketchId });
    const [prediction] = await this.#ports.predictor.predict(projectId, [strokes]);
    const categoryId = await this.#categoryMeant(request, { participantId, projectId, prediction });
    const modelVersionId = await this.#modelVersionSeen(request, projectId);
    const added = request.addToDataset
      ? await this.#ports.examples.add([{ categoryId, strokes }], {
          projectId,
          authorId: participantId,
          source: 'feedback',
          canvasId,
          sketchId,
          ...firstGuessOf(prediction),
        })
      : NOT_ADDED;
    const feedback = await this.#record({
      canvasId,
      sketchId,
      participantId,
      verdict: request.verdict,
      categoryId,
      exampleId: added.examples[0]?.id ?? null,
      trainingRunId: added.trainingRun?.id ?? null,
      sketchRevision: request.sketchRevision,
      modelVersionId,
    });
    await this.#replaceEarlier(feedback);
    await this.#mark(feedback, categoryId);
    return feedback;
  }

  /**
   * What cannot be recorded does not stay in the dataset either. Where the database is away for
   * both, the next verdict on the sketch replaces what was left.
   */
  async #record(feedback: Parameters<FeedbackStore['add']>[0]): Promise<Feedback> {
    try {
      return await this.#ports.stores.feedback.add(feedback);
    } catch (error) {
      if (feedback.exampleId) await this.#ports.examples.withdraw(feedback.exampleId);
      throw error;
    }
  }

  /** After its own example is there: so whoever of two is later sees both, and leaves one. */
  async #replaceEarlier(feedback: Feedback): Promise<void> {
    const live = await this.#ports.stores.feedback.liveExamplesOf(feedback);
    for (const { id } of replacedBy(feedback, live)) await this.#ports.examples.withdraw(id);
  }

  /**
   * Takes feedback back, with the example it became; a category it created stays. The sketch is
   * then what the newest feedback that is left says.
   */
  async takeBack(participantId: string, feedbackId: string): Promise<void> {
    const feedback = await this.#ports.stores.feedback.find(feedbackId);
    if (!feedback)
      throw new AppError(
        'feedback.unknown',
        'There is no such feedback; it was taken back already.',
      );
    const { canvasId } = feedback;
    const isOwn = feedback.participantId === participantId;
    const action = isOwn ? 'feedback:give' : 'feedback:take_back';
    await this.#ports.access.toCanvas(participantId, canvasId, action);
    // The example goes before the row: while that is there, whoever failed half-way can try again.
    const verdicts = await this.#ports.stores.feedback.ofSketch(feedback);
    await this.#withdraw(feedback, verdicts);
    await this.#ports.stores.feedback.remove(feedbackId);
    const newest = verdicts.find(({ id }) => id !== feedbackId);
    await this.#mark(feedback, newest?.categoryId ?? null);
  }

  /** Takes its example out of the dataset, and brings back the one that counts without it. */
  async #withdraw(feedback: Feedback, verdicts: readonly Feedback[]): Promise<void> {
    const { stores, examples } = this.#ports;
    const live = await stores.feedback.liveExamplesOf(feedback);
    if (feedback.exampleId) await examples.withdraw(feedback.exampleId);
    const restored = restoredWithout(feedback, { verdicts, live });
    if (restored) await examples.bringBack(restored);
  }

  /**
   * Shows on the canvas what the sketch is confirmed as. A sketch that was erased, or that a restore
   * took away, has nobody to be shown to, and is no reason to refuse what is stored.
   */
  async #mark({ canvasId, sketchId }: SketchAddress, categoryId: string | null): Promise<void> {
    try {
      await this.#ports.canvasInk.confirmSketch(canvasId, sketchId, categoryId);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'sketch.unknown') throw error;
    }
  }

  async #strokesOf({ canvasId, sketchId }: SketchAddress): Promise<StrokeColumns[]> {
    const sketch = await this.#ports.canvasInk.findSketch(canvasId, sketchId);
    if (!sketch)
      throw new AppError(
        'sketch.unknown',
        'This sketch is not on the canvas; it may not have arrived yet.',
      );
    if (!isJudgeable(sketch.strokes))
      throw new AppError('sketch.empty', 'There is nothing left of this sketch to judge.');
    return sketch.strokes;
  }

  /** The category named, a new one, or for `right` the model's own first guess. */
  async #categoryMeant(
    { categoryId, newCategory }: FeedbackRequest,
    context: {
      readonly participantId: string;
      readonly projectId: string;
      readonly prediction: Prediction | undefined;
    },
  ): Promise<string> {
    if (newCategory) {
      const { participantId, projectId } = context;
      const { name } = newCategory;
      return (await this.#ports.categories.create(participantId, projectId, name)).id;
    }
    const meant = categoryId ?? context.prediction?.scores[0]?.categoryId;
    if (!meant)
      throw new AppError('request.invalid', 'There is no guess yet. Say what the sketch shows.');
    const category = await this.#ports.stores.categories.find(meant);
    if (category?.projectId !== context.projectId)
      throw new AppError('category.unknown', 'This project has no such category.');
    return meant;
  }

  /** The version whose guess the person saw; one of another project says nothing. */
  async #modelVersionSeen(
    { modelVersion }: FeedbackRequest,
    projectId: string,
  ): Promise<string | null> {
    const version = modelVersion && (await this.#ports.stores.modelVersions.find(modelVersion));
    return version && version.projectId === projectId ? version.id : null;
  }
}

/** With the version that makes it now, which need not be the one that the person saw. */
function firstGuessOf(
  prediction: Prediction | undefined,
): Pick<Provenance, 'predictedCategoryId' | 'predictedConfidence' | 'modelVersionId'> {
  const top = prediction?.scores[0];
  return {
    predictedCategoryId: top?.categoryId ?? null,
    predictedConfidence: top?.confidence ?? null,
    modelVersionId: prediction?.modelVersion ?? null,
  };
}
