import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { controls } from '../styles/controls.ts';

const AT_MOST_EVERY_MS = 2_000;

/** Says a text to screen readers, politely and at most every two seconds; the newest wins. */
@customElement('tc-announcer')
export class TcAnnouncer extends LitElement {
  @property() text = '';
  @state() private said = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  override render(): TemplateResult {
    return html`<div class="only-spoken" aria-live="polite">${this.said}</div>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('text') || this.#timer !== undefined) return;
    this.#say();
  }

  #say(): void {
    this.#timer = undefined;
    if (this.said === this.text) return;
    this.said = this.text;
    this.#timer = setTimeout(() => this.#say(), AT_MOST_EVERY_MS);
  }

  static override styles = controls;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-announcer': TcAnnouncer;
  }
}
