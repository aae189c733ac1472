import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { View } from '../drawing/view.ts';
import { toScreen } from '../drawing/view.ts';
import type { Presence } from '../services/presence.ts';
import { controls } from '../styles/controls.ts';

/** Where the pens of the others are. */
@customElement('tc-cursors')
export class TcCursors extends LitElement {
  @property({ attribute: false }) people: readonly Presence[] = [];
  @property({ attribute: false }) view: View = { x: 0, y: 0, scale: 1 };
  @property() ownId = '';

  override render(): TemplateResult {
    return html`${this.people.map((person) => this.#renderCursor(person))}`;
  }

  #renderCursor({
    participantId,
    cursor,
    color,
    nickname,
  }: Presence): TemplateResult | typeof nothing {
    if (!cursor || participantId === this.ownId) return nothing;
    const { x, y } = toScreen(this.view, cursor);
    const place = `transform: translate(${x}px, ${y}px); --person: ${color}`;
    return html`
      <div class="cursor" .style=${place}>
        <svg viewBox="0 0 16 16" width="16" height="16"><path d="M2 2l5 12 2-5 5-2z" /></svg>
        <span>${nickname}</span>
      </div>
    `;
  }

  static override styles = [
    controls,
    css`
      :host {
        position: absolute;
        inset: 0;
        overflow: hidden;
        pointer-events: none;
      }

      .cursor {
        position: absolute;
        display: flex;
        align-items: end;
        transition: transform var(--fast) linear;
      }

      svg {
        flex: none;
        margin: -2px 0 0 -2px;
        fill: var(--person);
        stroke: var(--paper);
        align-self: start;
      }

      span {
        margin-top: 12px;
        padding: 1px 8px;
        border-radius: var(--radius-pill);
        background: var(--person);
        color: #fff;
        font-size: var(--text-s);
        font-weight: 500;
        white-space: nowrap;
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-cursors': TcCursors;
  }
}
