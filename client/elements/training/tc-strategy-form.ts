import type { PropertyValues, TemplateResult } from 'lit';
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ExampleSource } from '../../../shared/example.ts';
import { DEFAULT_HYPERPARAMETERS, Layers } from '../../../shared/hyperparameters.ts';
import type { TrainingStrategy } from '../../../shared/training-strategy.ts';
import { DEFAULT_STRATEGY } from '../../../shared/training-strategy.ts';
import type { ExampleAuthor } from '../../services/example-authors.ts';
import type { StrategyDraft, Troubles } from '../../services/strategy-draft.ts';
import { draftOf, isSameDraft, readDraft } from '../../services/strategy-draft.ts';
import { controls } from '../../styles/controls.ts';
import { fields } from '../../styles/fields.ts';
import { panels } from '../../styles/panels.ts';
import type { HyperparameterField } from './hyperparameter-fields.ts';
import { LEARN_FIELDS, STOP_FIELDS } from './hyperparameter-fields.ts';
import { counted, LAYER_WORDS, momentWords } from './model-words.ts';
import type { SavingStep } from './saving-words.ts';
import { savingWords } from './saving-words.ts';
import { renderCheckbox, renderField, renderRadio } from './strategy-fields.ts';
import { SOURCE_WORDS } from './strategy-words.ts';
import { strategyFormStyles } from './tc-strategy-form.styles.ts';

/**
 * When, on what and how a project is trained. Tells `strategy-changed` with the whole strategy, and
 * `authors-wanted` once their names are needed.
 */
@customElement('tc-strategy-form')
export class TcStrategyForm extends LitElement {
  @property({ attribute: false }) strategy: TrainingStrategy = DEFAULT_STRATEGY;
  @property({ attribute: false }) step: SavingStep = { kind: 'idle' };
  /** Who has given examples; null while that is not known. */
  @property({ attribute: false }) authors: readonly ExampleAuthor[] | null = null;

  @state() private draft: StrategyDraft = draftOf(DEFAULT_STRATEGY);

  override render(): TemplateResult {
    const reading = readDraft(this.draft);
    const troubles = reading.ok ? {} : reading.troubles;
    return html`
      <form class="card" novalidate @submit=${this.#onSubmit}>
        <div class="columns">
          ${this.#renderWhen(troubles)} ${this.#renderLayers()} ${this.#renderData(troubles)}
          ${this.#renderLeast(troubles)}
        </div>
        <p class="small quiet" id="depth">
          The numbers below are for “${LAYER_WORDS[this.draft.layers].name}”. Whoever trains
          something else by hand gets the defaults for that, and of these only minutes and seed.
        </p>
        ${this.#renderHyperparameters('When to stop', STOP_FIELDS, troubles)}
        ${this.#renderHyperparameters('How it learns', LEARN_FIELDS, troubles)}
        ${this.#renderDeeds(reading.ok)}
      </form>
    `;
  }

  #renderWhen(troubles: Troubles): TemplateResult {
    const { when, afterExamples, everyMinutes } = this.draft;
    const radio = (kind: StrategyDraft['when'], words: string): TemplateResult =>
      renderRadio('when', words, when === kind, () => this.#change({ when: kind }));
    return html`
      <fieldset>
        <legend>When it trains by itself</legend>
        ${radio('by_hand', 'Never: only when somebody asks')}
        ${radio('after_correction', 'After each correction')}
        ${radio('after_examples', 'After new examples')}
        ${
          when === 'after_examples'
            ? html`<div class="under">
                ${renderField({
                  name: 'examples',
                  label: 'So many new examples',
                  value: afterExamples,
                  trouble: troubles['examples'],
                  onInput: (text) => this.#change({ afterExamples: text }),
                })}
              </div>`
            : nothing
        }
        ${radio('on_schedule', 'On a schedule, if something is new')}
        ${
          when === 'on_schedule'
            ? html`<div class="under">
                ${renderField({
                  name: 'everyMinutes',
                  label: 'Every so many minutes',
                  value: everyMinutes,
                  trouble: troubles['everyMinutes'],
                  onInput: (text) => this.#change({ everyMinutes: text }),
                })}
              </div>`
            : nothing
        }
      </fieldset>
    `;
  }

  #renderLayers(): TemplateResult {
    return html`
      <fieldset>
        <legend>How deep</legend>
        ${Layers.options.map((layers) =>
          renderRadio(
            'layers',
            LAYER_WORDS[layers].name,
            this.draft.layers === layers,
            () => this.#change({ layers }),
            LAYER_WORDS[layers].about,
          ),
        )}
      </fieldset>
    `;
  }

  #renderData(troubles: Troubles): TemplateResult {
    const { data } = this.draft;
    const radio = (kind: StrategyDraft['data'], words: string): TemplateResult =>
      renderRadio('data', words, data === kind, () => this.#chooseData(kind));
    return html`
      <fieldset>
        <legend>On which examples</legend>
        ${radio('all', 'All of them')} ${radio('new_and_replay', 'New ones, and some older ones')}
        ${data === 'new_and_replay' ? this.#renderReplay(troubles) : nothing}
        ${radio('sources', 'By where they come from')}
        ${data === 'sources' ? this.#renderSources(troubles) : nothing}
        ${radio('authors', 'By who gave them')}
        ${data === 'authors' ? this.#renderAuthors(troubles) : nothing}
      </fieldset>
    `;
  }

  #renderReplay(troubles: Troubles): TemplateResult {
    return html`<div class="under">
      ${renderField({
        name: 'replayPerCategory',
        label: 'Older ones of each category',
        value: this.draft.replayPerCategory,
        trouble: troubles['replayPerCategory'],
        onInput: (text) => this.#change({ replayPerCategory: text }),
      })}
    </div>`;
  }

  #renderSources(troubles: Troubles): TemplateResult {
    const { sources } = this.draft;
    return html`<div class="under" role="group" aria-label="Sources">
      ${ExampleSource.options.map((source) =>
        renderCheckbox(SOURCE_WORDS[source], sources.includes(source), (isChosen) =>
          this.#change({ sources: toggled(sources, source, isChosen) }),
        ),
      )}
      <p class="trouble small">${troubles['sources'] ?? ''}</p>
    </div>`;
  }

  #renderAuthors(troubles: Troubles): TemplateResult {
    const { authorIds } = this.draft;
    if (this.authors === null) return html`<p class="under quiet">Looking who gave examples …</p>`;
    if (this.authors.length === 0)
      return html`<p class="under quiet">Nobody has given an example yet.</p>`;
    return html`<div class="under" role="group" aria-label="People">
      ${this.authors.map(({ id, isMe, examples, lastAt }) =>
        renderCheckbox(
          `${isMe ? 'You' : 'Somebody else'}: ${counted(examples, 'example')}, last on ${momentWords(lastAt)}`,
          authorIds.includes(id),
          (isChosen) => this.#change({ authorIds: toggled(authorIds, id, isChosen) }),
        ),
      )}
      <p class="trouble small">${troubles['authorIds'] ?? ''}</p>
    </div>`;
  }

  #renderLeast(troubles: Troubles): TemplateResult {
    const { leastHead, leastBackbone } = this.draft;
    return html`
      <fieldset class="least">
        <legend>Examples each category needs first</legend>
        ${renderField({
          name: 'leastHead',
          label: 'For “Quick”',
          value: leastHead,
          about: 'Pre-taught categories need none.',
          trouble: troubles['leastHead'],
          onInput: (text) => this.#change({ leastHead: text }),
        })}
        ${renderField({
          name: 'leastBackbone',
          label: 'For all that goes deeper',
          value: leastBackbone,
          about: 'Of people’s own.',
          trouble: troubles['leastBackbone'],
          onInput: (text) => this.#change({ leastBackbone: text }),
        })}
      </fieldset>
    `;
  }

  #renderHyperparameters(
    legend: string,
    list: readonly HyperparameterField[],
    troubles: Troubles,
  ): TemplateResult {
    const { hyperparameters, layers } = this.draft;
    const defaults = DEFAULT_HYPERPARAMETERS[layers];
    return html`
      <fieldset>
        <legend>${legend}</legend>
        <div class="numbers">
          ${list.map(({ name, label, about, aboutHead = about }) =>
            renderField({
              ...{ name, label, about: layers === 'head' ? aboutHead : about },
              value: hyperparameters[name],
              placeholder: String(defaults[name]),
              trouble: troubles[name],
              onInput: (text) =>
                this.#change({ hyperparameters: { ...hyperparameters, [name]: text } }),
            }),
          )}
        </div>
      </fieldset>
    `;
  }

  #renderDeeds(isValid: boolean): TemplateResult {
    const isChanged = !isSameDraft(this.draft, draftOf(this.strategy));
    const isSaving = this.step.kind === 'saving';
    return html`
      <footer>
        <button class="action first" ?disabled=${!isChanged || !isValid || isSaving}>
          ${isSaving ? 'Saving …' : 'Save settings'}
        </button>
        <button
          type="button"
          class="action"
          ?hidden=${!isChanged}
          @click=${() => (this.draft = draftOf(this.strategy))}
        >
          Discard changes
        </button>
        <button
          type="button"
          class="action bare"
          ?disabled=${isSameDraft(this.draft, draftOf(DEFAULT_STRATEGY))}
          @click=${() => (this.draft = draftOf(DEFAULT_STRATEGY))}
        >
          Set all to defaults
        </button>
        <p role="status" class=${this.step.kind === 'failed' ? 'trouble' : 'quiet'}>
          ${savingWords(this.step, isChanged, isValid)}
        </p>
      </footer>
    `;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('strategy');
    if (!changed.has('strategy')) return;
    // What somebody is typing stays, whatever arrives meanwhile.
    const isUntouched = before === undefined || isSameDraft(this.draft, draftOf(before));
    const isSaved = isSameDraft(this.draft, draftOf(this.strategy));
    if (isUntouched || isSaved) this.draft = draftOf(this.strategy);
    if (this.draft.data === 'authors') this.#askForAuthors();
  }

  #change(change: Partial<StrategyDraft>): void {
    this.draft = { ...this.draft, ...change };
  }

  #chooseData(data: StrategyDraft['data']): void {
    this.#change({ data });
    if (data === 'authors') this.#askForAuthors();
  }

  #askForAuthors(): void {
    if (this.authors === null) this.dispatchEvent(new CustomEvent('authors-wanted'));
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault();
    const reading = readDraft(this.draft);
    if (!reading.ok) return;
    this.dispatchEvent(new CustomEvent('strategy-changed', { detail: reading.strategy }));
  };

  static override styles = [controls, panels, fields, strategyFormStyles];
}

function toggled<T>(list: readonly T[], item: T, isChosen: boolean): readonly T[] {
  const others = list.filter((each) => each !== item);
  return isChosen ? [...others, item] : others;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-strategy-form': TcStrategyForm;
  }
}
