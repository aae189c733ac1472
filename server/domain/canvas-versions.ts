import { AppError } from '../../shared/errors.ts';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { MAX_NAME_CHARACTERS } from '../../shared/limits.ts';
import type { Canvas } from '../../shared/project.ts';
import type { Access } from './access.ts';
import type {
  CanvasDocuments,
  CanvasState,
  CanvasVersionStore,
  PageOf,
  PageRequest,
} from './ports.ts';
import type { Action } from './policies.ts';

interface Keeping {
  readonly canvasId: string;
  readonly participantId: string;
  readonly name: string;
}

/** What canvases were, kept under names; going back to it, and beginning a document anew. */
export class CanvasVersions {
  readonly #versions: CanvasVersionStore;
  readonly #documents: CanvasDocuments;
  readonly #access: Access;

  constructor(ports: {
    readonly versions: CanvasVersionStore;
    readonly documents: CanvasDocuments;
    readonly access: Access;
  }) {
    this.#versions = ports.versions;
    this.#documents = ports.documents;
    this.#access = ports.access;
  }

  async list(
    participantId: string,
    canvasId: string,
    page: PageRequest,
  ): Promise<PageOf<CanvasVersion>> {
    await this.#access.toCanvas(participantId, canvasId, 'project:read');
    return this.#versions.list(canvasId, page);
  }

  /** Keeps the canvas as it is now. */
  async create(participantId: string, canvasId: string, name: string): Promise<CanvasVersion> {
    await this.#access.toCanvas(participantId, canvasId, 'canvas_version:create');
    const state = await this.#documents.capture(canvasId);
    const isAutomatic = false;
    return this.#versions.create({ canvasId, name, createdBy: participantId, isAutomatic, state });
  }

  /** Makes the canvas look like the version, and answers with what was there before. */
  async restore(participantId: string, versionId: string): Promise<CanvasVersion> {
    const { canvasId, name } = await this.#allowed(
      participantId,
      versionId,
      'canvas_version:restore',
    );
    const state = await this.#versions.readState(versionId);
    const before = this.#keeper({ canvasId, participantId, name: `Before restoring ${name}` });
    await this.#documents.restore(canvasId, state, before.keep);
    return before.kept();
  }

  async remove(participantId: string, versionId: string): Promise<void> {
    await this.#allowed(participantId, versionId, 'canvas_version:delete');
    await this.#versions.remove(versionId);
  }

  /** Begins the document anew with what is shown; whoever is on the canvas comes back to it. */
  async renew(participantId: string, canvasId: string): Promise<Canvas> {
    await this.#access.toCanvas(participantId, canvasId, 'canvas:renew');
    const before = this.#keeper({ canvasId, participantId, name: 'Before renewal' });
    await this.#documents.renew(canvasId, before.keep);
    return this.#access.getCanvas(canvasId);
  }

  async #allowed(participantId: string, versionId: string, action: Action): Promise<CanvasVersion> {
    const version = await this.#versions.find(versionId);
    if (!version)
      throw new AppError(
        'canvas_version.unknown',
        'There is no such version; it may have been deleted. Reload the list of versions.',
      );
    await this.#access.toCanvas(participantId, version.canvasId, action);
    return version;
  }

  /** Keeps what is there before a change that people may want to take back. */
  #keeper({ canvasId, participantId, name }: Keeping): {
    keep(this: void, state: CanvasState): Promise<void>;
    kept(): CanvasVersion;
  } {
    let version: CanvasVersion | null = null;
    return {
      keep: async (state) => {
        version = await this.#versions.create({
          ...{ canvasId, name: cut(name), createdBy: participantId, isAutomatic: true, state },
        });
      },
      kept: () => {
        if (!version) throw new Error('A canvas was changed before what it was had been kept.');
        return version;
      },
    };
  }
}

/** To the limit of names, and to whole characters. */
function cut(name: string): string {
  return name
    .slice(0, MAX_NAME_CHARACTERS)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}
