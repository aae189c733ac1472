import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { controls } from '../styles/controls.ts';
import './tc-doodle.ts';

/** What an empty canvas says: what to do, with a drawing made by the renderer of all ink. */
@customElement('tc-hint')
export class TcHint extends LitElement {
  /** The project has no categories yet: there is nothing to guess. */
  @property({ type: Boolean }) isUntaught = false;

  override render(): TemplateResult {
    return html`
      <tc-doodle></tc-doodle>
      <p class="title">${this.isUntaught ? 'Draw something' : 'Draw a house'}</p>
      <p>
        ${
          this.isUntaught
            ? 'Then say what it is: from a few examples the model learns to tell.'
            : 'or a cat, a sun, a bicycle … and watch the guess follow your pen.'
        }
      </p>
    `;
  }

  static override styles = [
    controls,
    css`
      :host {
        position: absolute;
        inset: 0;
        display: grid;
        place-content: center;
        justify-items: center;
        padding: var(--space-4);
        pointer-events: none;
        text-align: center;
        color: var(--ink-quiet);
      }

      tc-doodle {
        width: min(200px, 44vw);
        margin-bottom: var(--space-3);
      }

      p {
        margin: 0;
        max-width: 34ch;
        font-size: var(--text-l);
        text-wrap: balance;
      }

      .title {
        margin-bottom: var(--space-1);
        font-size: 28px;
        font-weight: 600;
        letter-spacing: -0.02em;
        color: var(--ink);
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-hint': TcHint;
  }
}
