import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { MAX_NAME_CHARACTERS } from '../../shared/limits.ts';
import type { Role } from '../../shared/participant.ts';
import type { VersionDeed, VersionList } from '../services/canvas-versions.ts';
import { isAtLeast } from '../services/permissions.ts';
import { controls } from '../styles/controls.ts';
import { panels } from '../styles/panels.ts';
import { counted, momentWords } from './training/model-words.ts';
import { versionsDialogStyles } from './tc-versions-dialog.styles.ts';
import { typedText } from './typed-text.ts';

/** What is asked about once more before it is done. */
type Question = Exclude<VersionDeed, { kind: 'save' }>;

/**
 * The versions of a canvas: save one, bring one back, begin anew. Tells `deed-wanted` with a
 * `VersionDeed`, `retry` and `dismissed`.
 */
@customElement('tc-versions-dialog')
export class TcVersionsDialog extends LitElement {
  @property({ type: Boolean }) open = false;
  @property({ attribute: false }) list: VersionList = { kind: 'loading' };
  @property() ownRole: Role = 'viewer';
  @property({ type: Boolean }) isPlayground = false;
  /** A deed is on its way. */
  @property({ type: Boolean }) isBusy = false;
  /** Why the last deed was refused, for people; empty while all is well. */
  @property() trouble = '';

  @state() private name = '';
  @state() private question: Question | null = null;

  @query('.question button') private readonly answer!: HTMLElement | null;
  @query('section > button') private readonly renewal!: HTMLElement | null;

  #asker: HTMLElement | null = null;

  override render(): TemplateResult {
    return html`
      <wa-dialog label="Versions" light-dismiss ?open=${this.open} @wa-after-hide=${this.#onHidden}>
        <p class="quiet pretty">${aboutVersions(this.ownRole, this.isPlayground)}</p>
        ${isAtLeast(this.ownRole, 'contributor') ? this.#renderForm() : nothing}
        <p class="trouble" role="alert">${this.trouble}</p>
        ${this.#renderList()} ${this.ownRole === 'owner' ? this.#renderRenewal() : nothing}
      </wa-dialog>
    `;
  }

  #renderForm(): TemplateResult {
    return html`
      <form @submit=${this.#onSubmit}>
        <wa-input
          size="s"
          label="Name of the version"
          .placeholder=${'For example: all the cats'}
          maxlength=${MAX_NAME_CHARACTERS}
          autocomplete="off"
          .value=${this.name}
          @input=${this.#onType}
        ></wa-input>
        <button class="action first" ?disabled=${this.isBusy || !this.name.trim()}>
          Save this version
        </button>
      </form>
    `;
  }

  #renderList(): TemplateResult {
    const { list } = this;
    switch (list.kind) {
      case 'loading':
        return html`<p class="quiet" role="status">Reading the versions …</p>`;
      case 'failed':
        return html`
          <div class="failed">
            <p role="alert">${list.message}</p>
            <button class="action" @click=${() => this.dispatchEvent(new CustomEvent('retry'))}>
              Try again
            </button>
          </div>
        `;
      case 'loaded':
        return list.versions.length === 0
          ? html`<p class="quiet empty">No version has been saved yet.</p>`
          : html`<ul aria-label="Saved versions">
              ${repeat(
                list.versions,
                ({ id }) => id,
                (version) => this.#renderVersion(version),
              )}
            </ul>`;
    }
  }

  #renderVersion(version: CanvasVersion): TemplateResult {
    const { question } = this;
    const isAsked =
      question !== null && 'version' in question && question.version.id === version.id;
    return html`
      <li>
        <div class="what">
          <h3>${version.name}</h3>
          <p class="small quiet">${aboutVersion(version)}</p>
        </div>
        ${isAtLeast(this.ownRole, 'editor') && !this.isPlayground ? this.#renderDeeds(version) : nothing}
        ${isAsked ? this.#renderQuestion(question) : nothing}
      </li>
    `;
  }

  #renderDeeds(version: CanvasVersion): TemplateResult {
    return html`
      <div class="deeds">
        <button
          class="action"
          aria-label="Restore ${version.name}"
          ?disabled=${this.isBusy}
          @click=${(event: Event) => this.#ask({ kind: 'restore', version }, event)}
        >
          Restore
        </button>
        <button
          class="plain icon-button"
          aria-label="Delete ${version.name}"
          title="Delete"
          ?disabled=${this.isBusy}
          @click=${(event: Event) => this.#ask({ kind: 'delete', version }, event)}
        >
          <wa-icon name="trash"></wa-icon>
        </button>
      </div>
    `;
  }

  #renderRenewal(): TemplateResult {
    return html`
      <section aria-labelledby="renewal">
        <h3 id="renewal">Make room</h3>
        <p class="quiet pretty">
          Erased ink stays in the canvas, so that undo can bring it back. When a canvas grows full
          or slow, begin it anew with what it shows now.
        </p>
        ${
          this.question?.kind === 'renew'
            ? this.#renderQuestion(this.question)
            : html`<button
                class="action"
                ?disabled=${this.isBusy}
                @click=${(event: Event) => this.#ask({ kind: 'renew' }, event)}
              >
                Begin anew without erased ink
              </button>`
        }
      </section>
    `;
  }

  #renderQuestion(question: Question): TemplateResult {
    const { text, yes } = wordsOf(question);
    return html`
      <div class="question" role="group" aria-label=${yes} @keydown=${this.#onKey}>
        <p id="question" class="pretty">${text}</p>
        <button
          class="action first"
          aria-describedby="question"
          ?disabled=${this.isBusy}
          @click=${() => this.#tell(question)}
        >
          ${yes}
        </button>
        <button class="action" ?disabled=${this.isBusy} @click=${this.#onCancel}>Cancel</button>
      </div>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Done, or refused: the question has been answered either way.
    if (changed.has('isBusy') && !this.isBusy) this.question = null;
    if (changed.has('list') && this.list.kind === 'loaded' && this.#isSaved(this.list.versions))
      this.name = '';
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('question')) return;
    if (this.question) this.answer?.focus();
    // Back to where the question was asked; the button of the renewal has been made anew.
    else if (this.#asker) (this.#asker.isConnected ? this.#asker : this.renewal)?.focus();
    if (!this.question) this.#asker = null;
  }

  #ask(question: Question, { currentTarget }: Event): void {
    this.#asker = currentTarget instanceof HTMLElement ? currentTarget : null;
    this.question = question;
  }

  /** The name that was typed stays until a version has it: nothing is lost by a refusal. */
  #isSaved(versions: readonly CanvasVersion[]): boolean {
    return versions.some(({ name }) => name === this.name.trim());
  }

  #tell(deed: VersionDeed): void {
    this.dispatchEvent(new CustomEvent('deed-wanted', { detail: deed }));
  }

  readonly #onType = (event: Event): void => {
    this.name = typedText(event);
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    const name = this.name.trim();
    if (name && !this.isBusy) this.#tell({ kind: 'save', name });
  };

  readonly #onCancel = (): void => {
    this.question = null;
  };

  /** Escape says no to the question, and leaves the dialog open. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.#onCancel();
  };

  readonly #onHidden = (event: Event): void => {
    if (event.target !== event.currentTarget) return;
    this.#asker = null;
    this.question = null;
    this.dispatchEvent(new CustomEvent('dismissed'));
  };

  static override styles = [controls, panels, versionsDialogStyles];
}

function aboutVersions(role: Role, isPlayground: boolean): string {
  if (role === 'viewer')
    return 'What this canvas looked like when somebody saved it. To save one yourself, ask the owner to let you draw.';
  if (isPlayground)
    return 'Save what the Playground shows now. It belongs to everybody, so nobody can turn it back.';
  if (role === 'contributor')
    return 'Save what the canvas shows now. Its editors and owner can bring a version back.';
  return 'Save what the canvas shows now, and bring it back later.';
}

function aboutVersion({ strokes, createdBy, createdAt }: CanvasVersion): string {
  const who = createdBy ? `, by ${createdBy.nickname}` : '';
  return `${counted(strokes, 'stroke')}${who}, ${momentWords(createdAt)}`;
}

function wordsOf(question: Question): { readonly text: string; readonly yes: string } {
  switch (question.kind) {
    case 'restore':
      return {
        text: `The canvas becomes “${question.version.name}” again, for everybody at once. What it shows now is kept as a version first.`,
        yes: 'Restore',
      };
    case 'delete':
      return {
        text: `“${question.version.name}” cannot be brought back after that. The canvas stays as it is.`,
        yes: 'Delete',
      };
    case 'renew':
      return {
        text: 'Erased ink and everybody’s undo are gone after that, and changes that somebody has not sent yet. What the canvas shows stays. Everybody’s page opens it again by itself.',
        yes: 'Begin anew',
      };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-versions-dialog': TcVersionsDialog;
  }
}
