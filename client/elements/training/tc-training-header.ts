import '@awesome.me/webawesome/dist/components/icon/icon.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Paper } from '../../drawing/ink-color.ts';
import logoUrl from '../../icons/logo.svg?url';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';

/** Where I am, and the way to the canvas. Tells `canvas-wanted` and `theme-toggled`. */
@customElement('tc-training-header')
export class TcTrainingHeader extends LitElement {
  @property() projectName = '';
  @property() paper: Paper = 'light';

  override render(): TemplateResult {
    return html`
      <header>
        <a href="/projects" class="home" aria-label="My projects" title="My projects">
          <img src=${logoUrl} alt="" width="28" height="28" />
        </a>
        <h1><span class="name">${this.projectName}</span> <span class="quiet">Training</span></h1>
        <button
          class="plain icon-button"
          aria-label="Light or dark paper"
          title="Light or dark paper"
          @click=${() => this.#tell('theme-toggled')}
        >
          <wa-icon name=${this.paper === 'dark' ? 'sun' : 'moon'}></wa-icon>
        </button>
        <button class="action canvas" @click=${() => this.#tell('canvas-wanted')}>
          <wa-icon name="pen"></wa-icon><span>Canvas</span>
        </button>
      </header>
    `;
  }

  #tell(event: string): void {
    this.dispatchEvent(new CustomEvent(event));
  }

  static override styles = [
    controls,
    panels,
    css`
      :host {
        display: block;
        border-bottom: 1px solid var(--line);
        background: var(--paper);
      }

      header {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        max-width: 1040px;
        min-height: 56px;
        margin: 0 auto;
        padding: env(safe-area-inset-top) var(--space-3) 0;
      }

      .home {
        display: flex;
        flex: none;
        border-radius: var(--radius-s);
      }

      h1 {
        display: flex;
        flex: 1;
        gap: var(--space-2);
        min-width: 0;
        margin: 0;
        font-size: var(--text-l);
        font-weight: 600;
      }

      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .quiet {
        font-weight: 400;
      }

      @media (max-width: 480px) {
        .canvas {
          padding: 0 11px;
        }

        .canvas span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-training-header': TcTrainingHeader;
  }
}
