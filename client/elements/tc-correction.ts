import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Category } from '../../shared/category.ts';
import type { Score } from '../../shared/prediction.ts';
import { MAX_NAME_CHARACTERS } from '../../shared/limits.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { controls } from '../styles/controls.ts';
import { percent } from './percent.ts';
import { searchCategories } from './category-search.ts';
import { correctionStyles } from './tc-correction.styles.ts';
import './tc-raster.ts';
import { typedText } from './typed-text.ts';

/** What somebody says about a sketch. */
export interface Verdict {
  readonly verdict: 'right' | 'wrong';
  readonly categoryId?: string;
  readonly newCategory?: { readonly name: string };
  readonly addToDataset: boolean;
}

/** The sketch that is asked about. */
export interface AskedSketch {
  /** The shown guess, or null for "?". */
  readonly label: string | null;
  readonly isConfirmed: boolean;
  readonly scores: readonly Score[];
  readonly strokes: readonly StrokeColumns[];
}

const WIDTH = 320;
const GAP = 12;

/**
 * Asks whether a guess is right, and what the sketch shows if not: a card at the bubble, a sheet
 * from below on a phone. It is there as long as there is a sketch. Tells `verdict`,
 * `dataset-switched`, `dismissed`, and `focus-lost` where what had the focus before it is gone.
 */
@customElement('tc-correction')
export class TcCorrection extends LitElement {
  @property({ attribute: false }) sketch: AskedSketch | null = null;
  @property({ attribute: false }) categories: readonly Category[] = [];
  /** The bubble that was chosen, in CSS pixels of the window. */
  @property({ attribute: false }) anchor: DOMRect | null = null;
  @property({ type: Boolean }) addsToDataset = true;
  /** The verdict is on its way. */
  @property({ type: Boolean }) isSending = false;
  /** Why the last verdict was not taken, for people; empty while all is well. */
  @property() trouble = '';

  @state() private typed = '';
  @state() private showsAll = false;

  @query('dialog') private readonly dialog!: HTMLDialogElement | null;
  @query('wa-input') private readonly search!: HTMLElement | null;

  override render(): TemplateResult | typeof nothing {
    const { sketch } = this;
    if (!sketch) return nothing;
    return html`
      <dialog
        aria-labelledby="question"
        .style=${this.#position()}
        @close=${this.#onClose}
        @click=${this.#onBackdrop}
      >
        <header>
          <tc-raster .strokes=${sketch.strokes}></tc-raster>
          <hgroup>
            <h2 id="question">${questionOf(sketch)}</h2>
            <p>This is what the model sees.</p>
          </hgroup>
          <button class="plain icon-button close" aria-label="Close" @click=${this.#dismiss}>
            <wa-icon name="xmark"></wa-icon>
          </button>
        </header>
        ${sketch.label !== null && !sketch.isConfirmed ? this.#renderVerdicts() : nothing}
        <wa-input
          size="s"
          label="It is …"
          .placeholder=${'Search, or type a new name'}
          maxlength=${MAX_NAME_CHARACTERS}
          autocomplete="off"
          .value=${this.typed}
          @input=${this.#onType}
          @keydown=${this.#onKey}
        ></wa-input>
        ${this.#renderChoices(sketch)}
        <p class="trouble" role="alert">${this.trouble}</p>
        <wa-switch size="s" ?checked=${this.addsToDataset} @change=${this.#onSwitch}>
          Add to the dataset
        </wa-switch>
      </dialog>
    `;
  }

  #renderVerdicts(): TemplateResult {
    return html`
      <div class="verdicts">
        <button class="plain right" autofocus ?disabled=${this.isSending} @click=${this.#onRight}>
          <wa-icon name="check"></wa-icon>Right
        </button>
        <button class="plain wrong" ?disabled=${this.isSending} @click=${this.#onWrong}>
          <wa-icon name="xmark"></wa-icon>Wrong
        </button>
      </div>
    `;
  }

  #renderChoices(sketch: AskedSketch): TemplateResult {
    const { found, newName } = searchCategories(this.categories, this.typed);
    const isSearch = this.typed.trim() !== '' || this.showsAll || sketch.scores.length === 0;
    const choices = isSearch
      ? found.map(({ id, name }) => ({ categoryId: id, name, confidence: null }))
      : sketch.scores;
    return html`
      <ul>
        ${choices.map((choice) => html`<li>${this.#renderChoice(choice)}</li>`)}
        ${newName === null ? nothing : this.#renderNew(newName)}
      </ul>
    `;
  }

  #renderNew(name: string): TemplateResult {
    return html`
      <li>
        <button
          class="plain choice new"
          ?disabled=${this.isSending}
          @click=${() => this.#tellWrong({ newCategory: { name } })}
        >
          <wa-icon name="plus"></wa-icon><span>New category “${name}”</span><kbd>Enter</kbd>
        </button>
      </li>
    `;
  }

  #renderChoice(choice: {
    readonly categoryId: string;
    readonly name: string;
    readonly confidence: number | null;
  }): TemplateResult {
    const { categoryId, name, confidence } = choice;
    const share = confidence === null ? '' : percent(confidence);
    return html`
      <button
        class="plain choice"
        ?disabled=${this.isSending}
        .style=${`--share: ${confidence ?? 0}`}
        @click=${() => this.#choose(categoryId, name)}
      >
        <span>${name}</span><span class="share">${share}</span>
      </button>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Only a dialog that is closed before it is taken away gives the focus back.
    if (!this.sketch) this.dialog?.close();
    if (!changed.has('anchor')) return;
    this.typed = '';
    this.showsAll = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('sketch')) return;
    if (this.dialog && !this.dialog.open) this.dialog.showModal();
    const isOver = !this.sketch && Boolean(changed.get('sketch'));
    if (isOver && document.activeElement === document.body)
      this.dispatchEvent(new CustomEvent('focus-lost'));
  }

  /** Beside the bubble where there is room; a phone's sheet does not use it. */
  #position(): string {
    const { anchor } = this;
    if (!anchor) return '';
    const left = Math.max(GAP, Math.min(innerWidth - WIDTH - GAP, anchor.left - 24));
    const isLow = anchor.bottom > innerHeight / 2;
    const top = isLow ? 'auto' : `${anchor.bottom + GAP}px`;
    const bottom = isLow ? `${innerHeight - anchor.top + GAP}px` : 'auto';
    const room = isLow ? anchor.top : innerHeight - anchor.bottom;
    return `--left: ${left}px; --top: ${top}; --bottom: ${bottom}; --room: ${room - 2 * GAP}px`;
  }

  #tell(verdict: Omit<Verdict, 'addToDataset'>): void {
    const detail: Verdict = { ...verdict, addToDataset: this.addsToDataset };
    this.dispatchEvent(new CustomEvent('verdict', { detail }));
  }

  #tellWrong(meant: Pick<Verdict, 'categoryId' | 'newCategory'>): void {
    this.#tell({ verdict: 'wrong', ...meant });
  }

  /** Choosing the guess itself says that it is right. */
  #choose(categoryId: string, name: string): void {
    if (name === this.sketch?.label && !this.sketch.isConfirmed)
      this.#tell({ verdict: 'right', categoryId });
    else this.#tellWrong({ categoryId });
  }

  readonly #onRight = (): void => {
    const label = this.sketch?.label;
    const meant = [...(this.sketch?.scores ?? [])].find((score) => score.name === label);
    this.#tell({ verdict: 'right', ...(meant && { categoryId: meant.categoryId }) });
  };

  readonly #onWrong = (): void => {
    this.showsAll = true;
    this.search?.focus();
  };

  readonly #onType = (event: Event): void => {
    this.typed = typedText(event);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || this.isSending) return;
    event.preventDefault();
    const { exact, newName } = searchCategories(this.categories, this.typed);
    if (exact) this.#choose(exact.id, exact.name);
    else if (newName !== null) this.#tellWrong({ newCategory: { name: newName } });
  };

  readonly #onSwitch = (event: Event): void => {
    const control = event.target;
    if (!(control instanceof HTMLElement) || !('checked' in control)) return;
    const detail = control.checked === true;
    this.dispatchEvent(new CustomEvent('dataset-switched', { detail }));
  };

  readonly #onBackdrop = (event: Event): void => {
    if (event.target === this.dialog) this.#dismiss();
  };

  /** Escape closes it. One that has been taken away tells of its end too, but later. */
  readonly #onClose = (): void => {
    if (this.dialog?.open === false) this.#dismiss();
  };

  readonly #dismiss = (): void => {
    this.dispatchEvent(new CustomEvent('dismissed'));
  };

  static override styles = [controls, correctionStyles];
}

function questionOf({ label, isConfirmed }: AskedSketch): string {
  if (label === null) return 'I don’t know this one. What is it?';
  if (isConfirmed) return `Somebody said: ${label}.`;
  return `Is this ${article(label)} ${label}?`;
}

function article(name: string): string {
  return /^[aeiou]/i.test(name) ? 'an' : 'a';
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-correction': TcCorrection;
  }
}
