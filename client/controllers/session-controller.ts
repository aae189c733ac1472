import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Participant } from '../../shared/participant.ts';
import { messageOf } from '../services/api.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { PageServices } from '../services/page-services.ts';

/** How far the opening of a canvas has come. */
export type SessionState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'open'; readonly session: CanvasSession };

const NOT_YET = 'This canvas is just beginning anew. Try again in a moment.';

/** Keeps one canvas open for as long as its host is on the page. */
export class SessionController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #state: SessionState = { kind: 'opening' };
  #attempt = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Opens a canvas, the Playground's where no id is given, and closes the one before. */
  async open(services: PageServices, me: Participant, canvasId: string | null): Promise<void> {
    this.#become({ kind: 'opening' });
    await this.#open(services, me, canvasId);
  }

  /** Opens the open canvas once more, as it is on the server now; it stays in sight meanwhile. */
  async reopen(services: PageServices, me: Participant): Promise<void> {
    if (this.#state.kind !== 'open') return;
    const { id, generation } = this.#state.session.canvas;
    await this.#open(services, me, id);
    // Else the two would send each other round for ever.
    if (this.#shows(id, generation)) this.#become({ kind: 'failed', message: NOT_YET });
  }

  hostDisconnected(): void {
    this.#attempt += 1;
    this.#become({ kind: 'opening' });
  }

  async #open(services: PageServices, me: Participant, canvasId: string | null): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const id = canvasId ?? (await services.playgroundCanvasId());
      const session = await services.openCanvas(id, me);
      if (attempt === this.#attempt) this.#become({ kind: 'open', session });
      else session.close();
    } catch (error) {
      if (attempt === this.#attempt) this.#become({ kind: 'failed', message: messageOf(error) });
    }
  }

  #shows(canvasId: string, generation: number): boolean {
    if (this.#state.kind !== 'open') return false;
    const { canvas } = this.#state.session;
    return canvas.id === canvasId && canvas.generation === generation;
  }

  #become(state: SessionState): void {
    if (this.#state.kind === 'open') this.#state.session.close();
    this.#state = state;
    this.#host.requestUpdate();
  }
}
