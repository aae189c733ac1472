import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ModelVersion } from '../../../shared/model-version.ts';
import type { TrainingRun } from '../../../shared/training-run.ts';
import type { TrainingState } from '../../services/training-state.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import { isHeldBack, PROMOTION_WORDS } from './model-words.ts';
import { runTitle } from './run-words.ts';
import './tc-run-progress.ts';
import './tc-serving.ts';
import './tc-train-options.ts';

/** What is shown of a project's training. */
type Shown = Pick<
  TrainingState,
  | 'project'
  | 'needs'
  | 'categories'
  | 'activeRun'
  | 'nextRun'
  | 'lastRun'
  | 'versions'
  | 'isServingUnread'
>;

/**
 * What serves, what is trained, and the ways to train. Tells `train-wanted` with the layers and
 * `cancel-wanted` with the id of a run.
 */
@customElement('tc-training-now')
export class TcTrainingNow extends LitElement {
  // Changes in place; whoever gives it renders this element anew.
  @property({ attribute: false, hasChanged: () => true }) training: Shown | null = null;
  @property({ attribute: false }) version: ModelVersion | null = null;
  @property({ type: Boolean }) mayTrain = false;
  @property({ type: Boolean }) mayCancel = false;
  @property({ type: Boolean }) isBusy = false;
  /** Why the last request was refused, for people. */
  @property() trouble = '';

  override render(): TemplateResult | typeof nothing {
    const { training } = this;
    if (!training) return nothing;
    return html`
      ${this.#renderRun(training)}
      <div class="card">
        <tc-serving
          .version=${this.version}
          ?isUnread=${training.isServingUnread}
          ?isUntaught=${training.categories.length === 0}
        ></tc-serving>
        <div class="ways">
          <p class="trouble" role="alert">${this.trouble}</p>
          <tc-train-options
            .needs=${training.needs}
            .strategy=${training.project?.strategy ?? null}
            ?mayTrain=${this.mayTrain}
            ?isBusy=${this.isBusy}
            @train-wanted=${this.#pass}
          ></tc-train-options>
        </div>
      </div>
    `;
  }

  #renderRun({ activeRun, nextRun, lastRun, versions }: Shown): TemplateResult | typeof nothing {
    if (activeRun)
      return html`<div class="card run">
        <tc-run-progress
          .run=${activeRun}
          .next=${nextRun}
          .versions=${versions}
          ?mayCancel=${this.mayCancel}
          @cancel-wanted=${this.#pass}
        ></tc-run-progress>
      </div>`;
    return lastRun ? renderEnd(lastRun, versions) : nothing;
  }

  readonly #pass = ({ type, detail }: CustomEvent<unknown>): void => {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  };

  static override styles = [
    controls,
    panels,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }

      .card {
        display: grid;
        grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
        gap: var(--space-4) var(--space-5);
        padding: var(--space-4);
      }

      .card.run {
        grid-template-columns: minmax(0, 1fr);
      }

      .ways {
        min-width: 0;
        padding-left: var(--space-5);
        border-left: 1px solid var(--line);
      }

      .end {
        padding: var(--space-2) var(--space-3);
        border-left: 4px solid var(--warn);
        border-radius: var(--radius-s);
        background: var(--paper-sunk);
      }

      .end.failed {
        border-color: var(--bad);
      }

      @media (max-width: 760px) {
        .card {
          grid-template-columns: minmax(0, 1fr);
          padding: var(--space-3);
        }

        .ways {
          padding: var(--space-3) 0 0;
          border-top: 1px solid var(--line);
          border-left: 0;
        }
      }
    `,
  ];
}

/** What is worth saying of a run that has ended: that it failed, or that its model was held back. */
function renderEnd(
  run: TrainingRun,
  versions: readonly ModelVersion[],
): TemplateResult | typeof nothing {
  if (run.state === 'failed')
    return html`<div class="end failed">
      <h3>${runTitle(run, versions).replace(/^Learning/, 'Training failed')}</h3>
      <p>${run.reason ?? 'It ended for a reason that is not known.'}</p>
      <p class="small quiet">What was live stays live. Change what it says, then train again.</p>
    </div>`;
  const made = versions.find(({ id }) => id === run.modelVersionId);
  if (!made || made.isPromoted) return nothing;
  if (!isHeldBack(made) && made.promotionReason !== 'made_again') return nothing;
  return html`<div class="end">
    <h3>Model ${made.number} is not live</h3>
    <p>
      ${PROMOTION_WORDS[made.promotionReason]} Its figures are below; it can be made live by hand.
    </p>
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-training-now': TcTrainingNow;
  }
}
