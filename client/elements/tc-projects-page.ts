import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import { consume } from '@lit/context';
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { MAX_NAME_CHARACTERS } from '../../shared/limits.ts';
import type { Participant } from '../../shared/participant.ts';
import type { Project } from '../../shared/project.ts';
import { routerContext, servicesContext } from '../contexts.ts';
import logoUrl from '../icons/logo.svg?url';
import { messageOf } from '../services/api.ts';
import type { PageServices } from '../services/page-services.ts';
import type { Router } from '../services/router.ts';
import { canvasPath, trainingPath } from '../services/router.ts';
import { controls } from '../styles/controls.ts';
import { projectsPageStyles } from './tc-projects-page.styles.ts';
import './tc-doodle.ts';
import { typedText } from './typed-text.ts';

/** My projects, those I joined, and the Playground; a new one begins here. */
@customElement('tc-projects-page')
export class TcProjectsPage extends LitElement {
  @property({ attribute: false }) me: Participant | null = null;

  @consume({ context: servicesContext }) private readonly services?: PageServices;
  @consume({ context: routerContext }) private readonly router?: Router;

  @state() private projects: readonly Project[] | null = null;
  @state() private name = '';
  @state() private trouble = '';
  @state() private isBusy = false;

  override render(): TemplateResult {
    return html`
      <main>
        <header>
          <a href="/" class="home"
            ><img src=${logoUrl} alt="" width="32" height="32" />Training Canvas</a
          >
        </header>
        <h1>Your projects</h1>
        <p class="lead">
          A project is a model that you teach: its categories, its canvases, and the sketches it has
          learnt from.
        </p>
        ${this.#renderForm()}
        <p class="trouble" role="alert">${this.trouble}</p>
        <ul>
          ${this.projects?.map((project) => this.#renderProject(project))}
        </ul>
        ${this.#renderEmpty()}
      </main>
    `;
  }

  #renderForm(): TemplateResult {
    return html`
      <form @submit=${this.#onSubmit}>
        <wa-input
          label="New project"
          placeholder="Birds of our garden"
          maxlength=${MAX_NAME_CHARACTERS}
          autocomplete="off"
          .value=${this.name}
          @input=${this.#onType}
        ></wa-input>
        <wa-button
          type="submit"
          variant="brand"
          ?disabled=${!this.name.trim()}
          ?loading=${this.isBusy}
        >
          Create
        </wa-button>
      </form>
    `;
  }

  #renderProject(project: Project): TemplateResult {
    return html`
      <li>
        <button class="plain project card" @click=${() => void this.#enter(project.id)}>
          ${project.isPlayground ? html`<tc-doodle></tc-doodle>` : nothing}
          <span class="name">${project.name}</span>
          <span class="about">${aboutOf(project)}</span>
        </button>
        <a href=${trainingPath(project.id)} aria-label="Training of ${project.name}">Training</a>
      </li>
    `;
  }

  #renderEmpty(): TemplateResult | typeof nothing {
    if (this.projects === null || this.projects.some((project) => !project.isPlayground))
      return nothing;
    return html`<p class="empty">
      Nothing of your own yet. Give a project a name, or try the Playground first: it knows some
      things already.
    </p>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('me') && this.me) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.projects = (await this.services?.listProjects()) ?? [];
    } catch (error) {
      this.trouble = messageOf(error);
    }
  }

  readonly #onType = (event: Event): void => {
    this.name = typedText(event);
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    if (this.name.trim() && !this.isBusy) void this.#create(this.name.trim());
  };

  async #create(name: string): Promise<void> {
    this.trouble = '';
    this.isBusy = true;
    try {
      const project = await this.services?.createProject(name);
      if (project) await this.#enter(project.id);
    } catch (error) {
      this.trouble = messageOf(error);
    }
    this.isBusy = false;
  }

  async #enter(projectId: string): Promise<void> {
    try {
      const canvasId = await this.services?.firstCanvasId(projectId);
      if (canvasId) this.router?.go(canvasPath(canvasId));
    } catch (error) {
      this.trouble = messageOf(error);
    }
  }

  static override styles = [controls, projectsPageStyles];
}

function aboutOf({ isPlayground, role, modelVersionId }: Project): string {
  if (isPlayground) return 'Open to everybody. Knows about 20 things from the start.';
  const part = role === 'owner' ? 'Yours' : 'Joined';
  return `${part} · ${modelVersionId ? 'has learnt something' : 'nothing learnt yet'}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-projects-page': TcProjectsPage;
  }
}
