import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { canvasPath } from '../services/router.ts';

export interface ShareTarget {
  /** The canvas that is open; null while none is. */
  readonly canvasId: () => string | null;
  readonly say: (text: string) => void;
}

/** Copies the canvas' link, or shows it where the browser does not let the page do so. */
export class ShareController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #target: ShareTarget;
  #shownLink: string | null = null;

  constructor(host: ReactiveControllerHost, target: ShareTarget) {
    this.#host = host;
    this.#target = target;
    host.addController(this);
  }

  /** The link to be copied by hand; null while there is none. */
  get shownLink(): string | null {
    return this.#shownLink;
  }

  hostDisconnected(): void {
    this.#shownLink = null;
  }

  readonly onWanted = (): void => {
    const canvasId = this.#target.canvasId();
    if (canvasId !== null) void this.#share(new URL(canvasPath(canvasId), location.href).href);
  };

  readonly onDismissed = (): void => this.#show(null);

  async #share(link: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(link);
      this.#target.say('Link copied. Whoever opens it draws along.');
    } catch {
      // Without a secure connection, or without leave, the page cannot copy: the person does.
      this.#show(link);
    }
  }

  #show(link: string | null): void {
    this.#shownLink = link;
    this.#host.requestUpdate();
  }
}
