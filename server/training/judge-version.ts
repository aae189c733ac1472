import type { ConfusionCell, ModelMetrics, PromotionReason } from '../../shared/model-version.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import type { DatasetExample, EmbeddedExample } from '../domain/ports.ts';
import { isUnavailable, readBackbone, type BackboneModel } from '../inference/backbone-blob.ts';
import { readHead } from '../inference/project-model.ts';
import type { Head } from '../ml/head.ts';
import { calibrateHead } from './calibrate-head.ts';
import { judgePromotion, type JudgedSide } from './compare-versions.ts';
import { embeddingsFor } from './embed-examples.ts';
import { evaluateHead } from './evaluate-head.ts';
import type { HeadDataset } from './head-dataset.ts';
import { heldOut } from './held-out.ts';
import type { PromotionVerdict } from './promotion.ts';
import type { HeadSettings } from './train-head.ts';
import type { RunControl, TrainingPorts } from './train-project.ts';

/**
 * Steps of each head of a cross-validation, of which there are five: a head near its class means has
 * settled by then, and whoever trains for longer shall not wait five times as long again.
 */
const MOST_FOLD_STEPS = 100;

export interface Candidate {
  readonly run: TrainingRun;
  readonly control: RunControl;
  readonly backbone: BackboneModel;
  readonly dataset: HeadDataset;
  readonly head: Head;
  /** As the head was trained. */
  readonly settings: HeadSettings & { readonly epochs: number };
  /** Where the held out sketches are to be found, for another backbone to see them. */
  readonly examples: readonly DatasetExample[];
}

export interface JudgedVersion {
  /** Calibrated. */
  readonly head: Head;
  readonly metrics: Omit<ModelMetrics, 'curve'>;
  readonly confusion: readonly ConfusionCell[];
  readonly promote: boolean;
  readonly promotionReason: PromotionReason;
}

/** Calibrates and evaluates a head, and asks the guard whether it may serve. */
export async function judgeVersion(
  ports: TrainingPorts,
  candidate: Candidate,
): Promise<JudgedVersion> {
  const { starter } = ports;
  const { dataset, backbone, settings } = candidate;
  const head = calibrateHead(dataset, candidate.head, starter.calibration);
  const evaluation = await evaluateHead(dataset, head, {
    ...{ settings, steps: Math.min(settings.epochs, MOST_FOLD_STEPS) },
    signal: candidate.control.signal,
    isOwnBackbone: backbone.backboneId !== starter.backboneId,
  });
  const verdict = await askGuard(ports, candidate, head);
  return { head, ...evaluation, promote: verdict.promote, promotionReason: verdict.reason };
}

/** What is made again does not replace what has been learnt since: whoever wants it promotes it. */
async function askGuard(
  ports: TrainingPorts,
  candidate: Candidate,
  head: Head,
): Promise<PromotionVerdict> {
  const { run, dataset } = candidate;
  const served = await ports.models.findPromoted(run.projectId);
  if (served && run.rebuildOf !== null && run.rebuildOf !== served.id)
    return { promote: false, reason: 'made_again' };
  const examples = heldOut(dataset.examples);
  return judgePromotion({
    candidate: { head, categories: dataset.categories, examples },
    served: served && (await servedSide(ports, served, { ...candidate, held: examples })),
  });
}

interface Judged extends Candidate {
  readonly held: readonly EmbeddedExample[];
}

/**
 * The served version with the same sketches as its own backbone sees them. Null where it cannot be
 * read any more: then there is nothing to be worse than.
 */
async function servedSide(
  ports: TrainingPorts,
  served: ModelVersionRecord,
  judged: Judged,
): Promise<JudgedSide | null> {
  try {
    const head = await readHead(ports.blobs, served, ports.starter.calibration.unknown);
    const examples = await seenBy(ports, served, judged);
    return { head, categories: served.categories, examples };
  } catch (err) {
    if (!isUnavailable(err)) throw err;
    ports.logger.warn({ err, modelVersionId: served.id }, 'model_version.unreadable');
    return null;
  }
}

async function seenBy(
  ports: TrainingPorts,
  served: ModelVersionRecord,
  { backbone, held, examples, control }: Judged,
): Promise<readonly EmbeddedExample[]> {
  if (served.backboneId === backbone.backboneId || held.length === 0) return held;
  const ids = new Set(held.map(({ exampleId }) => exampleId));
  const embeddings = await embeddingsFor(ports, await readBackbone(ports, served), {
    ...{ examples: examples.filter(({ id }) => ids.has(id)), signal: control.signal },
    onProgress: () => undefined,
  });
  return held.flatMap((example) => {
    const rows = embeddings.get(example.exampleId);
    return rows ? [{ ...example, embeddings: rows }] : [];
  });
}
