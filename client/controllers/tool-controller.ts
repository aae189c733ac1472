import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { InkStyle } from '../../shared/stroke-codec.ts';
import { INK_COLOR } from '../drawing/ink-color.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { Preferences } from '../services/preferences.ts';
import { changePreferences, readPreferences } from '../services/preferences.ts';

/** What the tools act on. */
export interface ToolTarget {
  readonly session: () => CanvasSession | null;
  readonly ownColor: () => string | null;
  readonly zoomToFit: () => void;
  readonly zoomBy: (factor: number) => void;
}

const ZOOM_STEP = 1.25;

/** Which tool is in the hand, and the commands of toolbar and keyboard. */
export class ToolController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #target: ToolTarget;
  #tool: 'pen' | 'eraser' = 'pen';
  #preferences: Preferences = readPreferences();
  readonly #commands: Readonly<Record<string, () => void>> = {
    pen: () => this.#take('pen'),
    eraser: () => this.#take('eraser'),
    undo: () => this.#target.session()?.editor.undo(),
    redo: () => this.#target.session()?.editor.redo(),
    'new-sketch': () => this.#target.session()?.editor.startNewSketch(),
    'ink-color': () => this.#remember({ ink: 'ink' }),
    'own-color': () => this.#remember({ ink: 'own' }),
    fit: () => this.#target.zoomToFit(),
    'zoom-in': () => this.#target.zoomBy(ZOOM_STEP),
    'zoom-out': () => this.#target.zoomBy(1 / ZOOM_STEP),
    cancel: () => this.#target.session()?.editor.cancel(),
  };

  constructor(host: ReactiveControllerHost, target: ToolTarget) {
    this.#host = host;
    this.#target = target;
    host.addController(this);
  }

  get tool(): 'pen' | 'eraser' {
    return this.#tool;
  }

  get width(): number {
    return this.#preferences.width;
  }

  get ink(): 'ink' | 'own' {
    return this.#preferences.ink;
  }

  get inkStyle(): InkStyle {
    const own = this.ink === 'own' ? this.#target.ownColor() : null;
    return { tool: 'pen', color: own ?? INK_COLOR, width: this.width };
  }

  readonly onCommand = (event: CustomEvent<string>): void => this.#run(event.detail);

  readonly onWidth = (event: CustomEvent<number>): void => {
    this.#remember({ width: event.detail });
  };

  hostConnected(): void {
    addEventListener('keydown', this.#onKey);
  }

  hostDisconnected(): void {
    removeEventListener('keydown', this.#onKey);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const command = isTyping(event) ? null : commandOf(event);
    if (command === null) return;
    event.preventDefault();
    this.#run(command);
  };

  #run(command: string): void {
    this.#commands[command]?.();
    this.#host.requestUpdate();
  }

  #take(tool: 'pen' | 'eraser'): void {
    this.#tool = tool;
  }

  #remember(change: Partial<Preferences>): void {
    this.#preferences = changePreferences(change);
    this.#tool = 'pen';
    this.#host.requestUpdate();
  }
}

const KEYS: Readonly<Record<string, string>> = {
  p: 'pen',
  e: 'eraser',
  n: 'new-sketch',
  0: 'fit',
  '+': 'zoom-in',
  '-': 'zoom-out',
  Escape: 'cancel',
};

/** The command of a key, or null. */
function commandOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>,
): string | null {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return null;
  if (!event.ctrlKey && !event.metaKey) return KEYS[key] ?? null;
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
  return key === 'y' ? 'redo' : null;
}

/** Keys belong to a text field or a dialog while the focus is there. */
function isTyping(event: KeyboardEvent): boolean {
  return event
    .composedPath()
    .some(
      (target) =>
        target instanceof HTMLInputElement ||
        target instanceof HTMLTextAreaElement ||
        target instanceof HTMLDialogElement,
    );
}
