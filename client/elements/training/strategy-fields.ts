import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { typedText } from '../typed-text.ts';

/** A number that is typed, with what it does and what is wrong with it. */
export interface NumberField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly about?: string;
  readonly placeholder?: string;
  readonly trouble: string | undefined;
  readonly onInput: (text: string) => void;
}

export function renderField(field: NumberField): TemplateResult {
  const { name, label, value, about = '', placeholder = '', trouble = '' } = field;
  return html`
    <div class="field">
      <label for=${name}>${label}</label>
      <input
        id=${name}
        class="text"
        inputmode="decimal"
        autocomplete="off"
        placeholder=${placeholder}
        aria-describedby="about-${name} trouble-${name}"
        aria-invalid=${trouble !== ''}
        .value=${value}
        @input=${(event: Event) => field.onInput(typedText(event))}
      />
      <span class="trouble" id="trouble-${name}">${trouble}</span>
      ${
        about === ''
          ? nothing
          : html`<span class="about" id="about-${name}"
              >${about}${placeholder === '' ? '' : ` Default: ${placeholder}.`}</span
            >`
      }
    </div>
  `;
}

// A choice, its words, whether it is chosen, what follows, and more words about it.
// eslint-disable-next-line max-params
export function renderRadio(
  group: string,
  words: string,
  isChosen: boolean,
  onChoose: () => void,
  about = '',
): TemplateResult {
  return html`
    <label class="choice">
      <input type="radio" name=${group} .checked=${isChosen} @change=${onChoose} />
      <span
        >${words}${about === '' ? nothing : html`<br /><span class="about">${about}</span>`}</span
      >
    </label>
  `;
}

export function renderCheckbox(
  words: string,
  isChosen: boolean,
  onChange: (isChosen: boolean) => void,
): TemplateResult {
  return html`
    <label class="choice">
      <input type="checkbox" .checked=${isChosen} @change=${() => onChange(!isChosen)} />
      <span>${words}</span>
    </label>
  `;
}
