import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { Layers } from '../../../shared/hyperparameters.ts';
import type { TrainingStrategy } from '../../../shared/training-strategy.ts';
import type { Needs } from '../../services/training-state.ts';
import { NOTHING_MISSING } from '../../services/training-state.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import { LAYER_WORDS } from './model-words.ts';
import { whenWords } from './strategy-words.ts';

/** The four ways to train, each with what it does or what it lacks. Tells `train-wanted` with the layers. */
@customElement('tc-train-options')
export class TcTrainOptions extends LitElement {
  @property({ attribute: false }) needs: Needs = NOTHING_MISSING;
  @property({ attribute: false }) strategy: TrainingStrategy | null = null;
  /** Without it the ways are explained, and nothing can be started. */
  @property({ type: Boolean }) mayTrain = false;
  /** A request is on its way. */
  @property({ type: Boolean }) isBusy = false;

  override render(): TemplateResult {
    return html`<ul>
      ${Layers.options.map((layers) => this.#renderWay(layers))}
    </ul>`;
  }

  #renderWay(layers: Layers): TemplateResult {
    const { name, about } = LAYER_WORDS[layers];
    // The same words are not written twice below each other.
    const lack = this.#speaker(layers) === layers ? this.needs[layers] : null;
    return html`
      <li>
        <div>
          <h3>${name} ${this.#renderHabit(layers)}</h3>
          <p class="small quiet" id="about-${layers}">${about}</p>
          ${lack === null ? nothing : html`<p class="small lack" id="lack-${layers}">${lack}</p>`}
        </div>
        ${this.mayTrain ? this.#renderButton(layers, name) : nothing}
      </li>
    `;
  }

  /** Stays reachable where it is refused, so that its reason can be heard. */
  #renderButton(layers: Layers, name: string): TemplateResult {
    const isRefused = this.needs[layers] !== null;
    return html`<button
      class="action ${layers === 'head' ? 'first' : ''}"
      aria-label="Train: ${name}"
      aria-describedby="about-${layers} ${isRefused ? `lack-${this.#speaker(layers)}` : ''}"
      aria-disabled=${isRefused || this.isBusy}
      @click=${() => this.#onTrain(layers)}
    >
      Train
    </button>`;
  }

  /** The first of the ways that lack the same. */
  #speaker(layers: Layers): Layers {
    return Layers.options.find((each) => this.needs[each] === this.needs[layers]) ?? layers;
  }

  #renderHabit(layers: Layers): TemplateResult | typeof nothing {
    const { strategy } = this;
    if (strategy?.layers !== layers || strategy.when.kind === 'by_hand') return nothing;
    return html`<span class="badge">${whenWords(strategy.when)}</span>`;
  }

  #onTrain(layers: Layers): void {
    if (this.needs[layers] !== null || this.isBusy) return;
    this.dispatchEvent(new CustomEvent('train-wanted', { detail: layers }));
  }

  static override styles = [
    controls,
    panels,
    css`
      :host {
        display: block;
      }

      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
        padding: 12px 0;
      }

      li + li {
        border-top: 1px solid var(--line);
      }

      li:first-child {
        padding-top: 0;
      }

      li:last-child {
        padding-bottom: 0;
      }

      p {
        margin-top: 2px;
        text-wrap: pretty;
      }

      .lack {
        color: var(--warn);
      }

      .badge {
        margin-left: 4px;
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-train-options': TcTrainOptions;
  }
}
