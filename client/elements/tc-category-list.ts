import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Category } from '../../shared/category.ts';
import { MAX_NAME_CHARACTERS } from '../../shared/limits.ts';
import { controls } from '../styles/controls.ts';
import { typedText } from './typed-text.ts';

/** The categories with how many examples people gave. Tells `category-added` with the name. */
@customElement('tc-category-list')
export class TcCategoryList extends LitElement {
  @property({ attribute: false }) categories: readonly Category[] = [];
  /** They have not been read yet. */
  @property({ type: Boolean }) isLoading = false;
  /** Nothing can be added. */
  @property({ type: Boolean }) isReadOnly = false;
  /** Why the last name was not taken, for people; empty while all is well. */
  @property() trouble = '';

  @state() private name = '';

  /** The name that was asked for and is not there yet; empty where none is. */
  #asked = '';

  override render(): TemplateResult {
    return html`
      <ul aria-label="Categories">
        ${repeat(
          mostTaughtFirst(this.categories),
          (category) => category.id,
          (category) => renderCategory(category),
        )}
      </ul>
      ${this.categories.length === 0 ? this.#renderEmpty() : nothing}
      ${this.isReadOnly ? nothing : this.#renderForm()}
      <p class="trouble" role="alert">${this.trouble}</p>
    `;
  }

  #renderForm(): TemplateResult {
    return html`
      <form @submit=${this.#onSubmit}>
        <wa-input
          size="s"
          label="New category"
          .placeholder=${'New category'}
          maxlength=${MAX_NAME_CHARACTERS}
          autocomplete="off"
          .value=${this.name}
          @input=${this.#onType}
        ></wa-input>
        <button class="plain icon-button" aria-label="Add category" ?disabled=${!this.name.trim()}>
          <wa-icon name="plus"></wa-icon>
        </button>
      </form>
    `;
  }

  #renderEmpty(): TemplateResult {
    return html`<p class="empty">${this.#emptyWords()}</p>`;
  }

  #emptyWords(): string {
    if (this.isLoading) return 'Reading the categories …';
    if (this.isReadOnly) return 'No categories yet.';
    return 'No categories yet. Add the things that you want to tell apart, for example cat and dog.';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('trouble') && this.trouble) this.#asked = '';
    if (changed.has('categories') && this.#isAskedThere()) this.#forgetAsked();
  }

  #isAskedThere(): boolean {
    const asked = this.#asked.toLocaleLowerCase();
    return this.categories.some(({ name }) => name.toLocaleLowerCase() === asked);
  }

  /** The name stays until it has become a category; what has been typed meanwhile stays as well. */
  #forgetAsked(): void {
    if (this.name.trim() === this.#asked) this.name = '';
    this.#asked = '';
  }

  readonly #onType = (event: Event): void => {
    this.name = typedText(event);
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    const detail = this.name.trim();
    if (!detail) return;
    this.#asked = detail;
    this.dispatchEvent(new CustomEvent('category-added', { detail }));
  };

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }

      ul {
        flex: 0 1 auto;
        min-height: 0;
        margin: 0;
        padding: 0;
        overflow-y: auto;
        list-style: none;
        scrollbar-width: thin;
        scrollbar-color: var(--line) transparent;
      }

      li {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: 32px;
        padding: 0 var(--space-3);
      }

      .name {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .badge {
        padding: 0 7px;
        border-radius: var(--radius-pill);
        background: var(--paper-sunk);
        color: var(--ink-quiet);
        font-size: 11px;
        line-height: 18px;
      }

      .count {
        min-width: 3ch;
        text-align: right;
        font-weight: 600;
      }

      .none {
        color: var(--ink-quiet);
        font-weight: 400;
      }

      form {
        display: flex;
        flex: none;
        align-items: center;
        gap: var(--space-1);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-3);
        border-top: 1px solid var(--line);
      }

      wa-input {
        flex: 1;
      }

      /* The placeholder says it to the eyes. */
      wa-input::part(form-control-label) {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }

      .empty,
      .trouble {
        margin: 0;
        padding: var(--space-2) var(--space-3);
        color: var(--ink-quiet);
        text-wrap: pretty;
      }

      .trouble {
        padding-top: 0;
        color: var(--bad);
      }

      .trouble:empty {
        display: none;
      }
    `,
  ];
}

/** What people teach stands on top, the rest in the order in which it was added. */
function mostTaughtFirst(categories: readonly Category[]): readonly Category[] {
  return [...categories].sort((a, b) => b.examples - a.examples);
}

function renderCategory({ name, preTaught, examples }: Category): TemplateResult {
  const unit = examples === 1 ? 'example' : 'examples';
  return html`
    <li>
      <span class="name" title=${name}>${name}</span>
      ${preTaught ? html`<span class="badge" title="Known from the start">pre-taught</span>` : nothing}
      <span class="count ${examples === 0 ? 'none' : ''}" title="${examples} ${unit}"
        >${examples}<span class="only-spoken"> ${unit}</span></span
      >
    </li>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-category-list': TcCategoryList;
  }
}
