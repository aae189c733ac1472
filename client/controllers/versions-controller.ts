import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { CanvasVersions, VersionDeed, VersionList } from '../services/canvas-versions.ts';

const LOADING: VersionList = { kind: 'loading' };

export interface VersionsTarget {
  /** The versions of the canvas that is open; null while none is. */
  readonly open: () => CanvasVersions | null;
  readonly say: (text: string) => void;
}

/** Shows and hides the versions of the open canvas, and does what is asked for there. */
export class VersionsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #target: VersionsTarget;
  #versions: CanvasVersions | null = null;
  #isOpen = false;
  readonly #onChange = (): void => this.#host.requestUpdate();

  constructor(host: ReactiveControllerHost, target: VersionsTarget) {
    this.#host = host;
    this.#target = target;
    host.addController(this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get list(): VersionList {
    return this.#versions?.list ?? LOADING;
  }

  /** Something is on its way to the server. */
  get isBusy(): boolean {
    return this.#versions?.isBusy ?? false;
  }

  /** Why the last deed was refused, for people; empty while all is well. */
  get trouble(): string {
    return this.#versions?.trouble ?? '';
  }

  hostDisconnected(): void {
    this.#forget();
    this.#isOpen = false;
  }

  readonly onWanted = (): void => {
    this.#forget();
    this.#versions = this.#target.open();
    if (!this.#versions) return;
    this.#versions.addEventListener('change', this.#onChange);
    this.#isOpen = true;
    this.#host.requestUpdate();
    void this.#versions.load();
  };

  readonly onDismissed = (): void => {
    this.#isOpen = false;
    this.#host.requestUpdate();
  };

  readonly onRetry = (): void => void this.#versions?.load();

  readonly onDeed = ({ detail: deed }: CustomEvent<VersionDeed>): void => {
    void this.#do(deed);
  };

  async #do(deed: VersionDeed): Promise<void> {
    if (!(await this.#versions?.do(deed))) return;
    // The canvas behind the dialog is what there is to look at now.
    if (deed.kind === 'restore' || deed.kind === 'renew') this.onDismissed();
    const words = wordsAfter(deed);
    if (words) this.#target.say(words);
  }

  #forget(): void {
    this.#versions?.removeEventListener('change', this.#onChange);
    this.#versions = null;
  }
}

function wordsAfter(deed: VersionDeed): string | null {
  switch (deed.kind) {
    case 'save':
      return `Saved as “${deed.name}”.`;
    case 'restore':
      return `“${deed.version.name}” is back. What was here before is kept as a version.`;
    case 'delete':
      return `“${deed.version.name}” is deleted.`;
    case 'renew':
      // The connection tells it, to everybody.
      return null;
  }
}
