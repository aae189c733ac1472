import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Confusion, ModelVersion } from '../../../shared/model-version.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import type { Matrix, MatrixCell } from './confusion-rows.ts';
import { matrixOf, mostConfused } from './confusion-rows.ts';
import type { QualityFigure } from './quality-words.ts';
import { qualityFigures } from './quality-words.ts';
import './tc-category-table.ts';
import './tc-confusion-matrix.ts';
import './tc-curves.ts';
import { qualityStyles } from './tc-quality.styles.ts';
import './tc-sketches-dialog.ts';

const MOST_CONFUSED = 6;

/** How good a version is: in all, by category, and what it takes for what. */
@customElement('tc-quality')
export class TcQuality extends LitElement {
  @property({ attribute: false }) version: ModelVersion | null = null;
  /** Null while it is read. */
  @property({ attribute: false }) confusion: Confusion | null = null;

  @state() private matrix: Matrix = { names: [], cells: [] };
  @state() private cell: MatrixCell | null = null;

  override render(): TemplateResult | typeof nothing {
    const { version } = this;
    if (!version) return nothing;
    const { metrics } = version;
    return html`
      ${renderFigures(version)}
      ${metrics.testExamples > 0 ? this.#renderCategories(version) : nothing}
      ${this.matrix.cells.length > 0 ? this.#renderConfusion() : nothing}
      ${metrics.curve.length > 1 ? renderCurves(version) : nothing}
      <tc-sketches-dialog .cell=${this.cell} @dismissed=${() => (this.cell = null)}>
      </tc-sketches-dialog>
    `;
  }

  #renderCategories({ metrics }: ModelVersion): TemplateResult {
    return html`
      <section class="card">
        <h3>By category</h3>
        <tc-category-table .categories=${metrics.perCategory}></tc-category-table>
      </section>
    `;
  }

  #renderConfusion(): TemplateResult {
    const confused = mostConfused(this.matrix, MOST_CONFUSED);
    return html`
      <section class="card">
        <h3>Most often confused</h3>
        ${
          confused.length === 0
            ? html`<p class="quiet">Nothing: every test sketch was recognised.</p>`
            : html`<ol>
                ${confused.map((cell) => this.#renderConfused(cell))}
              </ol>`
        }
        <h3>What was taken for what</h3>
        <p class="quiet small">Choose a cell to see its sketches.</p>
        <tc-confusion-matrix
          .matrix=${this.matrix}
          @cell-chosen=${(event: CustomEvent<MatrixCell>) => (this.cell = event.detail)}
        ></tc-confusion-matrix>
      </section>
    `;
  }

  #renderConfused(cell: MatrixCell): TemplateResult {
    return html`<li>
      <button class="plain" @click=${() => (this.cell = cell)}>
        <span><b>${cell.actual}</b> taken for <b>${cell.predicted}</b></span>
        <span class="quiet">${cell.count} of ${cell.rowTotal}</span>
      </button>
    </li>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('confusion')) return;
    this.matrix = this.confusion ? matrixOf(this.confusion) : { names: [], cells: [] };
    this.cell = null;
  }

  static override styles = [controls, panels, qualityStyles];
}

function renderFigures({ metrics }: ModelVersion): TemplateResult {
  return html`<dl class="card">${qualityFigures(metrics).map(renderFigure)}</dl>`;
}

function renderFigure({ name, figure, basis }: QualityFigure): TemplateResult {
  return html`
    <div>
      <dt>${name}</dt>
      <dd><b>${figure}</b><span>${basis}</span></dd>
    </div>
  `;
}

function renderCurves({ metrics, number }: ModelVersion): TemplateResult {
  return html`
    <section class="card">
      <h3>How model ${number} learnt</h3>
      <p class="quiet small">
        Where the loss of training falls and that of the held out sketches rises, it has begun to
        learn by heart.
      </p>
      <tc-curves .curve=${metrics.curve}></tc-curves>
    </section>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-quality': TcQuality;
  }
}
