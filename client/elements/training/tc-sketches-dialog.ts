import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { controls } from '../../styles/controls.ts';
import type { MatrixCell } from './confusion-rows.ts';
import { counted } from './model-words.ts';

/** The sketches behind a cell of the matrix. Tells `dismissed`. */
@customElement('tc-sketches-dialog')
export class TcSketchesDialog extends LitElement {
  @property({ attribute: false }) cell: MatrixCell | null = null;

  /** The cell that is still shown while the dialog fades out. */
  @state() private shown: MatrixCell | null = null;

  override render(): TemplateResult {
    const { shown } = this;
    return html`
      <wa-dialog
        label=${shown ? titleOf(shown) : ''}
        light-dismiss
        ?open=${this.cell !== null}
        @wa-after-hide=${() => this.dispatchEvent(new CustomEvent('dismissed'))}
      >
        ${shown ? renderSketches(shown) : ''}
      </wa-dialog>
    `;
  }

  protected override willUpdate(): void {
    if (this.cell) this.shown = this.cell;
  }

  static override styles = [
    controls,
    css`
      wa-dialog {
        --width: 640px;
      }

      p {
        margin: 0 0 var(--space-3);
        color: var(--ink-quiet);
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(96px, 1fr));
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: grid;
        place-items: center;
        aspect-ratio: 1;
        overflow: hidden;
        border: 1px solid var(--line);
        border-radius: var(--radius-s);
        background: #fff;
        color: #5f574d;
        font-size: var(--text-s);
        text-align: center;
      }

      img {
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
    `,
  ];
}

function titleOf({ actual, predicted, isRight }: MatrixCell): string {
  return isRight ? `${actual}, recognised` : `${actual}, taken for ${predicted}`;
}

function renderSketches({ actual, count, rowTotal, exampleIds }: MatrixCell): TemplateResult {
  const some = exampleIds.length < count ? `, the first ${exampleIds.length} of them here` : '';
  return html`
    <p>${count} of ${counted(rowTotal, 'test sketch', 'test sketches')} of ${actual}${some}.</p>
    <ul>
      ${exampleIds.map(
        (id, i) => html`
          <li>
            <img
              src="/api/examples/${id}/image"
              alt="Sketch ${i + 1} of ${actual}"
              loading="lazy"
              @error=${onMissing}
            />
          </li>
        `,
      )}
    </ul>
  `;
}

/** The example has been deleted since. */
function onMissing(event: Event): void {
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.replaceWith('deleted since');
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-sketches-dialog': TcSketchesDialog;
  }
}
