import '@awesome.me/webawesome/dist/components/icon/icon.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ModelVersion } from '../../shared/model-version.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { controls } from '../styles/controls.ts';
import { trainingWords } from './training-words.ts';

const SWEEP_MS = 180;

/** What is being learnt, and which model version serves. A new one is lit up in one sweep. */
@customElement('tc-training-status')
export class TcTrainingStatus extends LitElement {
  @property({ attribute: false }) run: TrainingRun | null = null;
  /** Undefined until it has been read. */
  @property({ attribute: false }) version: ModelVersion | null | undefined;

  /** The project has no categories yet. */
  @property({ type: Boolean }) isUntaught = false;

  /** Where more is told about it. */
  @property() href = '';

  @query('.sweep') private readonly sweep!: HTMLElement | null;

  override render(): TemplateResult {
    const { kind, text, detail } = trainingWords(this.run, this.version, this.isUntaught);
    return html`
      <div class="sweep" aria-hidden="true"></div>
      <span class="mark ${kind}"
        ><wa-icon name=${kind === 'failed' ? 'xmark' : 'spark'}></wa-icon
      ></span>
      <div role="status">
        <div class="text">${text}</div>
        <div class="detail">${detail}</div>
      </div>
      ${
        this.href === ''
          ? nothing
          : html`<a
              href=${this.href}
              aria-label="Training"
              title="Training: settings, figures, versions"
            >
              <wa-icon name="chevron-right"></wa-icon>
            </a>`
      }
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get('version');
    if (!before || before.id === this.version?.id) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.sweep?.animate(
      [
        { opacity: 1, transform: 'translateX(-100%)' },
        { opacity: 1, transform: 'translateX(100%)' },
      ],
      { duration: SWEEP_MS, easing: 'ease-out' },
    );
  }

  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        display: flex;
        align-items: start;
        gap: var(--space-2);
        padding: var(--space-3);
        overflow: hidden;
      }

      .sweep {
        position: absolute;
        inset: 0;
        opacity: 0;
        background: linear-gradient(90deg, transparent, var(--accent-soft), transparent);
      }

      .mark {
        position: relative;
        flex: none;
        display: grid;
        place-items: center;
        width: 28px;
        height: 28px;
        border-radius: 50%;
        background: var(--accent-soft);
        color: var(--accent);
        font-size: 16px;
      }

      .failed {
        color: var(--bad);
      }

      .learning::after {
        content: '';
        position: absolute;
        inset: -2px;
        border: 2px solid transparent;
        border-top-color: var(--accent);
        border-radius: 50%;
        animation: turn 0.8s linear infinite;
      }

      .text {
        position: relative;
        font-weight: 600;
      }

      .detail {
        position: relative;
        color: var(--ink-quiet);
        font-size: var(--text-s);
        text-wrap: pretty;
      }

      [role='status'] {
        flex: 1;
        min-width: 0;
      }

      a {
        position: relative;
        display: grid;
        flex: none;
        place-items: center;
        width: var(--control);
        height: var(--control);
        margin: -4px -8px -4px 0;
        border-radius: var(--radius-m);
        color: var(--ink-quiet);
        font-size: 20px;
      }

      @media (hover: hover) {
        a:hover {
          background: var(--paper-sunk);
          color: var(--ink);
        }
      }

      @keyframes turn {
        to {
          transform: rotate(1turn);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .learning::after {
          animation: none;
          border-color: var(--accent);
        }
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-training-status': TcTrainingStatus;
  }
}
