import '@awesome.me/webawesome/dist/components/button/button.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';

/** A page that says what went wrong and what to do next. Tells `retry`. */
@customElement('tc-message')
export class TcMessage extends LitElement {
  @property() headline = '';
  @property() text = '';

  override render(): TemplateResult {
    return html`
      <main>
        <h1>${this.headline}</h1>
        <p role="alert">${this.text}</p>
        <wa-button variant="brand" @click=${() => this.dispatchEvent(new CustomEvent('retry'))}>
          Try again
        </wa-button>
        <a href="/">To the Playground</a>
      </main>
    `;
  }

  static override styles = css`
    :host {
      display: grid;
      height: 100%;
      place-content: center;
      padding: var(--space-4);
      background: var(--paper);
    }

    main {
      display: grid;
      justify-items: start;
      gap: var(--space-3);
      max-width: 44ch;
    }

    h1,
    p {
      margin: 0;
    }

    h1 {
      font-size: var(--text-xl);
      letter-spacing: -0.01em;
    }

    a {
      color: var(--accent);
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-message': TcMessage;
  }
}
