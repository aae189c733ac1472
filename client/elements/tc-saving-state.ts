import '@awesome.me/webawesome/dist/components/icon/icon.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { SavingState } from '../services/saving.ts';
import { controls } from '../styles/controls.ts';

/** Whether what was drawn is safe. "Saved" means that it is on the server's disk. */
@customElement('tc-saving-state')
export class TcSavingState extends LitElement {
  @property({ attribute: false }) state: SavingState = { kind: 'connecting' };

  override render(): TemplateResult {
    const { text, why } = wordsOf(this.state);
    return html`
      <span class=${this.state.kind} role="status" title=${why}>
        <span class="dot" aria-hidden="true"></span><span class="text">${text}</span>
      </span>
    `;
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      [role='status'] {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 0 var(--space-2);
        color: var(--ink-quiet);
        font-size: var(--text-s);
        font-weight: 500;
        white-space: nowrap;
      }

      .dot {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--line-strong);
      }

      .saved .dot {
        background: var(--good);
      }

      .offline,
      .not_saving {
        color: var(--bad);
      }

      .offline .dot,
      .not_saving .dot {
        background: var(--bad);
      }

      @media (max-width: 640px) {
        .saved .text,
        .saving .text {
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

function wordsOf(state: SavingState): { readonly text: string; readonly why: string } {
  switch (state.kind) {
    case 'connecting':
      return {
        text: 'Connecting …',
        why: 'The server has not answered yet. You can draw already.',
      };
    case 'saving':
      return { text: 'Saving …', why: 'On the way to the server.' };
    case 'saved':
      return { text: 'Saved', why: 'Everything that you drew is stored.' };
    case 'offline':
      return { text: 'Offline', why: 'You can draw on: it is sent when the server is back.' };
    case 'not_saving':
      return { text: 'Not saving', why: state.reason };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-saving-state': TcSavingState;
  }
}
