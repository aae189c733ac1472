import type { TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ModelVersion } from '../../../shared/model-version.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import {
  accuracyWords,
  counted,
  isHeldBack,
  layersName,
  momentWords,
  PROMOTION_WORDS,
  share,
} from './model-words.ts';
import './tc-interval.ts';
import { versionListStyles } from './tc-version-list.styles.ts';

/**
 * The model versions, newest first. Tells `figures-wanted`, `promotion-wanted` and `rebuild-wanted`
 * with the version, and `older-wanted`.
 */
@customElement('tc-version-list')
export class TcVersionList extends LitElement {
  @property({ attribute: false }) versions: readonly ModelVersion[] = [];
  /** The version whose figures are shown. */
  @property() shownId = '';
  @property({ type: Boolean }) isOwner = false;
  @property({ type: Boolean }) hasOlder = false;

  override render(): TemplateResult {
    const serving = this.versions.find(({ isPromoted }) => isPromoted)?.number ?? 0;
    return html`
      <ol class="card">
        ${repeat(
          this.versions,
          ({ id }) => id,
          (version) => this.#renderVersion(version, serving),
        )}
      </ol>
      ${
        this.hasOlder
          ? html`<button class="action" @click=${() => this.#tell('older-wanted')}>
              Show older ones
            </button>`
          : nothing
      }
    `;
  }

  #renderVersion(version: ModelVersion, serving: number): TemplateResult {
    const { number, isPromoted, metrics, layers, createdAt } = version;
    const reason = PROMOTION_WORDS[version.promotionReason];
    return html`
      <li aria-label="Model ${number}">
        <div class="what">
          <h3>
            Model ${number} ${isPromoted ? html`<span class="badge live">live</span>` : nothing}
          </h3>
          <p class="small quiet">
            ${layersName(layers)} · ${counted(metrics.trainingExamples, 'example')} ·
            <time datetime=${createdAt}>${momentWords(createdAt)}</time>
          </p>
          <p class="small ${isHeldBack(version) ? 'held' : 'quiet'}">${reason}</p>
        </div>
        <div class="how">${renderAccuracy(version)}</div>
        <div class="deeds">${this.#renderDeeds(version, serving)}</div>
      </li>
    `;
  }

  #renderDeeds(version: ModelVersion, serving: number): TemplateResult {
    const { id, number, isPromoted } = version;
    const words = number < serving ? 'Roll back' : 'Make live';
    return html`
      ${
        this.isOwner && !isPromoted ? this.#renderDeed('promotion-wanted', words, version) : nothing
      }
      ${
        id === this.shownId
          ? html`<span class="badge">figures above</span>`
          : this.#renderDeed('figures-wanted', 'Figures', version)
      }
      ${this.isOwner ? this.#renderDeed('rebuild-wanted', 'Rebuild', version) : nothing}
      <a
        class="action bare"
        href="/api/model-versions/${id}/model.onnx"
        download="model-${number}.onnx"
        aria-label="Download model ${number} as ONNX"
        >model.onnx</a
      >
    `;
  }

  #renderDeed(event: string, words: string, version: ModelVersion): TemplateResult {
    const kind = event === 'promotion-wanted' ? '' : 'bare';
    return html`<button
      class="action ${kind}"
      aria-label="${words}: model ${version.number}"
      @click=${() => this.#tell(event, version)}
    >
      ${words}
    </button>`;
  }

  #tell(event: string, detail?: ModelVersion): void {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  static override styles = [controls, panels, versionListStyles];
}

function renderAccuracy({ metrics }: ModelVersion): TemplateResult {
  const { figure, basis } = accuracyWords(metrics);
  const { interval } = metrics;
  const method = metrics.method === 'cross_validated' ? ', cross-validated' : '';
  if (figure === null) return html`<p class="small quiet">${basis}</p>`;
  return html`
    <p>
      <b>${figure}</b>
      ${
        interval
          ? html`<span class="small quiet"
              >likely ${share(interval.low)} to ${share(interval.high)}</span
            >`
          : nothing
      }
    </p>
    <tc-interval .metrics=${metrics}></tc-interval>
    <p class="small quiet">${basis}${method}</p>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-version-list': TcVersionList;
  }
}
