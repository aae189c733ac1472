import type { Category } from '../../shared/category.ts';
import { Layers } from '../../shared/hyperparameters.ts';
import type { Confusion, ModelVersion } from '../../shared/model-version.ts';
import type { Project } from '../../shared/project.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { TrainingStrategy } from '../../shared/training-strategy.ts';
import type { Api } from './api.ts';
import type { Realtime } from './realtime.ts';
import type { ExampleAuthor } from './example-authors.ts';
import { readAuthors } from './example-authors.ts';
import { RunList } from './run-list.ts';
import { VersionList } from './version-list.ts';

/** What is missing for each kind of training, in words; null where nothing is. */
export type Needs = Readonly<Record<Layers, string | null>>;

export const NOTHING_MISSING: Needs = { head: null, last_block: null, all: null, scratch: null };

/** Examples come in bursts; what is missing is asked for once they have calmed down. */
const NEEDS_AFTER_MS = 500;

/**
 * How a project learns, as it is now: its strategy, training runs and model versions. It follows the
 * server's news until it is closed. Event: `change`. Whatever is asked of it throws `ApiError`.
 */
export class TrainingState extends EventTarget {
  readonly projectId: string;
  readonly #api: Api;
  readonly #runs = new RunList();
  readonly #versions: VersionList;
  readonly #confusions = new Map<string, Confusion>();
  readonly #leave: readonly (() => void)[];
  #project: Project | null = null;
  #categories: readonly Category[] = [];
  #needs: Needs = NOTHING_MISSING;
  #needsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    projectId: string,
    { api, realtime }: { readonly api: Api; readonly realtime: Realtime },
  ) {
    super();
    this.projectId = projectId;
    this.#api = api;
    this.#versions = new VersionList(api, projectId);
    this.#leave = this.#follow(realtime);
  }

  /** Null until it has been read once. */
  get project(): Project | null {
    return this.#project;
  }

  get categories(): readonly Category[] {
    return this.#categories;
  }

  get needs(): Needs {
    return this.#needs;
  }

  /** The run that is trained or waits; a running one first. */
  get activeRun(): TrainingRun | null {
    return this.#runs.active;
  }

  /** The run that follows the active one, or null. */
  get nextRun(): TrainingRun | null {
    return this.#runs.next;
  }

  /** The newest run that has ended, or null. */
  get lastRun(): TrainingRun | null {
    return this.#runs.last;
  }

  /** Newest first, as far as they have been read. */
  get versions(): readonly ModelVersion[] {
    return this.#versions.items;
  }

  get hasOlderVersions(): boolean {
    return this.#versions.hasOlder;
  }

  /** The version that guesses now, or null before the first, and where it could not be read. */
  get serving(): ModelVersion | null {
    return this.versions.find(({ isPromoted }) => isPromoted) ?? null;
  }

  /** Whether another version guesses than the one that `serving` tells: it has not been read yet. */
  get isServingUnread(): boolean {
    return this.#versions.isServingUnread;
  }

  /** Reads everything anew: at the start, and when news may have been missed. */
  async load(): Promise<void> {
    const params = { id: this.projectId };
    const [project, categories, runs] = await Promise.all([
      this.#api.call('getProject', { params }),
      this.#api.call('listCategories', { params, query: { limit: 500 } }),
      this.#api.call('listTrainingRuns', { params, query: { limit: 10 } }),
      this.#versions.load(),
      this.#loadNeeds(),
    ]);
    this.#project = project;
    this.#categories = categories.items;
    for (const run of runs.items) this.#runs.add(run);
    await this.#serve(project.modelVersionId);
  }

  async train(layers: Layers): Promise<void> {
    const params = { id: this.projectId };
    this.#addRun(await this.#api.call('createTrainingRun', { params, body: { layers } }));
  }

  async cancel(trainingRunId: string): Promise<void> {
    const params = { id: trainingRunId };
    this.#addRun(await this.#api.call('cancelTrainingRun', { params, body: {} }));
  }

  async rebuild(modelVersionId: string): Promise<void> {
    const params = { id: modelVersionId };
    this.#addRun(await this.#api.call('rebuildModelVersion', { params, body: {} }));
  }

  /** Makes a version the one that guesses, for everybody. */
  async promote(modelVersionId: string): Promise<void> {
    const params = { id: modelVersionId };
    await this.#api.call('promoteModelVersion', { params, body: {} });
    await this.#serve(modelVersionId);
  }

  async changeStrategy(strategy: TrainingStrategy): Promise<void> {
    const params = { id: this.projectId };
    this.#project = await this.#api.call('changeProject', { params, body: { strategy } });
    this.#tell();
    await this.#loadNeeds();
    this.#tell();
  }

  async loadOlderVersions(): Promise<void> {
    await this.#versions.loadOlder();
    this.#tell();
  }

  async readAuthors(ownId: string): Promise<readonly ExampleAuthor[]> {
    return readAuthors(this.#api, this.projectId, ownId);
  }

  /** What a version's test sketches were taken for. It never changes, so it is read once. */
  async confusionOf(modelVersionId: string): Promise<Confusion> {
    const known = this.#confusions.get(modelVersionId);
    if (known) return known;
    const confusion = await this.#api.call('getConfusion', { params: { id: modelVersionId } });
    this.#confusions.set(modelVersionId, confusion);
    return confusion;
  }

  close(): void {
    clearTimeout(this.#needsTimer);
    for (const leave of this.#leave) leave();
  }

  #follow(realtime: Realtime): readonly (() => void)[] {
    const recount = (event: { projectId: string; categoryId: string; examples: number }): void => {
      if (event.projectId === this.projectId) this.#recount(event.categoryId, event.examples);
    };
    return [
      // A failed reading is made up by the next connection; what is shown stays as it was.
      realtime.joinProject(this.projectId, (reply) => {
        if (reply.ok) this.load().catch(() => undefined);
      }),
      realtime.on('example:added', recount),
      realtime.on('example:removed', recount),
      realtime.on('category:changed', (event) => {
        if (event.projectId !== this.projectId) return;
        this.#categories = event.categories;
        this.#tell();
        this.#askForNeeds();
        this.#retryServing();
      }),
      realtime.on('training_run:progressed', (run) => {
        if (run.projectId === this.projectId) this.#addRun(run);
      }),
      realtime.on('model_version:promoted', (event) => {
        if (event.projectId !== this.projectId) return;
        this.#serve(event.modelVersionId).catch(() => undefined);
      }),
    ];
  }

  #addRun(run: TrainingRun): void {
    this.#runs.add(run);
    this.#tell();
    this.#retryServing();
    if (run.modelVersionId === null) return;
    const reading = this.#versions.read(run.modelVersionId).then(() => this.#tell());
    reading.catch(() => undefined);
  }

  async #serve(modelVersionId: string | null): Promise<void> {
    if (this.#project) this.#project = { ...this.#project, modelVersionId };
    const reading = this.#versions.serve(modelVersionId);
    // What served before does no more, however long the reading takes.
    this.#tell();
    await reading.finally(() => this.#tell());
  }

  /** A version that serves but could not be read is read again with the next news. */
  #retryServing(): void {
    if (!this.isServingUnread) return;
    this.#versions.retryServing().then(
      () => this.#tell(),
      () => undefined,
    );
  }

  #recount(categoryId: string, examples: number): void {
    this.#categories = this.#categories.map((category) =>
      category.id === categoryId ? { ...category, examples } : category,
    );
    this.#tell();
    this.#askForNeeds();
    this.#retryServing();
  }

  /** A failed reading leaves the words as they were; the server refuses what lacks examples anyway. */
  #askForNeeds(): void {
    clearTimeout(this.#needsTimer);
    this.#needsTimer = setTimeout(() => {
      this.#loadNeeds().then(
        () => this.#tell(),
        () => undefined,
      );
    }, NEEDS_AFTER_MS);
  }

  async #loadNeeds(): Promise<void> {
    const params = { id: this.projectId };
    const entries = await Promise.all(
      Layers.options.map(async (layers) => {
        const { reason } = await this.#api.call('getTrainingNeeds', { params, query: { layers } });
        return [layers, reason] as const;
      }),
    );
    // One entry for each of the layers.
    this.#needs = Object.fromEntries(entries) as Record<Layers, string | null>;
  }

  #tell(): void {
    this.dispatchEvent(new Event('change'));
  }
}
