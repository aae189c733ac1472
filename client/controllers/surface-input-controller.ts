import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { InkStyle } from '../../shared/stroke-codec.ts';
import { strokesTouched } from '../drawing/hit-test.ts';
import type { GestureTarget, PointerNews } from '../drawing/pointer-gestures.ts';
import { PointerGestures } from '../drawing/pointer-gestures.ts';
import type { Point, View } from '../drawing/view.ts';
import { panBy, toWorld, zoomAt } from '../drawing/view.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { PenSample } from '../services/stroke-recorder.ts';

/** What the input reads of its surface, and changes. */
export interface SurfaceInput {
  readonly view: () => View;
  readonly changeView: (view: View) => void;
  readonly session: () => CanvasSession | null;
  readonly tool: () => 'pen' | 'eraser';
  readonly inkStyle: () => InkStyle;
}

/** The eraser's reach in CSS pixels. */
const ERASER_REACH = 8;
const WHEEL_ZOOM = 0.0022;
/** A press on a bubble that moves further than this, in CSS pixels, is a stroke. */
const TAP_REACH = 5;

/** Turns pointers and wheels on the paper into strokes, erasing, and moves of the paper. */
export class SurfaceInputController implements ReactiveController, GestureTarget {
  readonly #surface: SurfaceInput;
  readonly #gestures = new PointerGestures(this);
  #erasedTo: Point | null = null;
  #bubblePress: PointerEvent | null = null;
  #isSpaceHeld = false;

  constructor(host: ReactiveControllerHost, surface: SurfaceInput) {
    this.#surface = surface;
    host.addController(this);
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    if (event.currentTarget instanceof HTMLElement)
      event.currentTarget.setPointerCapture(event.pointerId);
    this.#pressDown(event);
  };

  readonly onPointerMove = (event: PointerEvent): void => {
    for (const each of coalesced(event)) this.#gestures.move(newsOf(each));
    const session = this.#surface.session();
    const sketchId = session?.editor.current?.stroke.sketchId;
    const cursor = this.#toWorld(newsOf(event).at);
    session?.sync.point({ cursor, ...(sketchId !== undefined && { sketchId }) });
  };

  readonly onPointerUp = (event: PointerEvent): void => this.#gestures.up(event);

  readonly onPointerCancel = (event: PointerEvent): void => this.#gestures.cancel(event);

  /** Bubbles must not stop the pen: only a tap is theirs. */
  readonly onBubbleDown = (event: PointerEvent): void => {
    // Moves come here, however quickly the pen leaves the bubble.
    const [bubble] = event.composedPath();
    if (bubble instanceof Element) bubble.setPointerCapture(event.pointerId);
    this.#bubblePress = event;
  };

  /** What moves on from a bubble is drawn on the paper, from where it was pressed. */
  onBubbleMove(event: PointerEvent, paper: HTMLElement): void {
    const press = this.#bubblePress;
    if (press?.pointerId !== event.pointerId || event.buttons === 0) return;
    const moved = Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY);
    if (moved <= TAP_REACH) return;
    this.#bubblePress = null;
    paper.setPointerCapture(event.pointerId);
    this.#pressDown(press);
    this.onPointerMove(event);
  }

  readonly onPointerLeave = (): void => {
    this.#surface.session()?.sync.hideCursor();
  };

  readonly onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      this.zoom(pointOf(event), Math.exp(-event.deltaY * unit * WHEEL_ZOOM));
    } else if (event.shiftKey) {
      this.pan({ x: -event.deltaY * unit, y: 0 });
    } else {
      this.pan({ x: -event.deltaX * unit, y: -event.deltaY * unit });
    }
  };

  hostConnected(): void {
    addEventListener('keydown', this.#onKey);
    addEventListener('keyup', this.#onKey);
  }

  hostDisconnected(): void {
    removeEventListener('keydown', this.#onKey);
    removeEventListener('keyup', this.#onKey);
  }

  penDown(news: PointerNews): void {
    const editor = this.#surface.session()?.editor;
    if (this.#surface.tool() === 'pen') {
      editor?.begin(this.#sampleOf(news), this.#surface.inkStyle());
      return;
    }
    editor?.beginErasing();
    this.#erasedTo = this.#toWorld(news.at);
    this.#eraseTo(news.at);
  }

  penMove(news: PointerNews): void {
    if (this.#erasedTo) this.#eraseTo(news.at);
    else this.#surface.session()?.editor.extend([this.#sampleOf(news)]);
  }

  penUp(): void {
    this.#erasedTo = null;
    this.#surface.session()?.editor.finish();
  }

  penCancel(): void {
    this.#erasedTo = null;
    this.#surface.session()?.editor.cancel();
  }

  pan(by: Point): void {
    this.#surface.changeView(panBy(this.#surface.view(), by));
  }

  zoom(at: Point, factor: number): void {
    this.#surface.changeView(zoomAt(this.#surface.view(), at, factor));
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const isOnPaper = event.composedPath().some((target) => target instanceof HTMLCanvasElement);
    const isOnPage = event.target === document.body;
    if (event.code !== 'Space' || (event.type === 'keydown' && !isOnPaper && !isOnPage)) return;
    this.#isSpaceHeld = event.type === 'keydown';
    if (isOnPaper) event.preventDefault();
  };

  #pressDown(event: PointerEvent): void {
    // Who may only look moves the paper.
    this.#gestures.isMoving = this.#isSpaceHeld || this.#surface.session()?.mayDraw === false;
    this.#gestures.down(newsOf(event));
  }

  #eraseTo(at: Point): void {
    const session = this.#surface.session();
    const to = this.#toWorld(at);
    const from = this.#erasedTo ?? to;
    this.#erasedTo = to;
    const reach = ERASER_REACH / this.#surface.view().scale;
    if (session) session.editor.erase(strokesTouched(session.index.strokes, { from, to }, reach));
  }

  #sampleOf({ at, pointerType, pressure }: PointerNews): PenSample {
    const isPen = pointerType === 'pen' && pressure > 0;
    return { ...this.#toWorld(at), pressure: isPen ? pressure : null, at: Date.now() };
  }

  #toWorld(at: Point): Point {
    return toWorld(this.#surface.view(), at);
  }
}

/** All positions since the last event, where the browser keeps them: not on plain HTTP. */
function coalesced(event: PointerEvent): readonly PointerEvent[] {
  const all = 'getCoalescedEvents' in event ? event.getCoalescedEvents() : [];
  return all.length > 0 ? all : [event];
}

function newsOf(event: PointerEvent): PointerNews {
  const { pointerId, pointerType, pressure, button, buttons } = event;
  return { pointerId, pointerType, pressure, button, buttons, at: pointOf(event) };
}

/** The paper fills the window, so the window's coordinates are its own. */
function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}
