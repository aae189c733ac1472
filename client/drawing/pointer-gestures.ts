import type { Point } from './view.ts';

/** What a pointer event tells; a real `PointerEvent` is one. */
export type PointerNews = Pick<
  PointerEvent,
  'pointerId' | 'pointerType' | 'pressure' | 'button' | 'buttons'
> & { readonly at: Point };

/** What the pointers ask for. Points are CSS pixels of the window. */
export interface GestureTarget {
  penDown(news: PointerNews): void;
  penMove(news: PointerNews): void;
  penUp(): void;
  penCancel(): void;
  pan(by: Point): void;
  zoom(at: Point, factor: number): void;
}

type Gesture =
  | { readonly kind: 'none' }
  | { readonly kind: 'drawing'; readonly pointerId: number }
  | { readonly kind: 'panning'; readonly pointerId: number; readonly last: Point }
  | { readonly kind: 'pinching'; readonly distance: number; readonly middle: Point };

const NONE: Gesture = { kind: 'none' };
const MIDDLE_BUTTON = 1;

/**
 * Tells drawing from moving the paper. One pointer draws; the middle button, or any with `isMoving`
 * set, moves; two fingers move and zoom and take back what the first has drawn. Once a pen was
 * seen, fingers only move the paper: a palm never draws. While a pen or a mouse is down, fingers do
 * nothing at all: a hand that rests on the screen has many.
 */
export class PointerGestures {
  /** The space bar is held or the hand is chosen: pointers move the paper. */
  isMoving = false;
  readonly #target: GestureTarget;
  readonly #touches = new Map<number, Point>();
  #gesture: Gesture = NONE;
  #sawPen = false;

  constructor(target: GestureTarget) {
    this.#target = target;
  }

  down(news: PointerNews): void {
    if (news.pointerType === 'pen') this.#beginPen();
    if (news.pointerType === 'touch' && this.#isHeldByPen()) return;
    if (news.pointerType === 'touch') this.#touches.set(news.pointerId, news.at);
    if (this.#touches.size === 2 && news.pointerType === 'touch') this.#beginPinch();
    else if (this.#gesture.kind === 'none') this.#beginSingle(news);
  }

  move(news: PointerNews): void {
    if (this.#touches.has(news.pointerId)) this.#touches.set(news.pointerId, news.at);
    switch (this.#gesture.kind) {
      case 'none':
        return;
      case 'drawing':
        if (news.pointerId === this.#gesture.pointerId) this.#target.penMove(news);
        return;
      case 'panning':
        if (news.pointerId === this.#gesture.pointerId) this.#panTo(news.at, this.#gesture);
        return;
      case 'pinching':
        if (this.#touches.has(news.pointerId)) this.#pinch(this.#gesture);
        return;
    }
  }

  up(news: Pick<PointerNews, 'pointerId'>): void {
    if (this.#end(news.pointerId)) this.#target.penUp();
  }

  cancel(news: Pick<PointerNews, 'pointerId'>): void {
    if (this.#end(news.pointerId)) this.#target.penCancel();
  }

  /** Forgets the pointer; whether it was drawing. */
  #end(pointerId: number): boolean {
    this.#touches.delete(pointerId);
    const gesture = this.#gesture;
    if (gesture.kind === 'pinching') {
      // The other finger moves the paper on; a pinch never ends in a stroke.
      const [rest] = this.#touches;
      this.#gesture = rest ? { kind: 'panning', pointerId: rest[0], last: rest[1] } : NONE;
      return false;
    }
    if (gesture.kind === 'none' || gesture.pointerId !== pointerId) return false;
    this.#gesture = NONE;
    return gesture.kind === 'drawing';
  }

  /** Whether what is going on was begun by something else than a finger. */
  #isHeldByPen(): boolean {
    const gesture = this.#gesture;
    if (gesture.kind === 'none' || gesture.kind === 'pinching') return false;
    return !this.#touches.has(gesture.pointerId);
  }

  #beginPen(): void {
    this.#sawPen = true;
    if (this.#touches.size === 0) return;
    // The palm came first: what it has drawn was not meant.
    this.#stopDrawing();
    this.#touches.clear();
    this.#gesture = NONE;
  }

  #beginSingle(news: PointerNews): void {
    const isPalm = this.#sawPen && news.pointerType === 'touch';
    if (this.isMoving || news.button === MIDDLE_BUTTON || isPalm) {
      this.#gesture = { kind: 'panning', pointerId: news.pointerId, last: news.at };
    } else if (news.button === 0) {
      this.#gesture = { kind: 'drawing', pointerId: news.pointerId };
      this.#target.penDown(news);
    }
  }

  #beginPinch(): void {
    this.#stopDrawing();
    this.#gesture = { kind: 'pinching', ...this.#spread() };
  }

  #stopDrawing(): void {
    if (this.#gesture.kind === 'drawing') this.#target.penCancel();
  }

  #panTo(at: Point, { pointerId, last }: { pointerId: number; last: Point }): void {
    this.#target.pan({ x: at.x - last.x, y: at.y - last.y });
    this.#gesture = { kind: 'panning', pointerId, last: at };
  }

  #pinch({ distance, middle }: { distance: number; middle: Point }): void {
    const next = this.#spread();
    this.#target.pan({ x: next.middle.x - middle.x, y: next.middle.y - middle.y });
    if (distance > 0 && next.distance > 0) this.#target.zoom(next.middle, next.distance / distance);
    this.#gesture = { kind: 'pinching', ...next };
  }

  #spread(): { distance: number; middle: Point } {
    const [a = { x: 0, y: 0 }, b = a] = this.#touches.values();
    return {
      distance: Math.hypot(b.x - a.x, b.y - a.y),
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    };
  }
}
