import type { ProjectModel } from './project-model.ts';

const MAX_MODELS = 200;

interface Entry {
  /** The last one that was read; it may have been forgotten since. */
  known: ProjectModel | null;
  /** The one that counts, or is on its way; null when it is to be read again. */
  reading: Promise<ProjectModel> | null;
}

/**
 * The models of the projects in use, each loaded once however many ask for it. What is forgotten
 * while it is being loaded is loaded again for whoever asks next.
 */
export class ProjectModels {
  readonly #load: (projectId: string) => Promise<ProjectModel>;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor(load: (projectId: string) => Promise<ProjectModel>) {
    this.#load = load;
  }

  get(projectId: string): Promise<ProjectModel> {
    const entry = this.#entries.get(projectId) ?? { known: null, reading: null };
    this.#entries.delete(projectId);
    this.#entries.set(projectId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_MODELS && oldest !== undefined) this.#entries.delete(oldest);
    return entry.reading ?? this.#start(entry, projectId);
  }

  /** What was read last, though it may have been forgotten: better than nothing for the moment. */
  lastKnown(projectId: string): ProjectModel | null {
    return this.#entries.get(projectId)?.known ?? null;
  }

  forget(projectId: string): void {
    const entry = this.#entries.get(projectId);
    if (entry) entry.reading = null;
  }

  /** Of all projects whose last known model stands on it. */
  forgetBackbone(backboneId: string): void {
    for (const entry of this.#entries.values())
      if (entry.known?.backbone.backboneId === backboneId) entry.reading = null;
  }

  #start(entry: Entry, projectId: string): Promise<ProjectModel> {
    const reading = this.#load(projectId);
    entry.reading = reading;
    reading.then(
      (model) => {
        if (entry.reading === reading) entry.known = model;
      },
      // A failure is told to those who wait for it, and tried again by the next.
      () => {
        if (entry.reading === reading) entry.reading = null;
      },
    );
    return reading;
  }
}
