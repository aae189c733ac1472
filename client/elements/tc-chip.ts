import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { controls } from '../styles/controls.ts';
import { percent } from './percent.ts';

/**
 * The speech bubble at a sketch: what the model takes it for. It tells by `chip-chosen` that
 * somebody wants to say whether that is right.
 */
@customElement('tc-chip')
export class TcChip extends LitElement {
  /** Name of the category, or null for "?". */
  @property({ attribute: false }) label: string | null = null;
  /** 0 to 1. */
  @property({ type: Number }) confidence = 0;
  /** The ink is still wet: the guess may change. */
  @property({ type: Boolean, reflect: true }) provisional = false;
  /** Somebody has said that it is this. */
  @property({ type: Boolean, reflect: true }) confirmed = false;
  /** Shown as a dot until it is pointed at. */
  @property({ type: Boolean, reflect: true }) small = false;
  /** The side of the sketch that it stands at: its tail points the other way. */
  @property({ reflect: true }) side: 'top' | 'right' | 'left' | 'bottom' = 'top';
  /** The author's colour. */
  @property() color = '';

  override render(): TemplateResult {
    return html`
      <button
        class="plain bubble"
        aria-label=${this.#spoken()}
        aria-haspopup="dialog"
        .style=${this.color ? `--author: ${this.color}` : ''}
        @click=${this.#onClick}
      >
        <span class="text">
          <span class="label">${this.label ?? '?'}</span>
          ${this.confirmed ? html`<wa-icon name="check"></wa-icon>` : this.#renderConfidence()}
        </span>
      </button>
    `;
  }

  #renderConfidence(): TemplateResult | string {
    return this.label === null ? '' : html`<span class="share">${percent(this.confidence)}</span>`;
  }

  #spoken(): string {
    if (this.confirmed) return `Confirmed: ${this.label ?? ''}`;
    return this.label === null
      ? 'Guess: not known yet'
      : `Guess: ${this.label}, ${percent(this.confidence)}`;
  }

  readonly #onClick = (): void => {
    this.dispatchEvent(new CustomEvent('chip-chosen'));
  };

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      .bubble {
        position: relative;
        display: block;
        height: 30px;
        padding: 0 11px;
        border: 2px solid var(--author, var(--line-strong));
        border-radius: var(--radius-pill);
        background: var(--paper-raised);
        box-shadow: var(--shadow-near);
        color: var(--ink);
        white-space: nowrap;
        pointer-events: auto;
        touch-action: none;
        animation: appear var(--slow) ease-out;
      }

      /* Fingers hit more than what is seen. */
      .bubble::before {
        content: '';
        position: absolute;
        inset: -7px;
      }

      .bubble::after {
        content: '';
        position: absolute;
        bottom: -6px;
        left: calc(50% - 5px);
        width: 8px;
        height: 8px;
        border: solid var(--author, var(--line-strong));
        border-width: 0 2px 2px 0;
        border-bottom-right-radius: 3px;
        background: var(--paper-raised);
        transform: rotate(45deg);
      }

      :host([side='bottom']) .bubble::after {
        top: -6px;
        bottom: auto;
        border-width: 2px 0 0 2px;
      }

      :host([side='right']) .bubble::after,
      :host([side='left']) .bubble::after {
        display: none;
      }

      :host([provisional]) .bubble,
      :host([provisional]) .bubble::after {
        border-style: dotted;
      }

      :host([confirmed]) .bubble {
        color: var(--good);
      }

      .text {
        display: flex;
        align-items: center;
        gap: 6px;
        height: 100%;
        font-size: 13px;
        font-weight: 600;
      }

      .share {
        color: var(--ink-quiet);
        font-weight: 500;
      }

      wa-icon {
        font-size: 15px;
      }

      :host([small]) .bubble:not(:hover, :focus-visible) {
        width: 10px;
        height: 10px;
        padding: 0;
        background: var(--author, var(--line-strong));
      }

      :host([small]) .bubble:not(:hover, :focus-visible)::after,
      :host([small]) .bubble:not(:hover, :focus-visible) .text {
        display: none;
      }

      :host([small]) .bubble:is(:hover, :focus-visible) {
        z-index: 1;
      }

      @media (hover: hover) {
        .bubble:hover,
        .bubble:hover::after {
          background: var(--paper-sunk);
        }
      }

      @keyframes appear {
        from {
          opacity: 0;
          transform: translateY(4px);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .bubble {
          animation: none;
        }
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-chip': TcChip;
  }
}
