import { AppError } from '../../shared/errors.ts';
import type { Hyperparameters } from '../../shared/hyperparameters.ts';
import { Layers, resolveHyperparameters } from '../../shared/hyperparameters.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { Access } from './access.ts';
import type { ModelVersionStore, RunRequest, TrainingRunStore } from './learning-ports.ts';
import type {
  CategoryStore,
  ExampleStore,
  PageOf,
  PageRequest,
  ProjectRecord,
  ProjectStore,
} from './ports.ts';

/** With fewer there is nothing to tell apart. */
const MIN_KNOWN_CATEGORIES = 2;

/**
 * What happened to a dataset that may call for training: somebody corrected a guess, examples were
 * added, or what the served model was trained on is no longer so (categories or examples changed).
 */
export type DatasetChange = 'correction' | 'examples' | 'revision';

interface TrainingPorts {
  readonly trainingRuns: TrainingRunStore;
  readonly modelVersions: ModelVersionStore;
  readonly projects: ProjectStore;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly access: Access;
}

/** Asking for training, by hand or as a project's strategy says. */
export class TrainingRuns {
  readonly #ports: TrainingPorts;

  constructor(ports: TrainingPorts) {
    this.#ports = ports;
  }

  /** Throws `dataset.too_small` where there are not two categories to tell apart. */
  async request(
    participantId: string,
    projectId: string,
    settings: {
      readonly layers?: Layers | undefined;
      readonly hyperparameters?: Hyperparameters | undefined;
    },
  ): Promise<TrainingRun> {
    const { project } = await this.#ports.access.toProject(
      participantId,
      projectId,
      'training_run:request',
    );
    const { layers = 'head', hyperparameters = {} } = settings;
    if (layers !== 'head')
      throw new AppError(
        'training_run.layers_unsupported',
        'This version trains the head only. Leave "layers" out, or ask for "head".',
        { layers, supported: ['head'] },
      );
    const known = await this.#countKnownCategories(projectId);
    if (known < MIN_KNOWN_CATEGORIES)
      throw new AppError(
        'dataset.too_small',
        'Training needs at least two categories that have examples or are pre-taught. Draw or add some first.',
        { known, needed: MIN_KNOWN_CATEGORIES },
      );
    return this.#ports.trainingRuns.request(requestOf(project, layers, hyperparameters));
  }

  /** Trains a version again from its dataset snapshot, settings and seed. */
  async rebuild(participantId: string, modelVersionId: string): Promise<TrainingRun> {
    const version = await this.#ports.modelVersions.find(modelVersionId);
    if (!version) throw new AppError('model_version.unknown', 'There is no such model version.');
    const { project } = await this.#ports.access.toProject(
      participantId,
      version.projectId,
      'model_version:rebuild',
    );
    const { hyperparameters, data } = version;
    const layers = Layers.parse(version.layers);
    const request = requestOf(project, layers, hyperparameters);
    return this.#ports.trainingRuns.request({ ...request, data, rebuildOf: version.id });
  }

  /** Asks for training of the head if the project's strategy wants it after such a change. */
  async requestAfter(change: DatasetChange, projectId: string): Promise<TrainingRun | null> {
    const project = await this.#ports.projects.find(projectId);
    if (!project || !(await this.#isDue(change, project))) return null;
    if ((await this.#countKnownCategories(projectId)) < MIN_KNOWN_CATEGORIES) return null;
    return this.#ports.trainingRuns.request(requestOf(project, 'head', {}));
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
    const { when } = strategy;
    switch (when.kind) {
      case 'by_hand':
        return false;
      case 'after_correction':
        return change !== 'examples';
      case 'on_schedule':
        return false;
      case 'after_examples': {
        // The served model lacks a category, or knows one too many: that cannot wait for examples.
        if (change === 'revision') return true;
        const since = await this.#ports.trainingRuns.lastRequestedAt(id);
        return (await this.#ports.examples.countSince(id, since)) >= when.examples;
      }
    }
  }

  async #countKnownCategories(projectId: string): Promise<number> {
    const categories = await this.#ports.categories.list(projectId);
    return categories.filter(({ examples, preTaught }) => examples > 0 || preTaught).length;
  }
}

function requestOf(
  { id, strategy }: ProjectRecord,
  layers: Layers,
  hyperparameters: Hyperparameters,
): RunRequest {
  return {
    projectId: id,
    layers,
    hyperparameters: resolveHyperparameters(layers, strategy.hyperparameters, hyperparameters),
    data: strategy.data,
    leastExamples: strategy.leastExamples,
    rebuildOf: null,
  };
}
