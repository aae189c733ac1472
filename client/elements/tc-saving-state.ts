import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { SavingState } from '../services/saving.ts';
import { controls } from '../styles/controls.ts';
import { savingStateWords } from './saving-state-words.ts';

/**
 * Whether what was drawn is safe. "Saved" means that it is on the server's disk. What it means and
 * what to do is told on a press; where nothing is saved, at once.
 */
@customElement('tc-saving-state')
export class TcSavingState extends LitElement {
  @property({ attribute: false }) state: SavingState = { kind: 'connecting' };

  @state() private isOpen = false;

  override render(): TemplateResult {
    const { text, short, why } = savingStateWords(this.state);
    return html`
      <div class=${this.state.kind} role="status">
        <button
          class="plain"
          aria-expanded=${this.isOpen}
          aria-controls="why"
          title=${this.isOpen ? '' : why}
          @click=${() => (this.isOpen = !this.isOpen)}
          @keydown=${this.#onKey}
        >
          <span class="dot" aria-hidden="true"></span><span class="text">${text}</span>${
            short === null ? nothing : html`<span class="short" aria-hidden="true">${short}</span>`
          }
        </button>
        <p id="why" class="card" ?hidden=${!this.isOpen}>${this.isOpen ? why : nothing}</p>
      </div>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (!before || wordsKey(before) === wordsKey(this.state)) return;
    this.isOpen = this.state.kind === 'not_saving';
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.isOpen = false;
  };

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        flex: none;
      }

      button.plain {
        display: flex;
        align-items: center;
        gap: 6px;
        height: 32px;
        padding: 0 var(--space-2);
        border-radius: var(--radius-s);
        color: var(--ink-quiet);
        font-size: var(--text-s);
        font-weight: 500;
        white-space: nowrap;
      }

      @media (hover: hover) {
        button.plain:hover {
          background: var(--paper-sunk);
        }
      }

      .dot {
        flex: none;
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--line-strong);
      }

      .saved .dot {
        background: var(--good);
      }

      .offline button.plain,
      .not_saving button.plain {
        color: var(--bad);
      }

      .offline .dot,
      .not_saving .dot {
        background: var(--bad);
      }

      .short {
        display: none;
      }

      /* Below the card that it stands in; the header is what it is placed by. */
      #why {
        position: absolute;
        top: calc(100% + var(--space-2));
        left: 0;
        width: max-content;
        max-width: min(320px, calc(100vw - 2 * var(--space-2)));
        margin: 0;
        padding: var(--space-2) 12px;
        color: var(--ink);
        font-size: var(--text-m);
        text-wrap: pretty;
      }

      .not_saving #why {
        border-color: var(--bad);
      }

      #why[hidden] {
        display: none;
      }

      @media (max-width: 640px) {
        button.plain {
          padding: 0 6px;
        }

        .saved .text,
        .saving .text,
        .text:has(+ .short) {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }

        .short {
          display: inline;
        }
      }
    `,
  ];
}

/** The same for as long as the same is to be said of it. */
function wordsKey(state: SavingState): string {
  return state.kind === 'not_saving' ? state.reason : state.kind;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-saving-state': TcSavingState;
  }
}
