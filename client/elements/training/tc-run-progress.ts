import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelVersion } from '../../../shared/model-version.ts';
import type { TrainingRun } from '../../../shared/training-run.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import {
  doneFraction,
  leftOutWords,
  paceWords,
  phaseWords,
  rebuildWords,
  runTitle,
  standingWords,
} from './run-words.ts';
import './tc-curves.ts';

/** A run that is trained, or waits. Tells `cancel-wanted` with the id of the run. */
@customElement('tc-run-progress')
export class TcRunProgress extends LitElement {
  @property({ attribute: false }) run: TrainingRun | null = null;
  /** What is trained after it. */
  @property({ attribute: false }) next: TrainingRun | null = null;
  @property({ attribute: false }) versions: readonly ModelVersion[] = [];
  @property({ type: Boolean }) mayCancel = false;

  override render(): TemplateResult | typeof nothing {
    const { run } = this;
    if (!run) return nothing;
    const { progress } = run;
    return html`
      <header>
        <div>
          <h3>${runTitle(run, this.versions)}</h3>
          <p>${phaseWords(run)}</p>
          <p class="small quiet">${rebuildWords(run, this.versions)}</p>
        </div>
        ${this.#renderCancel(run, 'Cancel')}
      </header>
      ${renderBar(run)}
      ${
        run.state === 'running'
          ? html`<p class="quiet pace">
              <span>${standingWords(progress)}</span><span>${paceWords(progress)}</span>
            </p>`
          : nothing
      }
      <p class="trouble">${leftOutWords(run)}</p>
      <tc-curves .curve=${progress.curve}></tc-curves>
      ${this.#renderNext()}
    `;
  }

  #renderNext(): TemplateResult | typeof nothing {
    const { next } = this;
    if (!next) return nothing;
    return html`<div class="next quiet">
      <span>Next, ${lowered(runTitle(next, this.versions))}</span
      >${this.#renderCancel(next, 'Leave out')}
    </div>`;
  }

  #renderCancel(run: TrainingRun, words: string): TemplateResult | typeof nothing {
    if (!this.mayCancel) return nothing;
    const tell = (): void => {
      this.dispatchEvent(new CustomEvent('cancel-wanted', { detail: run.id }));
    };
    return html`<button class="action" @click=${tell}>${words}</button>`;
  }

  static override styles = [
    controls,
    panels,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
        min-width: 0;
      }

      header,
      .next {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
      }

      .next {
        padding-top: var(--space-2);
        border-top: 1px solid var(--line);
      }

      .bar {
        position: relative;
        height: 8px;
        overflow: hidden;
        border-radius: var(--radius-pill);
        background: var(--paper-sunk);
      }

      .bar i {
        position: absolute;
        inset: 0 auto 0 0;
        width: var(--done);
        border-radius: inherit;
        background: var(--accent);
        transition: width var(--slow) linear;
      }

      .bar.unknown i {
        width: 25%;
        animation: pass 1.2s ease-in-out infinite alternate;
      }

      .pace {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 var(--space-3);
      }

      tc-curves {
        margin-top: var(--space-2);
      }

      @keyframes pass {
        from {
          left: 0;
        }
        to {
          left: 75%;
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .bar.unknown i {
          width: 100%;
          opacity: 0.4;
          animation: none;
        }
      }
    `,
  ];
}

/** As it stands in a sentence. */
function lowered(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function renderBar(run: TrainingRun): TemplateResult {
  const done = doneFraction(run);
  if (done === null || run.progress.phase === 'evaluating')
    return html`<div class="bar unknown" role="progressbar" aria-label=${phaseWords(run)}>
      <i></i>
    </div>`;
  const percent = Math.round(done * 100);
  return html`<div
    class="bar"
    role="progressbar"
    aria-label="Training"
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${percent}
  >
    <i .style=${`--done: ${percent}%`}></i>
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-run-progress': TcRunProgress;
  }
}
