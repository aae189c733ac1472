import type { TemplateResult } from 'lit';
import { html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { CategoryMetrics } from '../../../shared/model-version.ts';
import { controls } from '../../styles/controls.ts';
import { panels } from '../../styles/panels.ts';
import { share } from './model-words.ts';
import { categoryTableStyles } from './tc-category-table.styles.ts';

type Column = 'name' | 'recall' | 'precision' | 'f1';

const COLUMNS: readonly { readonly id: Column; readonly name: string; readonly about: string }[] = [
  { id: 'name', name: 'Category', about: '' },
  { id: 'recall', name: 'Recognised', about: 'Of its sketches, the share that was recognised' },
  { id: 'precision', name: 'Precision', about: 'Of the sketches taken for it, the share that was' },
  { id: 'f1', name: 'F1', about: 'Both in one figure: their harmonic mean' },
];

/** How well each category is told from the others. A click on a column's head sorts by it. */
@customElement('tc-category-table')
export class TcCategoryTable extends LitElement {
  @property({ attribute: false }) categories: readonly CategoryMetrics[] = [];

  @state() private sortedBy: Column = 'recall';
  @state() private isDescending = false;

  override render(): TemplateResult {
    return html`
      <table role="table" aria-label="Accuracy by category">
        <thead role="rowgroup">
          <tr role="row">
            ${COLUMNS.map((column) => this.#renderHead(column))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${this.#sorted().map((category) => renderRow(category))}
        </tbody>
      </table>
    `;
  }

  #renderHead({ id, name, about }: (typeof COLUMNS)[number]): TemplateResult {
    const isChosen = this.sortedBy === id;
    const order = this.isDescending ? 'descending' : 'ascending';
    return html`
      <th role="columnheader" scope="col" class=${id} aria-sort=${isChosen ? order : 'none'}>
        <button class="plain" title=${about} @click=${() => this.#sortBy(id)}>
          ${name}<span class="arrow" aria-hidden="true">${this.#arrow(isChosen)}</span>
        </button>
      </th>
    `;
  }

  #arrow(isChosen: boolean): string {
    if (!isChosen) return '';
    return this.isDescending ? '↓' : '↑';
  }

  #sortBy(column: Column): void {
    this.isDescending = column === this.sortedBy && !this.isDescending;
    this.sortedBy = column;
  }

  #sorted(): readonly CategoryMetrics[] {
    const sign = this.isDescending ? -1 : 1;
    return [...this.categories].sort((a, b) => {
      const order = this.sortedBy === 'name' ? 0 : compareFigures(a, b, this.sortedBy);
      return sign * (order || a.name.localeCompare(b.name));
    });
  }

  static override styles = [controls, panels, categoryTableStyles];
}

function renderRow({
  name,
  correct,
  testExamples,
  recall,
  precision,
  f1,
}: CategoryMetrics): TemplateResult {
  const isTested = testExamples > 0;
  const filled = `--share: ${(recall ?? 0) * 100}%`;
  return html`
    <tr role="row">
      <th role="rowheader" scope="row" class="name">${name}</th>
      <td role="cell" class="recall">
        <span class="bar" aria-hidden="true"><i .style=${filled}></i></span>
        <span class="count">${isTested ? `${correct} of ${testExamples}` : 'not tested yet'}</span>
      </td>
      <td role="cell" class="figure" data-name="Precision">${share(precision)}</td>
      <td role="cell" class="figure" data-name="F1">${share(f1)}</td>
    </tr>
  `;
}

/** What was not tested comes last in rising order. */
function compareFigures(
  a: CategoryMetrics,
  b: CategoryMetrics,
  column: Exclude<Column, 'name'>,
): number {
  return (a[column] ?? 2) - (b[column] ?? 2);
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-category-table': TcCategoryTable;
  }
}
