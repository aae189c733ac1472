import { consume } from '@lit/context';
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Layers } from '../../../shared/hyperparameters.ts';
import type { Confusion, ModelVersion } from '../../../shared/model-version.ts';
import type { Participant, Role } from '../../../shared/participant.ts';
import type { TrainingStrategy } from '../../../shared/training-strategy.ts';
import { paperContext, routerContext, servicesContext } from '../../contexts.ts';
import { EventController } from '../../controllers/event-controller.ts';
import type { Paper } from '../../drawing/ink-color.ts';
import { messageOf } from '../../services/api.ts';
import type { ExampleAuthor } from '../../services/example-authors.ts';
import type { PageServices } from '../../services/page-services.ts';
import { isAtLeast } from '../../services/permissions.ts';
import type { Router } from '../../services/router.ts';
import { canvasPath } from '../../services/router.ts';
import type { TrainingState } from '../../services/training-state.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import '../tc-announcer.ts';
import '../tc-message.ts';
import type { Toast } from '../tc-toast.ts';
import '../tc-toast.ts';
import { rebuildWords, spokenProgress } from './run-words.ts';
import type { SavingStep } from './saving-words.ts';
import { strategyWords } from './strategy-words.ts';
import './tc-quality.ts';
import './tc-strategy-form.ts';
import './tc-training-header.ts';
import './tc-training-now.ts';
import { trainingPageStyles } from './tc-training-page.styles.ts';
import './tc-version-list.ts';

/** How a project learns: what serves and is trained now, how good it is, its versions, its settings. */
@customElement('tc-training-page')
export class TcTrainingPage extends LitElement {
  @property() projectId = '';
  @property({ attribute: false }) me: Participant | null = null;

  @consume({ context: servicesContext }) private readonly services?: PageServices;
  @consume({ context: routerContext }) private readonly router?: Router;
  @consume({ context: paperContext, subscribe: true }) @state() private readonly paper?: Paper;

  @state() private training: TrainingState | null = null;
  /** Why the page cannot be shown. */
  @state() private refusal = '';
  /** Why the last request was refused. */
  @state() private trouble = '';
  @state() private isBusy = false;
  @state() private step: SavingStep = { kind: 'idle' };
  @state() private authors: readonly ExampleAuthor[] | null = null;
  /** The version whose figures somebody wants to see; null: the one that serves. */
  @state() private shownId: string | null = null;
  @state() private confusion: { id: string; confusion: Confusion | null } | null = null;
  @state() private toast: Toast | null = null;

  @query('#figures') private readonly figures!: HTMLElement | null;

  readonly #events = new EventController(this);

  override render(): TemplateResult {
    if (this.refusal)
      return html`<tc-message
        headline="This project cannot be opened"
        .text=${this.refusal}
        @retry=${this.#open}
      ></tc-message>`;
    const { training } = this;
    const project = training?.project;
    if (!training || !project)
      return html`<p class="opening only-spoken" role="status">Opening …</p>`;
    return html`
      <tc-training-header
        .projectName=${project.name}
        .paper=${this.paper ?? 'light'}
        @canvas-wanted=${this.#onCanvas}
        @theme-toggled=${() => this.dispatchEvent(new CustomEvent('theme-toggled'))}
      ></tc-training-header>
      <main>
        ${this.#renderNow(training, project.role)} ${this.#renderQuality(training)}
        ${this.#renderVersions(training, project.role)} ${this.#renderSettings(project)}
      </main>
      <tc-announcer .text=${spokenProgress(training.activeRun, training.lastRun)}></tc-announcer>
      <tc-toast .toast=${this.toast} @dismissed=${() => (this.toast = null)}></tc-toast>
    `;
  }

  #renderNow(training: TrainingState, role: Role): TemplateResult {
    return html`
      <section aria-labelledby="now">
        <h2 id="now" tabindex="-1">Now</h2>
        <tc-training-now
          .training=${training}
          .version=${training.serving}
          ?mayTrain=${isAtLeast(role, 'contributor')}
          ?mayCancel=${isAtLeast(role, 'editor')}
          ?isBusy=${this.isBusy}
          .trouble=${this.trouble}
          @train-wanted=${this.#onTrain}
          @cancel-wanted=${this.#onCancel}
        ></tc-training-now>
      </section>
    `;
  }

  #renderQuality(training: TrainingState): TemplateResult {
    const shown = this.#shown(training);
    const ofWhich = shown ? html`<span class="quiet">of model ${shown.number}</span>` : nothing;
    return html`
      <section aria-labelledby="figures">
        <h2 id="figures" tabindex="-1">How good ${ofWhich}</h2>
        ${
          shown
            ? html`<tc-quality
                .version=${shown}
                .confusion=${this.confusion?.id === shown.id ? this.confusion.confusion : null}
              ></tc-quality>`
            : html`<p class="quiet pretty">
                Once a first model has been trained, this shows what it gets right and what it mixes
                up.
              </p>`
        }
      </section>
    `;
  }

  #renderVersions(training: TrainingState, role: Role): TemplateResult {
    return html`
      <section aria-labelledby="versions">
        <h2 id="versions" tabindex="-1">Versions</h2>
        ${
          training.versions.length === 0
            ? html`<p class="quiet pretty">
                None yet. Each training makes one; any of them can be made live again later.
              </p>`
            : html`<tc-version-list
                .versions=${training.versions}
                .shownId=${this.#shown(training)?.id ?? ''}
                ?isOwner=${role === 'owner'}
                ?hasOlder=${training.hasOlderVersions}
                @figures-wanted=${this.#onFigures}
                @promotion-wanted=${this.#onPromotion}
                @rebuild-wanted=${this.#onRebuild}
                @older-wanted=${() => void this.#try(() => training.loadOlderVersions())}
              ></tc-version-list>`
        }
      </section>
    `;
  }

  #renderSettings({ role, strategy }: { role: Role; strategy: TrainingStrategy }): TemplateResult {
    return html`
      <section aria-labelledby="settings">
        <h2 id="settings" tabindex="-1">Settings</h2>
        <p class="quiet pretty">${strategyWords(strategy)}</p>
        ${
          role === 'owner'
            ? html`<tc-strategy-form
                .strategy=${strategy}
                .step=${this.step}
                .authors=${this.authors}
                @strategy-changed=${this.#onStrategy}
                @authors-wanted=${this.#onAuthors}
              ></tc-strategy-form>`
            : html`<p class="quiet pretty">Only the owner of the project can change this.</p>`
        }
      </section>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('projectId') || (changed.has('me') && !changed.get('me'))) this.#open();
    const shown = this.training && this.#shown(this.training);
    if (shown && this.confusion?.id !== shown.id) void this.#readConfusion(shown.id);
  }

  #shown({ versions, serving }: TrainingState): ModelVersion | null {
    return versions.find(({ id }) => id === this.shownId) ?? serving ?? versions[0] ?? null;
  }

  readonly #open = (): void => {
    if (this.services && this.me && this.projectId) void this.#read(this.services, this.projectId);
  };

  async #read(services: PageServices, projectId: string): Promise<void> {
    this.#close();
    this.refusal = '';
    try {
      const training = await services.openTraining(projectId);
      if (projectId !== this.projectId || !this.isConnected) return training.close();
      this.training = training;
      this.#events.watch([[training, 'change']]);
      document.title = `Training of ${training.project?.name ?? ''} – Training Canvas`;
    } catch (error) {
      this.refusal = messageOf(error);
    }
  }

  #close(): void {
    this.training?.close();
    this.training = null;
    this.confusion = null;
    this.shownId = null;
  }

  async #readConfusion(id: string): Promise<void> {
    this.confusion = { id, confusion: null };
    try {
      const confusion = (await this.training?.confusionOf(id)) ?? null;
      if (this.confusion.id === id) this.confusion = { id, confusion };
    } catch {
      // The figures stand without the matrix; choosing the version again reads it again.
    }
  }

  readonly #onCanvas = (): void => {
    void this.#try(async ({ projectId }) => {
      const canvasId = await this.services?.firstCanvasId(projectId);
      if (canvasId) this.router?.go(canvasPath(canvasId));
    });
  };

  readonly #onTrain = ({ detail: layers }: CustomEvent<Layers>): void => {
    void this.#try((training) => training.train(layers));
  };

  readonly #onCancel = ({ detail: trainingRunId }: CustomEvent<string>): void => {
    void this.#try((training) => training.cancel(trainingRunId));
  };

  readonly #onFigures = ({ detail: { id } }: CustomEvent<ModelVersion>): void => {
    this.shownId = id;
    this.figures?.focus({ preventScroll: true });
    this.figures?.scrollIntoView();
  };

  readonly #onPromotion = ({ detail: { id, number } }: CustomEvent<ModelVersion>): void => {
    const say = (): void => {
      this.shownId = null;
      this.toast = { text: `Model ${number} is live, for everybody.` };
    };
    void this.#try((training) => training.promote(id).then(say));
  };

  readonly #onRebuild = ({ detail: { id, number } }: CustomEvent<ModelVersion>): void => {
    void this.#try(async (training) => {
      await training.rebuild(id);
      const fate = rebuildWords({ rebuildOf: id }, training.versions);
      this.toast = { text: `Model ${number} is being made again. ${fate}`.trim() };
    });
  };

  readonly #onAuthors = (): void => {
    void this.#try(async (training) => {
      this.authors = await training.readAuthors(this.me?.id ?? '');
    });
  };

  readonly #onStrategy = ({ detail }: CustomEvent<TrainingStrategy>): void => {
    void this.#saveStrategy(detail);
  };

  async #saveStrategy(strategy: TrainingStrategy): Promise<void> {
    this.step = { kind: 'saving' };
    try {
      await this.training?.changeStrategy(strategy);
      this.step = { kind: 'saved' };
    } catch (error) {
      this.step = { kind: 'failed', message: messageOf(error) };
    }
  }

  /** Does what was asked for, and says why where the server refuses. */
  async #try(deed: (training: TrainingState) => Promise<void>): Promise<void> {
    if (!this.training || this.isBusy) return;
    this.trouble = '';
    this.isBusy = true;
    try {
      await deed(this.training);
    } catch (error) {
      this.trouble = messageOf(error);
      this.toast = { text: this.trouble };
    }
    this.isBusy = false;
  }

  static override styles = [controls, panels, trainingPageStyles];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-training-page': TcTrainingPage;
  }
}
