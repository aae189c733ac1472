import type { ModelVersion } from '../../shared/model-version.ts';
import type { Api } from './api.ts';

/** A project may have thousands, one for each correction: they are read page by page. */
const PAGE = 20;

/** A project's model versions, newest first, as far as they have been read. */
export class VersionList {
  readonly #api: Api;
  readonly #projectId: string;
  readonly #versions = new Map<string, ModelVersion>();
  readonly #readings = new Map<string, Promise<void>>();
  /** The newest that was asked for: it guesses, whether it is known here or not. */
  #wantedId: string | null = null;
  /** The one that is shown as guessing. */
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

  /** Whether there is one that guesses, but it is still being read, or could not be. */
  get isServingUnread(): boolean {
    return this.#wantedId !== null && !this.#versions.has(this.#wantedId);
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

  /**
   * Knows from now on which version guesses, and reads it where it is not known. Until then the one
   * before is shown; where it cannot be read, none is.
   */
  async serve(modelVersionId: string | null): Promise<void> {
    this.#wantedId = modelVersionId;
    try {
      if (modelVersionId !== null) await this.read(modelVersionId);
    } finally {
      // Another one may have been promoted meanwhile, and been read sooner.
      if (this.#wantedId === modelVersionId) this.#servingId = modelVersionId;
    }
  }

  /** Reads the version that guesses once more, where it could not be read. */
  async retryServing(): Promise<void> {
    if (this.isServingUnread) await this.serve(this.#wantedId);
  }

  /** Events of a run and of its promotion come together: both wait for one reading. */
  async read(modelVersionId: string): Promise<void> {
    if (this.#versions.has(modelVersionId)) return;
    const reading = this.#readings.get(modelVersionId) ?? this.#request(modelVersionId);
    this.#readings.set(modelVersionId, reading);
    await reading;
  }

  async #request(id: string): Promise<void> {
    try {
      this.#add([await this.#api.call('getModelVersion', { params: { id } })]);
    } finally {
      this.#readings.delete(id);
    }
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
