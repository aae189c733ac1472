import '@awesome.me/webawesome/dist/components/drawer/drawer.js';
import { consume } from '@lit/context';
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Participant } from '../../shared/participant.ts';
import { paperContext, servicesContext } from '../contexts.ts';
import { EventController } from '../controllers/event-controller.ts';
import { FeedbackController } from '../controllers/feedback-controller.ts';
import { MediaController } from '../controllers/media-controller.ts';
import { NewsController } from '../controllers/news-controller.ts';
import { SessionController } from '../controllers/session-controller.ts';
import { ShareController } from '../controllers/share-controller.ts';
import { ToolController } from '../controllers/tool-controller.ts';
import { VersionsController } from '../controllers/versions-controller.ts';
import type { Paper } from '../drawing/ink-color.ts';
import { messageOf } from '../services/api.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { PageServices } from '../services/page-services.ts';
import { trainingPath } from '../services/router.ts';
import { controls } from '../styles/controls.ts';
import { canvasPageStyles } from './tc-canvas-page.styles.ts';
import './tc-category-list.ts';
import './tc-correction.ts';
import './tc-header.ts';
import './tc-message.ts';
import './tc-share-dialog.ts';
import './tc-surface.ts';
import type { TcSurface } from './tc-surface.ts';
import './tc-toast.ts';
import './tc-toolbar.ts';
import './tc-training-status.ts';
import './tc-versions-dialog.ts';

/** One canvas: the paper, and at its edges the tools, the people and what is being learnt. */
@customElement('tc-canvas-page')
export class TcCanvasPage extends LitElement {
  /** Null: the Playground's. */
  @property({ attribute: false }) canvasId: string | null = null;
  @property({ attribute: false }) me: Participant | null = null;

  @consume({ context: servicesContext }) private readonly services?: PageServices;
  @consume({ context: paperContext, subscribe: true }) @state() private readonly paper?: Paper;

  @state() private isPanelOpen = false;
  @state() private categoryTrouble = '';

  @query('tc-surface') private readonly surface!: TcSurface | null;

  readonly #opening = new SessionController(this);
  readonly #events = new EventController(this);
  readonly #narrow = new MediaController(this, '(max-width: 840px)');
  readonly #feedback = new FeedbackController(this, () => this.#session);
  readonly #tools = new ToolController(this, {
    session: () => this.#session,
    ownColor: () => this.me?.color ?? null,
    zoomToFit: () => this.surface?.zoomToFit(),
    zoomBy: (factor) => this.surface?.zoomBy(factor),
  });
  readonly #share = new ShareController(this, {
    canvasId: () => this.#session?.canvas.id ?? null,
    say: (text) => this.#feedback.say(text),
  });
  readonly #versions = new VersionsController(this, {
    open: () => this.#session && (this.services?.versionsOf(this.#session.canvas.id) ?? null),
    say: (text) => this.#feedback.say(text),
  });
  readonly #news = new NewsController(this, {
    say: (...message) => this.#feedback.say(...message),
    reopen: () => {
      if (this.services && this.me) void this.#opening.reopen(this.services, this.me);
    },
    showVersions: () => this.#versions.onWanted(),
  });
  #watched: CanvasSession | null = null;

  get #session(): CanvasSession | null {
    const { state: opening } = this.#opening;
    return opening.kind === 'open' ? opening.session : null;
  }

  override render(): TemplateResult {
    const { state: opening } = this.#opening;
    switch (opening.kind) {
      case 'opening':
        return html`<div class="opening" role="status">
          <span class="only-spoken">Opening …</span>
        </div>`;
      case 'failed':
        return html`<tc-message
          headline="This canvas cannot be opened"
          .text=${opening.message}
          @retry=${this.#open}
        ></tc-message>`;
      case 'open':
        return this.#renderCanvas(opening.session);
    }
  }

  #renderCanvas(session: CanvasSession): TemplateResult {
    const ownId = this.me?.id ?? '';
    const { projectState } = session;
    return html`
      <tc-surface
        .session=${session}
        .tool=${this.#tools.tool}
        .inkStyle=${this.#tools.inkStyle}
        .paper=${this.paper ?? 'light'}
        .ownId=${ownId}
        ?isUntaught=${projectState.isUntaught}
        @sketch-chosen=${this.#feedback.onSketchChosen}
      ></tc-surface>
      <tc-header
        .projectName=${session.project.name}
        .saving=${session.sync.state}
        .people=${session.sync.people}
        .ownId=${ownId}
        .paper=${this.paper ?? 'light'}
        @share-wanted=${this.#share.onWanted}
        @versions-wanted=${this.#versions.onWanted}
        @panel-wanted=${() => (this.isPanelOpen = true)}
        @theme-toggled=${() => this.#tell('theme-toggled')}
      ></tc-header>
      ${this.#renderToolbar(session)} ${this.#renderPanelPlace(session)}
      ${this.#renderFeedback(session)} ${this.#renderDialogs(session)}
    `;
  }

  #renderDialogs({ role, project }: CanvasSession): TemplateResult {
    return html`
      <tc-share-dialog
        .link=${this.#share.shownLink ?? ''}
        ?open=${this.#share.shownLink !== null}
        @dismissed=${this.#share.onDismissed}
      ></tc-share-dialog>
      <tc-versions-dialog
        ?open=${this.#versions.isOpen}
        .list=${this.#versions.list}
        .ownRole=${role}
        ?isPlayground=${project.isPlayground}
        ?isBusy=${this.#versions.isBusy}
        .trouble=${this.#versions.trouble}
        @deed-wanted=${this.#versions.onDeed}
        @retry=${this.#versions.onRetry}
        @dismissed=${this.#versions.onDismissed}
      ></tc-versions-dialog>
    `;
  }

  #renderToolbar({ editor, mayDraw }: CanvasSession): TemplateResult {
    return html`
      <tc-toolbar
        .tool=${this.#tools.tool}
        .width=${this.#tools.width}
        .ink=${this.#tools.ink}
        .ownColor=${this.me?.color ?? ''}
        ?canUndo=${editor.canUndo}
        ?canRedo=${editor.canRedo}
        ?startsNewSketch=${editor.startsNewSketch}
        ?isReadOnly=${!mayDraw}
        @command=${this.#tools.onCommand}
        @width-chosen=${this.#tools.onWidth}
      ></tc-toolbar>
    `;
  }

  #renderPanelPlace(session: CanvasSession): TemplateResult {
    if (!this.#narrow.matches)
      return html`<aside class="card" aria-label="Categories">
        ${this.#renderPanel(session)}
      </aside>`;
    return html`
      <wa-drawer
        label="Categories"
        placement="end"
        light-dismiss
        ?open=${this.isPanelOpen}
        @wa-after-hide=${() => (this.isPanelOpen = false)}
      >
        <div class="drawer">
          ${this.#renderPanel(session)}
          <div class="rest">
            <button class="plain" @click=${this.#onVersionsFromPanel}>
              <wa-icon name="versions"></wa-icon>Versions
            </button>
            <button class="plain" @click=${() => this.#tell('theme-toggled')}>
              <wa-icon name=${this.paper === 'dark' ? 'sun' : 'moon'}></wa-icon>
              ${this.paper === 'dark' ? 'Light paper' : 'Dark paper'}
            </button>
          </div>
        </div>
      </wa-drawer>
    `;
  }

  #renderPanel({ projectState, mayDraw }: CanvasSession): TemplateResult {
    return html`
      <tc-training-status
        .run=${projectState.run}
        .version=${projectState.version}
        ?isUntaught=${projectState.isUntaught}
        .href=${trainingPath(projectState.projectId)}
      ></tc-training-status>
      <tc-category-list
        .categories=${projectState.categories}
        ?isLoading=${!projectState.isLoaded}
        ?isReadOnly=${!mayDraw}
        .trouble=${this.categoryTrouble}
        @category-added=${this.#onCategory}
      ></tc-category-list>
    `;
  }

  #renderFeedback({ projectState }: CanvasSession): TemplateResult {
    const { question, toast } = this.#feedback;
    return html`
      <tc-correction
        .sketch=${question?.sketch ?? null}
        .anchor=${question?.anchor ?? null}
        .categories=${projectState.categories}
        .trouble=${question?.trouble ?? ''}
        ?isSending=${question?.isSending ?? false}
        ?addsToDataset=${this.#feedback.addsToDataset}
        @verdict=${this.#feedback.onVerdict}
        @dataset-switched=${this.#feedback.onDatasetSwitched}
        @dismissed=${this.#feedback.onDismissed}
        @focus-lost=${() => this.surface?.focus()}
      ></tc-correction>
      <tc-toast
        .toast=${toast}
        @action=${this.#feedback.onToastAction}
        @dismissed=${this.#feedback.onToastOver}
      ></tc-toast>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('canvasId') || (changed.has('me') && !changed.get('me'))) this.#open();
    const session = this.#session;
    if (session === this.#watched) return;
    this.#watched = session;
    if (!session) return;
    this.#news.follow(session);
    document.title = `${session.project.name} – Training Canvas`;
    this.#events.watch([
      [session.sync, 'state', 'people', 'role'],
      [session.editor, 'change'],
      [session.projectState, 'change'],
    ]);
  }

  /** Tells the canvas that I have another name or colour. */
  introduce(me: Participant): void {
    this.#session?.sync.introduce(me);
  }

  readonly #open = (): void => {
    if (this.services && this.me) void this.#opening.open(this.services, this.me, this.canvasId);
  };

  readonly #onVersionsFromPanel = (): void => {
    this.isPanelOpen = false;
    this.#versions.onWanted();
  };

  readonly #onCategory = (event: CustomEvent<string>): void => {
    void this.#addCategory(event.detail);
  };

  async #addCategory(name: string): Promise<void> {
    this.categoryTrouble = '';
    try {
      await this.#session?.projectState.addCategory(name);
    } catch (error) {
      this.categoryTrouble = messageOf(error);
    }
  }

  #tell(event: string): void {
    this.dispatchEvent(new CustomEvent(event));
  }

  static override styles = [controls, canvasPageStyles];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-canvas-page': TcCanvasPage;
  }
}
