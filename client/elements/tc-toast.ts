import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { controls } from '../styles/controls.ts';

/** A short message, with an action where there is one to take back. */
export interface Toast {
  readonly text: string;
  readonly action?: string;
}

const SHOWN_FOR_MS = 10_000;

/** Shows a message for ten seconds. Tells `action` and `dismissed`. */
@customElement('tc-toast')
export class TcToast extends LitElement {
  @property({ attribute: false }) toast: Toast | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override render(): TemplateResult {
    return html`<div role="status">${this.toast ? this.#renderToast(this.toast) : nothing}</div>`;
  }

  #renderToast({ text, action }: Toast): TemplateResult {
    return html`
      <div class="toast">
        <span>${text}</span>
        ${
          action === undefined
            ? nothing
            : html`<button class="plain" @click=${this.#onAction}>${action}</button>`
        }
      </div>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('toast')) return;
    clearTimeout(this.#timer);
    if (this.toast) this.#timer = setTimeout(this.#onDismissed, SHOWN_FOR_MS);
  }

  readonly #onAction = (): void => {
    this.dispatchEvent(new CustomEvent('action'));
  };

  readonly #onDismissed = (): void => {
    this.dispatchEvent(new CustomEvent('dismissed'));
  };

  static override styles = [
    controls,
    css`
      .toast {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: 44px;
        padding: 0 var(--space-1) 0 var(--space-3);
        border-radius: var(--radius-m);
        background: var(--ink);
        color: var(--paper);
        box-shadow: var(--shadow-far);
        animation: appear var(--fast) ease-out;
      }

      span {
        flex: 1;
        padding-right: var(--space-2);
      }

      .toast button {
        height: 36px;
        padding: 0 var(--space-2);
        border-radius: var(--radius-s);
        color: inherit;
        font-weight: 700;
        text-decoration: underline;
        text-underline-offset: 3px;
      }

      button:focus-visible {
        outline-color: currentColor;
        outline-offset: -2px;
      }

      @keyframes appear {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .toast {
          animation: none;
        }
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-toast': TcToast;
  }
}
