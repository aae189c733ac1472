import type { ResolvedHyperparameters } from '../../shared/hyperparameters.ts';
import type { CurvePoint } from '../../shared/training-run.ts';
import { AppError } from '../../shared/errors.ts';
import { headExamples } from '../ml/head-examples.ts';
import { logitsOf, type Head, type LinearHead } from '../ml/head.ts';
import { validationOf, type Validation } from './fine-tune-validation.ts';
import type { HeadDataset } from './head-dataset.ts';
import { trainHead } from './train-head.ts';

/** Fewer held out sketches say nothing about when to stop; more only take time. */
const ENOUGH = 20;
const MOST = 200;
/** Without patience to watch for, the curve is all that validation is for. */
const CURVE_POINTS = 15;
const MINUTE_MS = 60_000;

export interface HeadRun {
  readonly dataset: HeadDataset;
  readonly settings: ResolvedHyperparameters;
  /** Makes the confidences of a trained head honest, until it is calibrated. */
  readonly temperature: number;
  /** Ends it after so many steps, as the clock did when the version was first made. */
  readonly stopAfterSteps: number | null;
  readonly onStep: (step: number, loss: number, curve: readonly CurvePoint[]) => void;
}

export interface TrainedHead {
  readonly head: Head;
  readonly curve: readonly CurvePoint[];
  /** Set where the time was over before the last step. */
  readonly stoppedAfterSteps: number | null;
}

/** Trains a head on the training split as the settings say; a step sees all of it, so it is an epoch. */
export async function trainHeadRun(run: HeadRun): Promise<TrainedHead> {
  const watch = new HeadWatch(run);
  const { dataset, settings, temperature } = run;
  const head = await trainHead({
    ...headExamples(dataset.categories, dataset.embeddingSize),
    ...{ temperature, settings, steps: settings.epochs },
    onStep: (step, loss) => watch.note(step, loss),
    stopWith: (step, read) => watch.stopWith(step, read),
  });
  return { head, curve: watch.curve, stoppedAfterSteps: watch.stoppedAfterSteps };
}

/** Follows a head's training: its curve, its best epoch, and when it is enough. */
class HeadWatch {
  readonly #run: HeadRun;
  readonly #validate: (head: LinearHead) => Validation | null;
  readonly #startedAt = performance.now();
  readonly #curve: CurvePoint[] = [];
  #lastLoss = NaN;
  #best: { readonly step: number; readonly loss: number; readonly head: LinearHead } | null = null;
  #stoppedAfterSteps: number | null = null;

  constructor(run: HeadRun) {
    this.#run = run;
    this.#validate = validatorOf(run.dataset);
  }

  get curve(): readonly CurvePoint[] {
    return this.#curve;
  }

  get stoppedAfterSteps(): number | null {
    return this.#stoppedAfterSteps;
  }

  note(step: number, loss: number): void {
    if (!Number.isFinite(loss))
      throw new AppError(
        'training_run.impossible',
        'The training got out of hand: its loss is not a number any more. Start it again with a lower learning rate.',
      );
    this.#lastLoss = loss;
    this.#run.onStep(step, loss, this.#curve);
  }

  stopWith(step: number, read: () => LinearHead): LinearHead | null {
    const { epochs } = this.#run.settings;
    const every = this.#isPatient ? Math.ceil(epochs / CURVE_POINTS) : 1;
    if (step % every === 0 || step === epochs) this.#addPoint(step, read);
    const isCutOff = step < epochs && this.#isTimeOver(step);
    if (isCutOff) this.#stoppedAfterSteps = step;
    return isCutOff || step === epochs || this.#isStuck(step) ? this.#bestHead(read) : null;
  }

  /** Nothing stops early, so the last head is as good as any. */
  get #isPatient(): boolean {
    const { epochs, patience } = this.#run.settings;
    return patience >= epochs;
  }

  #isStuck(step: number): boolean {
    const { patience } = this.#run.settings;
    return this.#best !== null && step - this.#best.step >= patience;
  }

  #bestHead(read: () => LinearHead): LinearHead {
    return (this.#isPatient ? null : this.#best?.head) ?? read();
  }

  #addPoint(step: number, read: () => LinearHead): void {
    const head = read();
    const validation = this.#validate(head);
    this.#curve.push({
      epoch: step,
      loss: this.#lastLoss,
      validationLoss: validation?.loss ?? null,
      accuracy: validation?.accuracy ?? null,
    });
    if (validation && validation.loss < (this.#best?.loss ?? Infinity))
      this.#best = { step, loss: validation.loss, head };
  }

  #isTimeOver(step: number): boolean {
    const { stopAfterSteps, settings } = this.#run;
    if (stopAfterSteps !== null) return step >= stopAfterSteps;
    return performance.now() - this.#startedAt >= settings.maxMinutes * MINUTE_MS;
  }
}

/** Judges heads by the validation split, by each sketch itself. Null where it is too small. */
function validatorOf({
  examples,
  categories,
  embeddingSize,
}: HeadDataset): (head: LinearHead) => Validation | null {
  const index = new Map(categories.map(({ id }, i) => [id, i]));
  const held = examples.filter(({ split }) => split === 'validation').slice(-MOST);
  if (held.length < ENOUGH) return () => null;
  return (head) =>
    validationOf(
      held.map(({ categoryId, embeddings }) => ({
        category: index.get(categoryId) ?? 0,
        logits: logitsOf(head, embeddings.subarray(0, embeddingSize)),
      })),
    );
}
