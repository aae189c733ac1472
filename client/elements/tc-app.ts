import { consume, provide } from '@lit/context';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Participant, ParticipantChange } from '../../shared/participant.ts';
import { paperContext, routerContext, servicesContext } from '../contexts.ts';
import { EventController } from '../controllers/event-controller.ts';
import { ThemeController } from '../controllers/theme-controller.ts';
import type { Paper } from '../drawing/ink-color.ts';
import { messageOf } from '../services/api.ts';
import type { PageServices } from '../services/page-services.ts';
import type { Router } from '../services/router.ts';
import './tc-canvas-page.ts';
import type { TcCanvasPage } from './tc-canvas-page.ts';
import './tc-message.ts';
import './tc-profile-dialog.ts';
import './tc-projects-page.ts';
import './training/tc-training-page.ts';

/** The page: asks who I am, then shows the place that the address names. */
@customElement('tc-app')
export class TcApp extends LitElement {
  @consume({ context: servicesContext }) private readonly services?: PageServices;
  @consume({ context: routerContext }) private readonly router?: Router;
  @state() private me: Participant | null = null;
  @provide({ context: paperContext }) @state() protected paper: Paper = 'light';

  @state() private trouble = '';
  @state() private isProfileOpen = false;
  @state() private profileTrouble = '';

  @query('tc-canvas-page') private readonly canvasPage!: TcCanvasPage | null;

  readonly #theme = new ThemeController(this);
  readonly #events = new EventController(this);

  override render(): TemplateResult {
    if (this.trouble)
      return html`<tc-message
        headline="Training Canvas cannot start"
        .text=${this.trouble}
        @retry=${this.#identify}
      ></tc-message>`;
    return html`
      ${this.#renderPlace()}
      <tc-profile-dialog
        .me=${this.me}
        ?open=${this.isProfileOpen}
        .trouble=${this.profileTrouble}
        @profile-changed=${this.#onProfile}
        @dismissed=${() => (this.isProfileOpen = false)}
      ></tc-profile-dialog>
    `;
  }

  #renderPlace(): TemplateResult {
    const place = this.router?.place ?? { kind: 'unknown' };
    switch (place.kind) {
      case 'projects':
        return html`<tc-projects-page .me=${this.me}></tc-projects-page>`;
      case 'training':
        return html`<tc-training-page
          .projectId=${place.projectId}
          .me=${this.me}
          @theme-toggled=${() => this.#theme.toggle()}
        ></tc-training-page>`;
      case 'playground':
        return this.#renderCanvas(null);
      case 'canvas':
        return this.#renderCanvas(place.canvasId);
      case 'unknown':
        return html`<tc-message
          headline="There is nothing here"
          text="The address may be mistyped. Start from the Playground."
          @retry=${() => this.router?.go('/')}
        ></tc-message>`;
    }
  }

  #renderCanvas(canvasId: string | null): TemplateResult {
    return html`
      <tc-canvas-page
        .canvasId=${canvasId}
        .me=${this.me}
        @profile-wanted=${() => (this.isProfileOpen = true)}
        @theme-toggled=${() => this.#theme.toggle()}
      ></tc-canvas-page>
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('click', this.#onLink);
    if (this.router) this.#events.watch([[this.router, 'change']]);
    this.#identify();
  }

  protected override willUpdate(): void {
    this.paper = this.#theme.paper;
  }

  readonly #identify = (): void => {
    void this.#ask();
  };

  async #ask(): Promise<void> {
    this.trouble = '';
    try {
      this.me = (await this.services?.identify()) ?? null;
    } catch (error) {
      this.trouble = messageOf(error);
    }
  }

  readonly #onProfile = (event: CustomEvent<ParticipantChange>): void => {
    void this.#changeMe(event.detail);
  };

  async #changeMe(change: ParticipantChange): Promise<void> {
    this.profileTrouble = '';
    try {
      const me = await this.services?.changeMe(change);
      if (!me) return;
      this.me = me;
      this.canvasPage?.introduce(me);
      this.isProfileOpen = false;
    } catch (error) {
      this.profileTrouble = messageOf(error);
    }
  }

  /** Links of the page itself change the place without loading it anew; files are downloaded. */
  readonly #onLink = (event: MouseEvent): void => {
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !isPlain || link.origin !== location.origin || link.download) return;
    event.preventDefault();
    this.router?.go(link.pathname);
  };

  static override styles = css`
    :host {
      display: block;
      height: 100%;
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-app': TcApp;
  }
}
