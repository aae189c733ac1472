import type { Hyperparameters, Layers } from '../../shared/hyperparameters.ts';
import type {
  Confusion,
  ConfusionCell,
  ModelMetrics,
  ModelVersion,
  PromotionReason,
} from '../../shared/model-version.ts';
import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { TrainingProgress, TrainingRun } from '../../shared/training-run.ts';
import type { TeachableCategory } from '../../shared/training-needs.ts';
import type { MembershipChange } from './standing.ts';
import type { LeastExamples, TrainingData } from '../../shared/training-strategy.ts';
import type { PageOf, PageRequest } from './ports.ts';

/** The interfaces of predicting and learning that the domain needs, in its own types. */

export interface RunRequest {
  readonly projectId: string;
  readonly layers: Layers;
  /** With every default filled in. */
  readonly hyperparameters: Hyperparameters;
  readonly data: TrainingData;
  readonly leastExamples: LeastExamples;
  /** The version to be made again, or null. */
  readonly rebuildOf: string | null;
}

/** The queue as the server sees it: the table `training_runs` is the one truth. */
export interface TrainingRunStore {
  /**
   * At most one queued run a project, and one queued rebuild beside it: a second request of the same
   * kind gives the queued one the newest settings. Wakes trainers (NOTIFY).
   */
  request(request: RunRequest): Promise<TrainingRun>;
  /**
   * As `request`, but asked for by a project's strategy: a queued run that somebody has asked for by
   * hand keeps its settings. Null where there has been a request since `notSince`.
   */
  requestByStrategy(request: RunRequest, notSince?: Date): Promise<TrainingRun | null>;
  find(trainingRunId: string): Promise<TrainingRun | null>;
  list(projectId: string, page: PageRequest): Promise<PageOf<TrainingRun>>;
  /** A queued one is cancelled at once, a running one is asked to stop. Null when it is finished already. */
  cancel(trainingRunId: string): Promise<TrainingRun | null>;
  /** When the newest run that was neither cancelled nor a rebuild was requested, or null. */
  lastRequestedAt(projectId: string): Promise<string | null>;
  /** The project's categories with how many examples a run on these data would learn from. */
  teachable(projectId: string, data: TrainingData): Promise<TeachableCategory[]>;
  /** The dataset has changed and no run was requested for that; schedules look at it. */
  datasetChanged(projectId: string): Promise<void>;
  /**
   * Projects that are trained on a schedule, whose last request is that long ago and whose dataset
   * has changed since.
   */
  dueOnSchedule(now: Date): Promise<string[]>;
}

/** The queue as a trainer sees it. */
export interface TrainingRunClaims {
  /** Claims the oldest queued run, or one whose lease has run out; none of a project with a live lease. */
  claim(trainerId: string, leaseMs: number, taken?: RunsTaken): Promise<TrainingRun | null>;
  /** Renews the lease and stores progress (NOTIFY). False: lost or asked to cancel; stop. */
  renew(claim: ClaimRenewal): Promise<boolean>;
  /** Whether the run is this trainer's and shall go on. Changes nothing; for `renew` is what counts. */
  isWanted(trainingRunId: string, trainerId: string): Promise<boolean>;
  /** Lets go of a run that is not over: anybody may claim it at once, and the attempt does not count. */
  giveBack(claim: Omit<ClaimRenewal, 'leaseMs' | 'progress'>): Promise<void>;
  fail(trainingRunId: string, trainerId: string, reason: string): Promise<void>;
  /** Ends a run that was asked to cancel; any other one goes on. */
  acknowledgeCancel(trainingRunId: string, trainerId: string): Promise<void>;
  /** Stores the version, promotes it if asked, and ends the run, in one transaction; then NOTIFY. */
  succeed(done: FinishedRun): Promise<ModelVersion>;
}
/** Which runs a trainer takes: those of heads are done in a moment, those of backbones may last. */
export type RunsTaken = 'any' | 'head' | 'backbone';

export interface ClaimRenewal {
  readonly trainingRunId: string;
  readonly trainerId: string;
  readonly leaseMs: number;
  readonly progress: TrainingProgress;
  /** Whether a checkpoint holds what was learnt since the claim: earlier attempts then count no more. */
  readonly hasAdvanced: boolean;
}
export interface FinishedRun {
  readonly trainingRunId: string;
  readonly trainerId: string;
  readonly progress: TrainingProgress;
  readonly promote: boolean;
  readonly version: {
    readonly backboneId: string;
    /** Blob of the backbone's weights; null where it is the starter model's. */
    readonly backboneKey: string | null;
    /** Blob of the head's weights (see `server/ml/head.ts`). */
    readonly headKey: string;
    /** Blob of the dataset snapshot. */
    readonly snapshotKey: string;
    readonly promotionReason: PromotionReason;
    readonly confusion: readonly ConfusionCell[];
    readonly categories: readonly { readonly id: string; readonly name: string }[];
    readonly metrics: ModelMetrics;
  };
}

export interface ModelVersionRecord extends ModelVersion {
  readonly backboneId: string;
  readonly backboneKey: string | null;
  readonly headKey: string;
  /** Null for a version from before snapshots were kept. */
  readonly snapshotKey: string | null;
}

export interface ModelVersionStore {
  find(modelVersionId: string): Promise<ModelVersionRecord | null>;
  list(projectId: string, page: PageRequest): Promise<PageOf<ModelVersion>>;
  findPromoted(projectId: string): Promise<ModelVersionRecord | null>;
  /** What its test sketches were taken for. */
  confusionOf(modelVersionId: string): Promise<Confusion | null>;
  /** Makes it the served one and tells every server (NOTIFY). */
  promote(modelVersionId: string): Promise<ModelVersion>;
}

/** News from the database, whoever wrote it: LISTEN on one connection, re-opened when it drops. */
export interface DatabaseNews {
  onTrainingRunQueued(listener: (projectId: string) => void): () => void;
  onTrainingRunProgressed(listener: (trainingRunId: string) => void): () => void;
  onModelVersionPromoted(listener: (projectId: string, modelVersionId: string) => void): () => void;
  /** Null: somebody's role may have changed while nobody listened. */
  onAccessChanged(listener: (change: MembershipChange | null) => void): () => void;
}

/** What a new example needs of the network. */
export interface Embedded {
  readonly backboneId: string;
  readonly raster: Uint8Array;
  /** Views x embedding size. */
  readonly embeddings: Float32Array;
}

/** The networks, for the domain. */
export interface Predictor {
  /** One batch for all; in order. Sketches with nothing to judge get no label and no scores. */
  predict(
    projectId: string,
    sketches: readonly (readonly StrokeColumns[])[],
  ): Promise<Prediction[]>;
  /** Raster of sketches that become examples, and embeddings for the project's backbone. */
  embed(projectId: string, sketches: readonly (readonly StrokeColumns[])[]): Promise<Embedded[]>;
  /** The starter model's category of that name or alias, or null. */
  findStarterCategory(name: string): string | null;
  /** Categories or examples have changed: class means are made anew at the next prediction. */
  forget(projectId: string): void;
  /** Throws `model.unavailable` for a version whose weights are not there any more. */
  assertServable(version: ModelVersionRecord): Promise<void>;
  /** The whole network of a version as ONNX with metadata; throws as `assertServable` does. */
  exportOnnx(version: ModelVersionRecord): Promise<Uint8Array>;
}
