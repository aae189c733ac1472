import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its host anew, at most once a frame, whenever a watched target tells of a change. */
export class EventController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #unwatch: (() => void)[] = [];
  #frame = 0;
  readonly #onEvent = (): void => {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#host.requestUpdate();
    });
  };

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Watches these and nothing else from now on. */
  watch(targets: readonly (readonly [EventTarget, ...string[]])[]): void {
    this.hostDisconnected();
    for (const [target, ...events] of targets)
      for (const event of events) {
        target.addEventListener(event, this.#onEvent);
        this.#unwatch.push(() => target.removeEventListener(event, this.#onEvent));
      }
    this.#onEvent();
  }

  hostDisconnected(): void {
    for (const unwatch of this.#unwatch) unwatch();
    this.#unwatch = [];
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }
}
