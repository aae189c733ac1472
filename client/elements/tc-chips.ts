import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { SketchGuess } from '../controllers/chips-controller.ts';
import { ChipsController } from '../controllers/chips-controller.ts';
import { EventController } from '../controllers/event-controller.ts';
import type { PlacedChip } from '../drawing/chip-layout.ts';
import { placeChips } from '../drawing/chip-layout.ts';
import type { Size, View } from '../drawing/view.ts';
import { boxToScreen, overlaps } from '../drawing/view.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import './tc-announcer.ts';
import { TcChip } from './tc-chip.ts';

/** Somebody wants to say something about a sketch. */
export interface SketchChoice {
  readonly sketchId: string;
  /** The bubble, in CSS pixels of the window. */
  readonly anchor: DOMRect;
  /** What the bubble says: the name of a category, or null for "?". */
  readonly label: string | null;
  readonly isConfirmed: boolean;
}

/** Room that header and toolbar take from the window, where no bubble may hide. */
const EDGES = { top: 64, side: 8, bottom: 76 };
const SMALL_BELOW_SCALE = 0.35;
const MAX_LARGE_CHIPS = 12;
const LARGE_GAP = 10;
const SMALL = { size: { width: 10, height: 10 }, gap: 2 };

/** The bubbles of all sketches in the window. Tells `sketch-chosen`. */
@customElement('tc-chips')
export class TcChips extends LitElement {
  @property({ attribute: false }) session: CanvasSession | null = null;
  @property({ attribute: false }) view: View = { x: 0, y: 0, scale: 1 };
  @property({ attribute: false }) size: Size = { width: 0, height: 0 };

  readonly #chips = new ChipsController(this);
  readonly #events = new EventController(this);
  #ownGuess = '';

  override render(): TemplateResult {
    const guesses = this.#chips.guesses;
    const inWindow = guesses.filter((guess) => this.#isInWindow(guess));
    const isSmall = this.view.scale < SMALL_BELOW_SCALE || inWindow.length > MAX_LARGE_CHIPS;
    const places = this.#place(inWindow, isSmall);
    this.#ownGuess =
      spokenGuess(guesses, this.session?.editor.lastSketchId ?? null) ?? this.#ownGuess;
    return html`
      ${repeat(
        inWindow,
        (guess) => guess.sketchId,
        (guess) => this.#renderChip(guess, places.get(guess.sketchId), isSmall),
      )}
      <tc-announcer .text=${this.#ownGuess}></tc-announcer>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('session') || !this.session) return;
    const { index, sync, editor, projectState } = this.session;
    this.#chips.follow(this.session);
    this.#events.watch([
      [index, 'change'],
      [sync, 'live', 'people'],
      [editor, 'live'],
      [projectState, 'change'],
    ]);
  }

  #renderChip(guess: SketchGuess, place: PlacedChip | undefined, isSmall: boolean): TemplateResult {
    const { x, y } = place?.at ?? { x: 0, y: 0 };
    return html`
      <tc-chip
        data-sketch-id=${guess.sketchId}
        .style=${`transform: translate(${Math.round(x)}px, ${Math.round(y)}px)`}
        .label=${guess.label}
        .confidence=${guess.confidence}
        .color=${guess.color ?? ''}
        .side=${place?.side ?? 'top'}
        ?provisional=${!guess.isFinal}
        ?confirmed=${guess.isConfirmed}
        ?small=${isSmall}
        @chip-chosen=${this.#onChosen}
      ></tc-chip>
    `;
  }

  #isInWindow({ box }: SketchGuess): boolean {
    const { width, height } = this.size;
    return overlaps(boxToScreen(this.view, box), { left: 0, top: 0, right: width, bottom: height });
  }

  #place(guesses: readonly SketchGuess[], isSmall: boolean): ReadonlyMap<string, PlacedChip> {
    const chips = guesses.map((guess) => ({
      id: guess.sketchId,
      sketch: boxToScreen(this.view, guess.box),
      ...(isSmall ? SMALL : { size: sizeOf(guess), gap: LARGE_GAP }),
    }));
    const placed = placeChips(
      chips,
      chips.map((chip) => chip.sketch),
      {
        left: EDGES.side,
        top: EDGES.top,
        right: this.size.width - EDGES.side,
        bottom: this.size.height - EDGES.bottom,
      },
    );
    return new Map(placed.map((chip) => [chip.id, chip]));
  }

  readonly #onChosen = (event: Event): void => {
    const chip = event.currentTarget;
    if (!(chip instanceof TcChip) || !chip.dataset['sketchId']) return;
    const detail: SketchChoice = {
      sketchId: chip.dataset['sketchId'],
      anchor: chip.getBoundingClientRect(),
      label: chip.label,
      isConfirmed: chip.confirmed,
    };
    this.dispatchEvent(new CustomEvent('sketch-chosen', { detail, bubbles: true, composed: true }));
  };

  static override styles = css`
    :host {
      position: absolute;
      inset: 0;
      overflow: hidden;
      pointer-events: none;
    }

    tc-chip {
      position: absolute;
      left: 0;
      top: 0;
    }
  `;
}

/** What is said aloud: the guess for the sketch that I have last drawn on. */
function spokenGuess(guesses: readonly SketchGuess[], sketchId: string | null): string | null {
  const own = guesses.find((guess) => guess.sketchId === sketchId);
  if (!own) return null;
  if (own.label === null) return 'I do not know what this is yet.';
  return own.isConfirmed ? `This is ${own.label}.` : `I see ${own.label}.`;
}

const CHARACTER_WIDTH = 7.4;

/** About as wide as the bubble will be; a few pixels more or less do no harm. */
function sizeOf({ label, isConfirmed }: SketchGuess): Size {
  const text = (label ?? '?').length * CHARACTER_WIDTH;
  const share = label === null ? 0 : isConfirmed ? 21 : 38;
  return { width: 26 + text + share, height: 30 };
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-chips': TcChips;
  }
}
