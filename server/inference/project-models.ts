import type { ProjectModel } from './project-model.ts';

const MAX_MODELS = 200;

/**
 * The models of the projects in use, each loaded once however many ask for it. What is forgotten
 * while it is being loaded is loaded again for whoever asks next.
 */
export class ProjectModels {
  readonly #load: (projectId: string) => Promise<ProjectModel>;
  /** Least recently used first. */
  readonly #models = new Map<string, Promise<ProjectModel>>();

  constructor(load: (projectId: string) => Promise<ProjectModel>) {
    this.#load = load;
  }

  get(projectId: string): Promise<ProjectModel> {
    const model = this.#models.get(projectId) ?? this.#start(projectId);
    this.#models.delete(projectId);
    this.#models.set(projectId, model);
    const [oldest] = this.#models.keys();
    if (this.#models.size > MAX_MODELS && oldest !== undefined) this.#models.delete(oldest);
    return model;
  }

  forget(projectId: string): void {
    this.#models.delete(projectId);
  }

  #start(projectId: string): Promise<ProjectModel> {
    const model = this.#load(projectId);
    // A failure is told to those who wait for it, and tried again by the next.
    model.catch(() => {
      if (this.#models.get(projectId) === model) this.#models.delete(projectId);
    });
    return model;
  }
}
