import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import WaInput from '@awesome.me/webawesome/dist/components/input/input.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';

/** Shows the canvas' link to copy it by hand, where the browser does not let the page do so. */
@customElement('tc-share-dialog')
export class TcShareDialog extends LitElement {
  @property() link = '';
  @property({ type: Boolean }) open = false;

  override render(): TemplateResult {
    return html`
      <wa-dialog
        label="Draw together"
        light-dismiss
        ?open=${this.open}
        @wa-after-hide=${() => this.dispatchEvent(new CustomEvent('dismissed'))}
      >
        <p>Whoever opens this link draws along on this canvas.</p>
        <wa-input label="Link" readonly .value=${this.link} @focus=${selectAll}></wa-input>
      </wa-dialog>
    `;
  }

  static override styles = css`
    wa-dialog {
      --width: 440px;
    }

    p {
      margin: 0 0 var(--space-3);
      color: var(--ink-quiet);
    }
  `;
}

function selectAll(event: Event): void {
  if (event.currentTarget instanceof WaInput) event.currentTarget.select();
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-share-dialog': TcShareDialog;
  }
}
