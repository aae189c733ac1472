import type { TemplateResult } from 'lit';
import { css, html, LitElement, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { hintOutlines } from '../drawing/hint-drawing.ts';

/** A house under the sun, made by the renderer of all ink: the picture of what is still empty. */
@customElement('tc-doodle')
export class TcDoodle extends LitElement {
  override render(): TemplateResult {
    return html`
      <svg viewBox="0 0 200 180" aria-hidden="true">
        ${hintOutlines().map((outline) => svg`<path d=${pathOf(outline)}></path>`)}
      </svg>
    `;
  }

  static override styles = css`
    :host {
      display: block;
    }

    svg {
      display: block;
      width: 100%;
      fill: var(--line-strong);
      opacity: 0.55;
    }
  `;
}

function pathOf(outline: readonly (readonly number[])[]): string {
  const corners = outline.map((corner) => corner.map((value) => value.toFixed(1)).join(' '));
  return `M${corners.join('L')}Z`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-doodle': TcDoodle;
  }
}
