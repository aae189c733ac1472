import type { Category } from '../../shared/category.ts';
import type { ModelVersion } from '../../shared/model-version.ts';
import type { Role } from '../../shared/participant.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import type { Api } from './api.ts';
import type { Realtime } from './realtime.ts';

/** A project's categories, its newest training run and the model version that serves. Event: `change`. */
export class ProjectState extends EventTarget {
  readonly projectId: string;
  readonly #api: Api;
  readonly #unsubscribe: readonly (() => void)[];
  #categories: readonly Category[] = [];
  #run: TrainingRun | null = null;
  #version: ModelVersion | null | undefined;
  #versionId: string | null = null;
  #role: Role | null = null;
  #isLoaded = false;

  constructor(projectId: string, api: Api, realtime: Realtime) {
    super();
    this.projectId = projectId;
    this.#api = api;
    this.#unsubscribe = this.#subscribe(realtime);
  }

  get categories(): readonly Category[] {
    return this.#categories;
  }

  get run(): TrainingRun | null {
    return this.#run;
  }

  /** The promoted model version, null before the first, undefined until it has been read. */
  get version(): ModelVersion | null | undefined {
    return this.#version;
  }

  /** What I may do in the project, as it was read last; null before. */
  get role(): Role | null {
    return this.#role;
  }

  /** Whether the categories have been read once. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether it has no categories yet. */
  get isUntaught(): boolean {
    return this.#isLoaded && this.#categories.length === 0;
  }

  nameOf(categoryId: string | null): string | null {
    return this.#categories.find((category) => category.id === categoryId)?.name ?? null;
  }

  /** Reads everything anew: at the start, and when events may have been missed. */
  async load(): Promise<void> {
    const params = { id: this.projectId };
    const [categories, runs, project] = await Promise.all([
      this.#api.call('listCategories', { params, query: { limit: 500 } }),
      this.#api.call('listTrainingRuns', { params, query: { limit: 1 } }),
      this.#api.call('getProject', { params }),
    ]);
    this.#categories = categories.items;
    this.#run = runs.items[0] ?? null;
    this.#role = project.role;
    this.#isLoaded = true;
    if (!project.modelVersionId) this.#version = null;
    this.#tell();
    if (project.modelVersionId) await this.#loadVersion(project.modelVersionId);
  }

  async addCategory(name: string): Promise<Category> {
    const params = { id: this.projectId };
    const category = await this.#api.call('createCategory', { params, body: { name } });
    if (!this.#categories.some(({ id }) => id === category.id))
      this.#categories = [...this.#categories, category];
    this.#tell();
    return category;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #subscribe(realtime: Realtime): readonly (() => void)[] {
    const recount = (event: { projectId: string; categoryId: string; examples: number }): void => {
      if (event.projectId === this.projectId) this.#recount(event.categoryId, event.examples);
    };
    return [
      realtime.on('example:added', recount),
      realtime.on('example:removed', recount),
      realtime.on('category:changed', (event) => {
        if (event.projectId !== this.projectId) return;
        this.#categories = event.categories;
        this.#tell();
      }),
      realtime.on('training_run:progressed', (run) => {
        if (run.projectId !== this.projectId) return;
        this.#run = run;
        this.#tell();
      }),
      realtime.on('model_version:promoted', (event) => {
        if (event.projectId === this.projectId) void this.#loadVersion(event.modelVersionId);
      }),
    ];
  }

  #recount(categoryId: string, examples: number): void {
    this.#categories = this.#categories.map((category) =>
      category.id === categoryId ? { ...category, examples } : category,
    );
    this.#tell();
  }

  async #loadVersion(modelVersionId: string): Promise<void> {
    this.#versionId = modelVersionId;
    try {
      const params = { id: modelVersionId };
      const version = await this.#api.call('getModelVersion', { params });
      // Two promotions in a row may be answered in the wrong order.
      if (this.#versionId !== version.id) return;
      this.#version = version;
      this.#tell();
    } catch {
      // The number of the version is an ornament: guesses come without it. The next event brings it.
    }
  }

  #tell(): void {
    this.dispatchEvent(new Event('change'));
  }
}
