import '@awesome.me/webawesome/dist/components/icon/icon.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Paper } from '../drawing/ink-color.ts';
import logoUrl from '../icons/logo.svg?url';
import type { Presence } from '../services/presence.ts';
import type { SavingState } from '../services/saving.ts';
import { controls } from '../styles/controls.ts';
import './tc-people.ts';
import './tc-saving-state.ts';

/** Above the paper: where I am, whether it is saved, who is here. Tells what its buttons ask for. */
@customElement('tc-header')
export class TcHeader extends LitElement {
  @property() projectName = '';
  @property() canvasName = '';
  @property({ attribute: false }) saving: SavingState = { kind: 'connecting' };
  @property({ attribute: false }) people: readonly Presence[] = [];
  @property() ownId = '';
  @property() paper: Paper = 'light';

  override render(): TemplateResult {
    return html`
      <div class="card place">
        <a href="/projects" class="home" aria-label="My projects" title="My projects">
          <img src=${logoUrl} alt="" width="28" height="28" />
        </a>
        <h1><span>${this.projectName}</span></h1>
        <tc-saving-state .state=${this.saving}></tc-saving-state>
      </div>
      <div class="card">
        <tc-people .people=${this.people} .ownId=${this.ownId}></tc-people>
        <span class="desk">
          ${this.#renderButton('versions-wanted', 'versions', 'Versions')}
          ${this.#renderButton('theme-toggled', this.#themeIcon(), 'Light or dark paper')}
        </span>
        <span class="phone">${this.#renderButton('panel-wanted', 'categories', 'Categories')}</span>
        <button class="plain share" @click=${() => this.#tell('share-wanted')}>
          <wa-icon name="share"></wa-icon><span>Share</span>
        </button>
      </div>
    `;
  }

  #renderButton(event: string, icon: string, name: string): TemplateResult {
    return html`
      <button
        class="plain icon-button"
        aria-label=${name}
        title=${name}
        @click=${() => this.#tell(event)}
      >
        <wa-icon name=${icon}></wa-icon>
      </button>
    `;
  }

  #themeIcon(): string {
    return this.paper === 'dark' ? 'sun' : 'moon';
  }

  #tell(event: string): void {
    this.dispatchEvent(new CustomEvent(event));
  }

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        justify-content: space-between;
        gap: var(--space-2);
        pointer-events: none;
      }

      .card {
        display: flex;
        align-items: center;
        gap: var(--space-1);
        height: 48px;
        padding: 0 var(--space-1) 0 var(--space-2);
        pointer-events: auto;
      }

      .place {
        position: relative;
        min-width: 0;
      }

      .home {
        display: flex;
        flex: none;
        border-radius: var(--radius-s);
      }

      h1 {
        min-width: 0;
        margin: 0 var(--space-1);
        overflow: hidden;
        font-size: 15px;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .share {
        display: flex;
        align-items: center;
        gap: 6px;
        height: var(--control);
        padding: 0 var(--space-3) 0 12px;
        border-radius: var(--radius-m);
        background: var(--accent);
        color: var(--on-accent);
        font-weight: 600;
      }

      .share wa-icon {
        font-size: 18px;
      }

      @media (hover: hover) {
        .share:hover {
          background: var(--accent-strong);
        }
      }

      .phone {
        display: none;
      }

      @media (max-width: 840px) {
        .phone {
          display: block;
        }
      }

      @media (max-width: 640px) {
        .card {
          gap: 0;
        }

        .icon-button {
          min-width: 36px;
        }

        .desk {
          display: none;
        }

        .share {
          padding: 0 11px;
        }

        .share span {
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
    'tc-header': TcHeader;
  }
}
