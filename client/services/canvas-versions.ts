import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { MAX_PAGE_ITEMS } from '../../shared/limits.ts';
import type { Api } from './api.ts';
import { messageOf } from './api.ts';

/** How far the list of versions has come. */
export type VersionList =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'loaded'; readonly versions: readonly CanvasVersion[] };

/** What somebody wants to be done with the versions of a canvas. */
export type VersionDeed =
  | { readonly kind: 'save'; readonly name: string }
  | { readonly kind: 'restore'; readonly version: CanvasVersion }
  | { readonly kind: 'delete'; readonly version: CanvasVersion }
  | { readonly kind: 'renew' };

/**
 * The versions of a canvas that people have kept, newest first, and what can be done with them. One
 * deed at a time. Event: `change`.
 */
export class CanvasVersions extends EventTarget {
  readonly #canvasId: string;
  readonly #api: Api;
  #list: VersionList = { kind: 'loading' };
  #isBusy = false;
  #trouble = '';

  constructor(canvasId: string, api: Api) {
    super();
    this.#canvasId = canvasId;
    this.#api = api;
  }

  get list(): VersionList {
    return this.#list;
  }

  /** Something is on its way to the server. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Why the last deed was refused, for people; empty while all is well. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Reads the list; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    if (this.#list.kind === 'failed') this.#become({ kind: 'loading' });
    try {
      this.#become({ kind: 'loaded', versions: await this.#read() });
    } catch (error) {
      this.#become({ kind: 'failed', message: messageOf(error) });
    }
  }

  /** Does it, and reads the list anew; false where it was refused, which `trouble` explains. */
  async do(deed: VersionDeed): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.#trouble = '';
    this.#tell();
    try {
      await this.#ask(deed);
    } catch (error) {
      this.#trouble = messageOf(error);
    }
    if (!this.#trouble) await this.load();
    this.#isBusy = false;
    this.#tell();
    return this.#trouble === '';
  }

  async #read(): Promise<readonly CanvasVersion[]> {
    const params = { id: this.#canvasId };
    const query = { limit: MAX_PAGE_ITEMS };
    return (await this.#api.call('listCanvasVersions', { params, query })).items;
  }

  async #ask(deed: VersionDeed): Promise<unknown> {
    switch (deed.kind) {
      case 'save': {
        const body = { name: deed.name };
        return this.#api.call('createCanvasVersion', { params: { id: this.#canvasId }, body });
      }
      case 'restore':
        return this.#api.call('restoreCanvasVersion', {
          params: { id: deed.version.id },
          body: {},
        });
      case 'delete':
        return this.#api.call('deleteCanvasVersion', { params: { id: deed.version.id } });
      case 'renew':
        return this.#api.call('renewCanvas', { params: { id: this.#canvasId }, body: {} });
    }
  }

  #become(list: VersionList): void {
    this.#list = list;
    this.#tell();
  }

  #tell(): void {
    this.dispatchEvent(new Event('change'));
  }
}
