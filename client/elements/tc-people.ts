import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Presence } from '../services/presence.ts';
import { controls } from '../styles/controls.ts';

const MAX_SHOWN = 5;

/** The people on the canvas, oneself first. Tells `profile-wanted` when one's own is chosen. */
@customElement('tc-people')
export class TcPeople extends LitElement {
  @property({ attribute: false }) people: readonly Presence[] = [];
  @property() ownId = '';

  override render(): TemplateResult {
    const own = this.people.find((person) => person.participantId === this.ownId);
    const others = this.people.filter((person) => person !== own);
    const hidden = others.length - MAX_SHOWN;
    return html`
      <ul aria-label="People here">
        ${hidden > 0 ? html`<li class="avatar more">+${hidden}</li>` : nothing}
        ${others.slice(0, MAX_SHOWN).map(
          ({ nickname, color }) => html`
            <li class="avatar" title=${nickname} .style=${`--person: ${color}`}>
              <span aria-hidden="true">${initialsOf(nickname)}</span>
              <span class="only-spoken">${nickname}</span>
            </li>
          `,
        )}
        ${own ? html`<li>${this.#renderOwn(own)}</li>` : nothing}
      </ul>
    `;
  }

  #renderOwn({ nickname, color }: Presence): TemplateResult {
    return html`
      <button
        class="plain avatar own"
        title="${nickname} (you)"
        aria-label="You are ${nickname}. Change name and colour"
        .style=${`--person: ${color}`}
        @click=${() => this.dispatchEvent(new CustomEvent('profile-wanted', { bubbles: true, composed: true }))}
      >
        ${initialsOf(nickname)}
      </button>
    `;
  }

  static override styles = [
    controls,
    css`
      ul {
        display: flex;
        align-items: center;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      .avatar {
        display: grid;
        place-items: center;
        width: 32px;
        height: 32px;
        margin-left: -6px;
        border: 2px solid var(--paper-raised);
        border-radius: 50%;
        background: var(--person, var(--paper-sunk));
        color: #fff;
        font-size: 11px;
        font-weight: 700;
        letter-spacing: 0.02em;
        cursor: default;
      }

      .more {
        color: var(--ink);
      }

      .own {
        width: 36px;
        height: 36px;
        margin-left: 2px;
        cursor: pointer;
      }

      @media (max-width: 640px) {
        .avatar:not(.own) {
          display: none;
        }

        .avatar:not(.own, .more):nth-last-child(-n + 2) {
          display: grid;
        }
      }
    `,
  ];
}

/** The first letters of the first two words. */
function initialsOf(nickname: string): string {
  const words = nickname.trim().split(/\s+/);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-people': TcPeople;
  }
}
