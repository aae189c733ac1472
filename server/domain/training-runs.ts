import { AppError } from '../../shared/errors.ts';
import type { Hyperparameters } from '../../shared/hyperparameters.ts';
import {
  Layers,
  resolveHyperparameters,
  settingsOfAnyDepth,
} from '../../shared/hyperparameters.ts';
import type { TrainingNeeds } from '../../shared/training-needs.ts';
import { countTeachable, MIN_CATEGORIES, trainingNeeds } from '../../shared/training-needs.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { Access } from './access.ts';
import type {
  ModelVersionRecord,
  ModelVersionStore,
  RunRequest,
  TrainingRunStore,
} from './learning-ports.ts';
import type {
  CategoryStore,
  ExampleStore,
  PageOf,
  PageRequest,
  ProjectRecord,
  ProjectStore,
} from './ports.ts';

/**
 * What happened to a dataset that may call for training: somebody corrected a guess, examples were
 * added, or what the served model was trained on is no longer so (categories or examples changed).
 */
export type DatasetChange = 'correction' | 'examples' | 'revision';

/**
 * What somebody wants of a run; what is not given is as the strategy says. Of other layers than the
 * strategy's it says little: most hyperparameters are set for its own.
 */
export interface RunSettings {
  readonly layers?: Layers | undefined;
  readonly hyperparameters?: Hyperparameters | undefined;
}

interface TrainingPorts {
  readonly trainingRuns: TrainingRunStore;
  readonly modelVersions: ModelVersionStore;
  readonly projects: ProjectStore;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly access: Access;
}

const MINUTE_MS = 60_000;
/** A snapshot had enough examples when it was taken: its rebuild is not measured again. */
const NO_LEAST = { head: 1, backbone: 1 } as const;

/** Asking for training, by hand or as a project's strategy says. */
export class TrainingRuns {
  readonly #ports: TrainingPorts;

  constructor(ports: TrainingPorts) {
    this.#ports = ports;
  }

  /** Throws `dataset.too_small`, with what is missing in words and in the details. */
  async request(
    participantId: string,
    projectId: string,
    settings: RunSettings,
  ): Promise<TrainingRun> {
    const { trainingRuns, access } = this.#ports;
    const { project } = await access.toProject(participantId, projectId, 'training_run:request');
    const request = requestOf(project, settings);
    const { needs, known } = await this.#measure(request);
    if (needs.reason !== null)
      throw new AppError('dataset.too_small', needs.reason, {
        ...{ layers: request.layers, missing: needs.missing },
        ...{ known, needed: MIN_CATEGORIES },
      });
    return trainingRuns.request(request);
  }

  /** Whether a run of these layers, or of those of the strategy, could be trained now. */
  async needs(participantId: string, projectId: string, layers?: Layers): Promise<TrainingNeeds> {
    const { access } = this.#ports;
    const { project } = await access.toProject(participantId, projectId, 'project:read');
    return (await this.#measure(requestOf(project, { layers }))).needs;
  }

  /**
   * Trains a version again from its dataset snapshot, settings and seed. Throws
   * `model_version.not_rebuildable` for one without a snapshot, or whose examples are gone.
   */
  async rebuild(participantId: string, modelVersionId: string): Promise<TrainingRun> {
    const version = await this.#ports.modelVersions.find(modelVersionId);
    if (!version) throw new AppError('model_version.unknown', 'There is no such model version.');
    const { projectId } = version;
    await this.#ports.access.toProject(participantId, projectId, 'model_version:rebuild');
    const request = rebuildOf(version);
    if (request.layers !== 'head') await this.#assertCategories(version);
    return this.#ports.trainingRuns.request(request);
  }

  /** Asks for what the project's strategy wants after such a change, if it can be trained. */
  async requestAfter(change: DatasetChange, projectId: string): Promise<TrainingRun | null> {
    const { projects, trainingRuns } = this.#ports;
    const project = await projects.find(projectId);
    if (!project) return null;
    const isDue = await this.#isDue(change, project);
    const run = isDue ? await this.#requestByStrategy(project) : null;
    if (!run) await trainingRuns.datasetChanged(projectId);
    return run;
  }

  /** The projects whose schedule says that they are to be trained now. */
  async dueOnSchedule(now: Date): Promise<string[]> {
    return this.#ports.trainingRuns.dueOnSchedule(now);
  }

  /** Asks for the run of a schedule, unless another server has just done so. */
  async requestOnSchedule(projectId: string, now: Date): Promise<TrainingRun | null> {
    const project = await this.#ports.projects.find(projectId);
    if (project?.strategy.when.kind !== 'on_schedule') return null;
    const { everyMinutes } = project.strategy.when;
    return this.#requestByStrategy(project, new Date(now.getTime() - everyMinutes * MINUTE_MS));
  }

  async get(participantId: string, trainingRunId: string): Promise<TrainingRun> {
    const run = await this.#ports.trainingRuns.find(trainingRunId);
    if (!run) throw new AppError('training_run.unknown', 'There is no such training run.');
    await this.#ports.access.toProject(participantId, run.projectId, 'project:read');
    return run;
  }

  async list(
    participantId: string,
    projectId: string,
    page: PageRequest,
  ): Promise<PageOf<TrainingRun>> {
    await this.#ports.access.toProject(participantId, projectId, 'project:read');
    return this.#ports.trainingRuns.list(projectId, page);
  }

  /** Throws `training_run.finished` when there is nothing left to cancel. */
  async cancel(participantId: string, trainingRunId: string): Promise<TrainingRun> {
    const { projectId } = await this.get(participantId, trainingRunId);
    await this.#ports.access.toProject(participantId, projectId, 'training_run:cancel');
    const cancelled = await this.#ports.trainingRuns.cancel(trainingRunId);
    if (!cancelled)
      throw new AppError('training_run.finished', 'This training run has finished already.');
    return cancelled;
  }

  async #isDue(change: DatasetChange, { id, strategy }: ProjectRecord): Promise<boolean> {
    const { when, layers } = strategy;
    if (when.kind === 'by_hand' || when.kind === 'on_schedule') return false;
    // The served model lacks a category, or knows one too many: a head is made anew at once. What
    // takes minutes waits for a correction or for enough examples.
    if (change === 'revision') return layers === 'head';
    if (when.kind === 'after_correction') return change === 'correction';
    const since = await this.#ports.trainingRuns.lastRequestedAt(id);
    return (await this.#ports.examples.countSince(id, since)) >= when.examples;
  }

  /**
   * With a category its examples go for good. A head may leave it out, but to the network each
   * category was a part of what it learnt.
   */
  async #assertCategories({ projectId, number, categories }: ModelVersionRecord): Promise<void> {
    const present = new Set((await this.#ports.categories.list(projectId)).map(({ id }) => id));
    const gone = categories.filter(({ id }) => !present.has(id));
    if (gone.length === 0) return;
    const names = gone.map(({ name }) => `“${name}”`).join(', ');
    throw new AppError(
      'model_version.not_rebuildable',
      `Examples of model ${number} were deleted since, with the category they were of (${names}), so it cannot be made again exactly. Promote it to go back to it, or train a new one.`,
      { number, gone },
    );
  }

  /** Nobody waits for what cannot be trained: the page reads `needs`. */
  async #requestByStrategy(project: ProjectRecord, notSince?: Date): Promise<TrainingRun | null> {
    const request = requestOf(project, {});
    const { needs } = await this.#measure(request);
    if (needs.reason !== null) return null;
    return this.#ports.trainingRuns.requestByStrategy(request, notSince);
  }

  async #measure({
    projectId,
    layers,
    data,
    leastExamples,
  }: RunRequest): Promise<{ readonly needs: TrainingNeeds; readonly known: number }> {
    const categories = await this.#ports.trainingRuns.teachable(projectId, data);
    const needs = trainingNeeds(categories, layers, leastExamples);
    const known = countTeachable(categories, layers);
    if (needs.reason === null || data.kind === 'all') return { needs, known };
    const reason = `${needs.reason} Only the examples that the project’s strategy chooses count.`;
    return { needs: { ...needs, reason }, known };
  }
}

function requestOf({ id, strategy }: ProjectRecord, settings: RunSettings): RunRequest {
  const { layers = strategy.layers, hyperparameters = {} } = settings;
  const isOwn = layers === strategy.layers;
  const set = isOwn ? strategy.hyperparameters : settingsOfAnyDepth(strategy.hyperparameters);
  return {
    projectId: id,
    layers,
    hyperparameters: resolveHyperparameters(layers, set, hyperparameters),
    data: strategy.data,
    leastExamples: strategy.leastExamples,
    rebuildOf: null,
  };
}

/** The strategy of today has no say in it. */
function rebuildOf(version: ModelVersionRecord): RunRequest {
  const { projectId, hyperparameters, data } = version;
  const layers = Layers.safeParse(version.layers);
  if (version.snapshotKey === null || !layers.success)
    throw new AppError(
      'model_version.not_rebuildable',
      'This version is from before datasets were kept with their versions, so it cannot be made again. Promote it to go back to it, or train a new one.',
      { number: version.number },
    );
  return {
    projectId,
    layers: layers.data,
    hyperparameters: resolveHyperparameters(layers.data, hyperparameters),
    data,
    leastExamples: NO_LEAST,
    rebuildOf: version.id,
  };
}
