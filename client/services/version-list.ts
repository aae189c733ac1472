import type { ModelVersion } from '../../shared/model-version.ts';
import type { Api } from './api.ts';

/** A project may have thousands, one for each correction: they are read page by page. */
const PAGE = 20;

/** A project's model versions, newest first, as far as they have been read. */
export class VersionList {
  readonly #api: Api;
  readonly #projectId: string;
  readonly #versions = new Map<string, ModelVersion>();
  #servingId: string | null = null;
  #cursor: string | null = null;
  #isLoaded = false;

  constructor(api: Api, projectId: string) {
    this.#api = api;
    this.#projectId = projectId;
  }

  get items(): readonly ModelVersion[] {
    return [...this.#versions.values()]
      .map((version) => ({ ...version, isPromoted: version.id === this.#servingId }))
      .sort((a, b) => b.number - a.number);
  }

  get hasOlder(): boolean {
    return this.#cursor !== null;
  }

  /** Reads the newest ones; the place in the list of older ones stays. */
  async load(): Promise<void> {
    const { items, nextCursor } = await this.#page({ limit: PAGE });
    this.#add(items);
    if (!this.#isLoaded) this.#cursor = nextCursor;
    this.#isLoaded = true;
  }

  async loadOlder(): Promise<void> {
    if (this.#cursor === null) return;
    const { items, nextCursor } = await this.#page({ limit: PAGE, cursor: this.#cursor });
    this.#add(items);
    this.#cursor = nextCursor;
  }

  /** Knows from now on which version guesses, and reads it where it is not known. */
  async serve(modelVersionId: string | null): Promise<void> {
    this.#servingId = modelVersionId;
    if (modelVersionId !== null) await this.read(modelVersionId);
  }

  async read(modelVersionId: string): Promise<void> {
    if (this.#versions.has(modelVersionId)) return;
    this.#add([await this.#api.call('getModelVersion', { params: { id: modelVersionId } })]);
  }

  async #page(query: {
    limit: number;
    cursor?: string;
  }): Promise<{ items: ModelVersion[]; nextCursor: string | null }> {
    return this.#api.call('listModelVersions', { params: { id: this.#projectId }, query });
  }

  #add(versions: readonly ModelVersion[]): void {
    for (const version of versions) this.#versions.set(version.id, version);
  }
}
