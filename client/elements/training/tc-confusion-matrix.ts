import type { TemplateResult } from 'lit';
import { html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import type { Matrix, MatrixCell } from './confusion-rows.ts';
import { neighbourOf } from './confusion-rows.ts';
import { confusionMatrixStyles } from './tc-confusion-matrix.styles.ts';

const DIRECTIONS: Readonly<Record<string, 'left' | 'right' | 'up' | 'down'>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/**
 * What each category's test sketches were taken for, warmer the greater their share. Only cells that
 * are not empty exist, so that hundreds of categories stay quick; the arrow keys lead from one to the
 * next. Tells `cell-chosen`.
 */
@customElement('tc-confusion-matrix')
export class TcConfusionMatrix extends LitElement {
  @property({ attribute: false }) matrix: Matrix = { names: [], cells: [] };

  /** The one cell that the tab key reaches, as `row,column`. */
  @state() private current = '';

  override render(): TemplateResult {
    const { names, cells } = this.matrix;
    const size = `--size: ${names.length}`;
    return html`
      <div
        class="matrix"
        role="grid"
        aria-label="Confusion matrix: rows show what it was, columns what it was taken for"
        aria-rowcount=${names.length + 1}
        aria-colcount=${names.length + 1}
        .style=${size}
        @keydown=${this.#onKey}
      >
        <div role="row" aria-rowindex="1">
          <span role="columnheader" aria-colindex="1" class="corner">
            <span aria-hidden="true">was ↓ &nbsp;taken for →</span>
          </span>
          ${names.map(
            (name, column) => html`
              <span
                role="columnheader"
                aria-colindex=${column + 2}
                class="column"
                title=${name}
                .style=${`grid-column: ${column + 2}`}
                ><span>${name}</span></span
              >
            `,
          )}
        </div>
        ${names.map((name, row) =>
          this.#renderRow(
            name,
            row,
            cells.filter((cell) => cell.row === row),
          ),
        )}
      </div>
    `;
  }

  #renderRow(name: string, row: number, cells: readonly MatrixCell[]): TemplateResult {
    const place = `grid-row: ${row + 2}`;
    return html`
      <div role="row" aria-rowindex=${row + 2}>
        <span role="rowheader" aria-colindex="1" class="row" title=${name} .style=${place}>
          ${name}
        </span>
        ${cells.map((cell) => this.#renderCell(cell))}
      </div>
    `;
  }

  #renderCell(cell: MatrixCell): TemplateResult {
    const { row, column, count, rowTotal, isRight, actual, predicted } = cell;
    const place = `grid-area: ${row + 2} / ${column + 2}; --heat: ${Math.round(cell.share * 48)}%`;
    const verdict = isRight ? 'recognised' : `taken for ${predicted}`;
    return html`
      <span role="gridcell" aria-colindex=${column + 2} .style=${place} class="place">
        <button
          class="plain ${isRight ? 'right' : 'wrong'}"
          data-place=${placeOf(cell)}
          tabindex=${this.#isReachable(cell) ? 0 : -1}
          aria-label="${actual} ${verdict}: ${count} of ${rowTotal}"
          title="${actual} ${verdict}: ${count} of ${rowTotal}"
          @focus=${() => (this.current = placeOf(cell))}
          @click=${() => this.dispatchEvent(new CustomEvent('cell-chosen', { detail: cell }))}
        >
          ${count}
        </button>
      </span>
    `;
  }

  #isReachable(cell: MatrixCell): boolean {
    const [first] = this.matrix.cells;
    return placeOf(cell) === (this.#find(this.current) ? this.current : first && placeOf(first));
  }

  #find(place: string): MatrixCell | undefined {
    return this.matrix.cells.find((cell) => placeOf(cell) === place);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const direction = DIRECTIONS[event.key];
    const from = this.#find(this.current);
    if (!direction || !from) return;
    event.preventDefault();
    const place = placeOf(neighbourOf(this.matrix, from, direction));
    this.renderRoot.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus();
  };

  static override styles = [controls, panels, confusionMatrixStyles];
}

function placeOf({ row, column }: MatrixCell): string {
  return `${row},${column}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-confusion-matrix': TcConfusionMatrix;
  }
}
