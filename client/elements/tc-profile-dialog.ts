import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import type { PropertyValues, TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { MAX_NICKNAME_CHARACTERS } from '../../shared/limits.ts';
import type { Participant, ParticipantChange } from '../../shared/participant.ts';
import { PARTICIPANT_COLORS } from '../../shared/participant.ts';
import { controls } from '../styles/controls.ts';
import { typedText } from './typed-text.ts';

type Color = (typeof PARTICIPANT_COLORS)[number];

/** Where one changes one's own nickname and colour. Tells `profile-changed` and `dismissed`. */
@customElement('tc-profile-dialog')
export class TcProfileDialog extends LitElement {
  @property({ attribute: false }) me: Participant | null = null;
  @property({ type: Boolean }) open = false;
  /** Why the change was not taken, for people. */
  @property() trouble = '';

  @state() private nickname = '';
  @state() private color = '';

  override render(): TemplateResult {
    return html`
      <wa-dialog
        label="You"
        light-dismiss
        ?open=${this.open}
        @wa-after-hide=${() => this.dispatchEvent(new CustomEvent('dismissed'))}
      >
        <form @submit=${this.#onSubmit}>
          <wa-input
            label="Name"
            autofocus
            required
            maxlength=${MAX_NICKNAME_CHARACTERS}
            autocomplete="nickname"
            .value=${this.nickname}
            @input=${this.#onType}
          ></wa-input>
          <div role="radiogroup" aria-label="Colour" class="colors">
            ${PARTICIPANT_COLORS.map((color, i) => this.#renderColor(color, i + 1))}
          </div>
          <p class="trouble" role="alert">${this.trouble}</p>
          <wa-button type="submit" variant="brand" ?disabled=${!this.nickname.trim()}
            >Save</wa-button
          >
        </form>
      </wa-dialog>
    `;
  }

  #renderColor(color: Color, number: number): TemplateResult {
    return html`
      <button
        type="button"
        class="plain color"
        role="radio"
        aria-checked=${this.color === color}
        aria-label="Colour ${number}"
        .style=${`--swatch: ${color}`}
        @click=${() => (this.color = color)}
      ></button>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open || !this.me) return;
    this.nickname = this.me.nickname;
    this.color = this.me.color;
  }

  readonly #onType = (event: Event): void => {
    this.nickname = typedText(event);
  };

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    const color = PARTICIPANT_COLORS.find((each) => each === this.color);
    const detail: ParticipantChange = { nickname: this.nickname.trim(), ...(color && { color }) };
    if (detail.nickname) this.dispatchEvent(new CustomEvent('profile-changed', { detail }));
  };

  static override styles = [
    controls,
    css`
      wa-dialog {
        --width: 360px;
      }

      form {
        display: grid;
        gap: var(--space-3);
      }

      .colors {
        display: grid;
        grid-template-columns: repeat(6, 1fr);
        gap: var(--space-2);
      }

      .color {
        justify-self: center;
        width: 36px;
        height: 36px;
        border: 4px solid var(--paper-raised);
        border-radius: 50%;
        background: var(--swatch);
      }

      .color[aria-checked='true'] {
        outline: 2px solid var(--swatch);
        outline-offset: 0;
      }

      .trouble {
        margin: 0;
        color: var(--bad);
      }

      .trouble:empty {
        display: none;
      }
    `,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-profile-dialog': TcProfileDialog;
  }
}
