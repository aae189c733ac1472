import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { InkStyle } from '../../shared/stroke-codec.ts';
import { EventController } from '../controllers/event-controller.ts';
import { SurfaceInputController } from '../controllers/surface-input-controller.ts';
import type { Paper } from '../drawing/ink-color.ts';
import type { Sheet, WetStroke } from '../drawing/ink-layers.ts';
import { FinishedLayer, paintWetInk } from '../drawing/ink-layers.ts';
import type { Point, Size, View } from '../drawing/view.ts';
import { boxToScreen, fitTo, overlaps, unionOf, zoomAt } from '../drawing/view.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import { controls } from '../styles/controls.ts';
import './tc-chips.ts';
import './tc-cursors.ts';
import './tc-hint.ts';

/** What the pointer does on the paper. */
export type Tool = 'pen' | 'eraser';

const FIT_PADDING = 96;

/**
 * The paper: finished ink, ink being drawn, and what floats above it. Bubbles tell by
 * `sketch-chosen` that somebody wants to say something about a sketch.
 */
@customElement('tc-surface')
export class TcSurface extends LitElement {
  @property({ attribute: false }) session: CanvasSession | null = null;
  @property({ attribute: false }) inkStyle: InkStyle = { tool: 'pen', color: '#26221d', width: 6 };
  @property() tool: Tool = 'pen';
  @property() paper: Paper = 'light';
  @property() ownId = '';
  /** The project has no categories yet. */
  @property({ type: Boolean }) isUntaught = false;

  @state() private view: View = { x: 0, y: 0, scale: 1 };
  @state() private size: Size = { width: 0, height: 0 };

  @query('.finished') private readonly finishedCanvas!: HTMLCanvasElement | null;
  @query('.wet') private readonly wetCanvas!: HTMLCanvasElement | null;

  readonly #events = new EventController(this);
  readonly #input = new SurfaceInputController(this, {
    view: () => this.view,
    changeView: (view) => (this.view = view),
    session: () => this.session,
    tool: () => this.tool,
    inkStyle: () => this.inkStyle,
  });
  readonly #resize = new ResizeObserver(([entry]) => {
    if (entry) this.#resizeTo(entry.contentRect);
  });
  #finished: FinishedLayer | null = null;
  #hasLooked = false;
  #sheet: Sheet | null = null;

  override render(): TemplateResult {
    const { session, view, size } = this;
    const isEmpty =
      session?.mayDraw && session.index.strokes.length === 0 && !session.editor.current;
    return html`
      <canvas class="finished" aria-hidden="true"></canvas>
      <canvas
        class="wet ${this.tool}"
        role="application"
        aria-label="Canvas"
        tabindex="0"
        @pointerdown=${this.#input.onPointerDown}
        @pointermove=${this.#input.onPointerMove}
        @pointerup=${this.#input.onPointerUp}
        @pointercancel=${this.#input.onPointerCancel}
        @pointerleave=${this.#input.onPointerLeave}
        @contextmenu=${preventDefault}
        @focus=${showRing}
      ></canvas>
      <tc-hint ?hidden=${!isEmpty} ?isUntaught=${this.isUntaught}></tc-hint>
      ${
        session &&
        html`
          <tc-cursors
            .people=${session.sync.people}
            .view=${view}
            .ownId=${this.ownId}
          ></tc-cursors>
          <tc-chips
            .session=${session}
            .view=${view}
            .size=${size}
            @pointerdown=${this.#input.onBubbleDown}
            @pointermove=${this.#onBubbleMove}
          ></tc-chips>
        `
      }
    `;
  }

  readonly #onBubbleMove = (event: PointerEvent): void => {
    if (this.wetCanvas) this.#input.onBubbleMove(event, this.wetCanvas);
  };

  /** Puts the focus on the paper. */
  override focus(): void {
    this.wetCanvas?.focus();
  }

  /** Shows everything that is drawn. */
  zoomToFit(): void {
    const boxes = [...(this.session?.index.sketches.values() ?? [])].map((sketch) => sketch.box);
    const all = unionOf(boxes);
    if (all) this.view = fitTo(all, this.size, Math.min(FIT_PADDING, this.size.width / 8));
  }

  /** Zooms about the middle of the window. */
  zoomBy(factor: number): void {
    const middle: Point = { x: this.size.width / 2, y: this.size.height / 2 };
    this.view = zoomAt(this.view, middle, factor);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    this.#finished?.close();
  }

  protected override firstUpdated(): void {
    if (this.finishedCanvas) this.#finished = new FinishedLayer(this.finishedCanvas);
    // Not declared in the template: only a listener that is not passive may keep the page still.
    this.addEventListener('wheel', this.#input.onWheel, { passive: false });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('session') || !this.session) return;
    const { index, sync, editor } = this.session;
    this.#hasLooked = false;
    this.#events.watch([
      [index, 'change'],
      [sync, 'live', 'people', 'role'],
      [editor, 'live'],
    ]);
  }

  protected override updated(): void {
    if (!this.session || !this.wetCanvas || this.size.width === 0) return;
    this.#lookForInk(this.session);
    this.#finished?.paint(this.session.index.strokes, this.#sheetOf());
    paintWetInk(this.wetCanvas, this.#wetStrokes(this.session), this.#sheetOf());
  }

  /** The same object for as long as nothing about it has changed: the layers compare by identity. */
  #sheetOf(): Sheet {
    const next = { view: this.view, paper: this.paper, size: this.size, density: devicePixelRatio };
    const last = this.#sheet;
    const isSame =
      last?.view === next.view &&
      last.paper === next.paper &&
      last.size === next.size &&
      last.density === next.density;
    if (last && isSame) return last;
    this.#sheet = next;
    return next;
  }

  /** A canvas whose ink lies elsewhere would look empty when it is opened: once, all of it is shown. */
  #lookForInk({ index }: CanvasSession): void {
    if (this.#hasLooked || index.sketches.size === 0) return;
    this.#hasLooked = true;
    const window = { left: 0, top: 0, right: this.size.width, bottom: this.size.height };
    const boxes = [...index.sketches.values()].map(({ box }) => boxToScreen(this.view, box));
    if (!boxes.some((box) => overlaps(box, window))) this.zoomToFit();
  }

  #wetStrokes({ sync, editor }: CanvasSession): WetStroke[] {
    const others = [...sync.liveInk.strokes].map((live) => ({ points: live, style: live.style }));
    const own = editor.current;
    return own ? [...others, { points: own.points, style: own.stroke.style }] : others;
  }

  #resizeTo({ width, height }: Size): void {
    const last = this.size;
    this.size = { width, height };
    // The middle of the paper stays in the middle; at first the origin is put there.
    this.view = {
      ...this.view,
      x: this.view.x + (width - last.width) / 2,
      y: this.view.y + (height - last.height) / 2,
    };
  }

  static override styles = [
    controls,
    css`
      :host {
        position: absolute;
        inset: 0;
        overflow: hidden;
        background: var(--paper);
        touch-action: none;
        user-select: none;
        -webkit-user-select: none;
      }

      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }

      .finished {
        pointer-events: none;
        transform-origin: 0 0;
      }

      .wet {
        outline-offset: -3px;
        touch-action: none;
      }

      /* Shortcuts used after a click would bring the ring up around the whole paper. */
      .wet:focus-visible:not([data-reached-by-key]) {
        outline: none;
      }

      .pen {
        cursor: crosshair;
      }

      .eraser {
        cursor: cell;
      }
    `,
  ];
}

/** The ring is for who came by the keyboard. */
function showRing({ currentTarget }: FocusEvent): void {
  if (currentTarget instanceof HTMLElement)
    currentTarget.toggleAttribute('data-reached-by-key', currentTarget.matches(':focus-visible'));
}

function preventDefault(event: Event): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-surface': TcSurface;
  }
}
