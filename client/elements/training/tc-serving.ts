import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelVersion } from '../../../shared/model-version.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import '../tc-doodle.ts';
import { accuracyWords, counted, layersName, momentWords } from './model-words.ts';
import './tc-interval.ts';

/** The version that guesses now, and how good it is; before the first one, what to do for it. */
@customElement('tc-serving')
export class TcServing extends LitElement {
  @property({ attribute: false }) version: ModelVersion | null = null;
  /** There is one, but it has not been read yet. */
  @property({ type: Boolean }) isUnread = false;
  /** The project has no categories yet. */
  @property({ type: Boolean }) isUntaught = false;

  override render(): TemplateResult {
    if (this.version) return renderVersion(this.version);
    return this.isUnread ? renderUnread() : this.#renderEmpty();
  }

  #renderEmpty(): TemplateResult {
    return html`
      <tc-doodle></tc-doodle>
      <h3>${this.isUntaught ? 'Nothing learnt yet' : 'The starter model is live'}</h3>
      <p class="quiet pretty">
        ${
          this.isUntaught
            ? 'Open the canvas, draw something and say what it is. Two categories are enough to begin.'
            : 'It knows what is pre-taught. Draw on the canvas and correct its guesses: it learns from you.'
        }
      </p>
    `;
  }

  static override styles = [
    controls,
    panels,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: var(--space-1);
      }

      tc-doodle {
        width: 144px;
        margin-bottom: var(--space-2);
      }

      .figure {
        margin-top: var(--space-2);
        font-size: 56px;
        font-weight: 650;
        letter-spacing: -0.03em;
        line-height: 1;
      }

      .basis {
        font-size: var(--text-l);
        font-weight: 600;
      }

      tc-interval {
        max-width: 320px;
        margin: var(--space-2) 0;
      }

      .small {
        max-width: 44ch;
        text-wrap: pretty;
      }

      .origin {
        margin-top: var(--space-2);
      }
    `,
  ];
}

function renderUnread(): TemplateResult {
  return html`
    <h3>Another model is live</h3>
    <p class="quiet pretty">Its number and its figures have not arrived yet.</p>
  `;
}

function renderVersion({ number, metrics, layers, createdAt }: ModelVersion): TemplateResult {
  const { figure, basis, interval, method } = accuracyWords(metrics);
  return html`
    <h3>
      Model ${number} is live
      ${method === null ? nothing : html`<span class="badge">cross-validated</span>`}
    </h3>
    ${figure === null ? nothing : html`<p class="figure">${figure}</p>`}
    <p class="basis">${basis}${figure === null ? '' : ' right'}</p>
    <tc-interval .metrics=${metrics}></tc-interval>
    ${interval === null ? nothing : html`<p class="small quiet">${interval}</p>`}
    ${method === null ? nothing : html`<p class="small quiet">${method}</p>`}
    <p class="small quiet origin">
      ${layersName(layers)} · ${counted(metrics.trainingExamples, 'example')} ·
      <time datetime=${createdAt}>${momentWords(createdAt)}</time>
    </p>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-serving': TcServing;
  }
}
