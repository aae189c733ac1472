import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelMetrics } from '../../../shared/model-version.ts';
import { MIN_TEST_SKETCHES } from '../training-words.ts';

/** An accuracy as a point in its interval, on a scale from 0 to 100 %; words stand beside it. */
@customElement('tc-interval')
export class TcInterval extends LitElement {
  @property({ attribute: false }) metrics: ModelMetrics | null = null;

  override render(): TemplateResult | typeof nothing {
    const { accuracy = null, interval = null, testExamples = 0 } = this.metrics ?? {};
    if (accuracy === null || testExamples < MIN_TEST_SKETCHES) return nothing;
    const { low, high } = interval ?? { low: accuracy, high: accuracy };
    const places = `--low: ${low * 100}%; --high: ${(1 - high) * 100}%; --at: ${accuracy * 100}%`;
    return html`<div class="scale" aria-hidden="true" .style=${places}><i></i><b></b></div>`;
  }

  static override styles = css`
    :host {
      display: block;
    }

    .scale {
      position: relative;
      height: 12px;
      border-radius: var(--radius-pill);
      background: var(--paper-sunk);
    }

    i {
      position: absolute;
      inset: 2px var(--high) 2px var(--low);
      border-radius: var(--radius-pill);
      background: color-mix(in srgb, var(--accent) 32%, var(--paper-raised));
    }

    b {
      position: absolute;
      top: -2px;
      left: var(--at);
      width: 4px;
      height: 16px;
      margin-left: -2px;
      border-radius: 2px;
      background: var(--accent);
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-interval': TcInterval;
  }
}
