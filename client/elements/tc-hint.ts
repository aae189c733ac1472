import type { TemplateResult } from 'lit';
import { css, html, LitElement, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { hintOutlines } from '../drawing/hint-drawing.ts';
import { controls } from '../styles/controls.ts';

/** What an empty canvas says: what to do, with a drawing made by the renderer of all ink. */
@customElement('tc-hint')
export class TcHint extends LitElement {
  override render(): TemplateResult {
    return html`
      <svg viewBox="0 0 200 180" aria-hidden="true">
        ${hintOutlines().map((outline) => svg`<path d=${pathOf(outline)}></path>`)}
      </svg>
      <p class="title">Draw a house</p>
      <p>or a cat, a sun, a bicycle … and watch the guess follow your pen.</p>
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

      svg {
        width: min(200px, 44vw);
        margin-bottom: var(--space-3);
        fill: var(--line-strong);
        opacity: 0.55;
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

function pathOf(outline: readonly (readonly number[])[]): string {
  const corners = outline.map((corner) => corner.map((value) => value.toFixed(1)).join(' '));
  return `M${corners.join('L')}Z`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-hint': TcHint;
  }
}
