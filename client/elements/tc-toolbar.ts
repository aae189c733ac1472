import '@awesome.me/webawesome/dist/components/icon/icon.js';
import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { controls } from '../styles/controls.ts';

/** What the toolbar's buttons ask for. */
export type ToolbarCommand =
  'pen' | 'eraser' | 'undo' | 'redo' | 'new-sketch' | 'fit' | 'ink-color' | 'own-color';

/** The pens' widths in canvas units. */
const PEN_WIDTHS = [3, 6, 12] as const;
const WIDTH_NAMES = ['Fine pen', 'Medium pen', 'Broad pen'] as const;

/** The tools. Tells `command` and `width-chosen`. */
@customElement('tc-toolbar')
export class TcToolbar extends LitElement {
  @property() tool: 'pen' | 'eraser' = 'pen';
  @property({ type: Number }) width = 6;
  /** `own` is the participant's colour. */
  @property() ink: 'ink' | 'own' = 'ink';
  @property() ownColor = '';
  @property({ type: Boolean }) canUndo = false;
  @property({ type: Boolean }) canRedo = false;
  @property({ type: Boolean }) startsNewSketch = false;
  /** Whoever is here may only look: there is nothing to take into the hand. */
  @property({ type: Boolean }) isReadOnly = false;

  override render(): TemplateResult {
    return this.isReadOnly ? this.#renderReadOnly() : this.#renderTools();
  }

  #renderReadOnly(): TemplateResult {
    return html`
      <div class="card" role="toolbar" aria-label="Tools">
        <p class="looking">
          <wa-icon name="eye"></wa-icon>You can look, but not draw. Ask the owner to let you.
        </p>
        ${this.#renderAction('fit', 'Zoom to fit', '0', false)}
      </div>
    `;
  }

  #renderTools(): TemplateResult {
    return html`
      <div class="card" role="toolbar" aria-label="Tools">
        ${this.#renderTool('pen', 'Pen', 'P')} ${this.#renderTool('eraser', 'Eraser', 'E')}
        <span class="divider"></span>
        ${this.#renderColor('ink-color', 'Black ink', 'var(--ink)')}
        ${this.#renderColor('own-color', 'My colour', this.ownColor)}
        <span class="divider widths"></span>
        ${PEN_WIDTHS.map((width, i) => this.#renderWidth(width, WIDTH_NAMES[i] ?? ''))}
        <span class="divider"></span>
        ${this.#renderAction('undo', 'Undo', 'Ctrl+Z', !this.canUndo)}
        ${this.#renderAction('redo', 'Redo', 'Ctrl+Shift+Z', !this.canRedo)}
        <span class="divider"></span>
        <button
          class="plain icon-button"
          aria-label="New sketch"
          aria-pressed=${this.startsNewSketch}
          title="New sketch: the next stroke starts one (N)"
          @click=${() => this.#tell('new-sketch')}
        >
          <wa-icon name="new-sketch"></wa-icon>
        </button>
        ${this.#renderAction('fit', 'Zoom to fit', '0', false)}
      </div>
    `;
  }

  #renderTool(tool: 'pen' | 'eraser', name: string, key: string): TemplateResult {
    return html`
      <button
        class="plain icon-button"
        aria-label=${name}
        aria-pressed=${this.tool === tool}
        title="${name} (${key})"
        @click=${() => this.#tell(tool)}
      >
        <wa-icon name=${tool}></wa-icon>
      </button>
    `;
  }

  #renderColor(command: 'ink-color' | 'own-color', name: string, color: string): TemplateResult {
    const isChosen = (command === 'own-color') === (this.ink === 'own');
    return html`
      <button
        class="plain swatch"
        aria-label=${name}
        aria-pressed=${isChosen}
        title=${name}
        .style=${`--swatch: ${color}`}
        @click=${() => this.#tell(command)}
      ></button>
    `;
  }

  #renderWidth(width: number, name: string): TemplateResult {
    return html`
      <button
        class="plain icon-button width"
        aria-label=${name}
        aria-pressed=${this.width === width}
        title=${name}
        .style=${`--dot: ${width + 2}px`}
        @click=${() => this.dispatchEvent(new CustomEvent('width-chosen', { detail: width }))}
      ></button>
    `;
  }

  #renderAction(
    command: 'undo' | 'redo' | 'fit',
    name: string,
    ...[key, isDisabled]: readonly [string, boolean]
  ): TemplateResult {
    return html`
      <button
        class="plain icon-button ${command}"
        aria-label=${name}
        title="${name} (${key})"
        ?disabled=${isDisabled}
        @click=${() => this.#tell(command)}
      >
        <wa-icon name=${command}></wa-icon>
      </button>
    `;
  }

  #tell(command: ToolbarCommand): void {
    this.dispatchEvent(new CustomEvent('command', { detail: command }));
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        max-width: 100%;
      }

      .card {
        display: flex;
        align-items: center;
        gap: 2px;
        padding: var(--space-1);
      }

      .looking {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        margin: 0;
        padding: 10px var(--space-2);
        text-wrap: balance;
      }

      .looking wa-icon {
        flex: none;
        font-size: 20px;
      }

      .divider {
        flex: none;
        width: 1px;
        height: 24px;
        margin: 0 var(--space-1);
        background: var(--line);
      }

      .swatch {
        flex: none;
        display: grid;
        place-items: center;
        width: 36px;
        height: var(--control);
        border-radius: var(--radius-m);
      }

      .swatch::before {
        content: '';
        width: 18px;
        height: 18px;
        border-radius: 50%;
        background: var(--swatch);
        outline: 2px solid transparent;
        outline-offset: 3px;
      }

      .swatch[aria-pressed='true']::before {
        outline-color: var(--swatch);
      }

      .width {
        min-width: 32px;
      }

      .width::before {
        content: '';
        width: var(--dot);
        height: var(--dot);
        border-radius: 50%;
        background: currentColor;
      }

      @media (max-width: 640px) {
        .card {
          gap: 0;
          justify-content: space-between;
        }

        .icon-button {
          min-width: 36px;
        }

        .divider,
        .fit {
          display: none;
        }

        .width {
          min-width: 28px;
        }

        .swatch {
          width: 32px;
        }
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-toolbar': TcToolbar;
  }
}
