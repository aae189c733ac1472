import '../../test-support/element-internals.ts';
import type { LitElement } from 'lit';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { INITIAL_PROGRESS } from '../../../shared/training-run.ts';
import { DEFAULT_STRATEGY } from '../../../shared/training-strategy.ts';
import { registerIcons } from '../../icons/register-icons.ts';
import { NOTHING_MISSING } from '../../services/training-state.ts';
import { aRun, aVersion, someMetrics } from '../../test-support/learning.ts';
import { spokenProgress } from './run-words.ts';
import { TcCategoryTable } from './tc-category-table.ts';
import { TcConfusionMatrix } from './tc-confusion-matrix.ts';
import { matrixOf } from './confusion-rows.ts';
import { TcQuality } from './tc-quality.ts';
import { TcRunProgress } from './tc-run-progress.ts';
import { TcServing } from './tc-serving.ts';
import { TcStrategyForm } from './tc-strategy-form.ts';
import { TcTrainOptions } from './tc-train-options.ts';
import { TcVersionList } from './tc-version-list.ts';

beforeAll(registerIcons);
afterEach(() => document.body.replaceChildren());

async function show<T extends LitElement>(element: T, change: Partial<T>): Promise<T> {
  Object.assign(element, change);
  document.body.append(element);
  await element.updateComplete;
  return element;
}

function wordsOf(element: LitElement, selector = '*'): string {
  const found = [...(element.shadowRoot?.querySelectorAll(selector) ?? [])];
  return found.map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim()).join(' | ');
}

function press(element: LitElement, selector: string): void {
  element.shadowRoot?.querySelector<HTMLElement>(selector)?.click();
}

function told(element: LitElement, event: string): unknown[] {
  const details: unknown[] = [];
  element.addEventListener(event, (heard) => details.push((heard as CustomEvent).detail));
  return details;
}

describe('what serves', () => {
  test('is told with its figure, its n and its interval', async () => {
    const serving = await show(new TcServing(), { version: aVersion() });
    const words = wordsOf(serving, 'h3, p');
    expect(words).toContain('Model 7 is live');
    expect(words).toContain('82 % | 41 of 50 test sketches right');
    expect(words).toContain(
      'With 50 test sketches, the true figure is most likely between 69 % and 90 %',
    );
  });

  test('says so where it was cross-validated', async () => {
    const metrics = someMetrics({ method: 'cross_validated' });
    const serving = await show(new TcServing(), { version: aVersion({ metrics }) });
    expect(wordsOf(serving, '.badge')).toBe('cross-validated');
  });

  test('has no figure from a handful of sketches', async () => {
    const metrics = someMetrics({ accuracy: 2 / 3, testExamples: 3 });
    const serving = await show(new TcServing(), { version: aVersion({ metrics }) });
    expect(wordsOf(serving, '.figure')).toBe('');
    expect(wordsOf(serving, '.basis')).toBe('2 of 3 test sketches right: too few to judge');
  });

  test('is not taken for the starter model while it has not been read', async () => {
    const serving = await show(new TcServing(), { isUnread: true });
    expect(wordsOf(serving, 'h3')).toBe('Another model is live');
  });

  test('tells an empty project how to begin', async () => {
    const serving = await show(new TcServing(), { isUntaught: true });
    expect(wordsOf(serving, 'p')).toContain('Two categories are enough to begin');
  });
});

describe('how good a version is', () => {
  test('is told with what each figure rests on', async () => {
    const quality = await show(new TcQuality(), { version: aVersion() });
    expect(wordsOf(quality, 'dt, dd b')).toBe(
      'Right | 82 % | Among the first three | 94 % | Its confidence | ± 4 | Answered “?” | 6 %',
    );
    const [right, three, confidence, unknown] = wordsOf(quality, 'dd span').split(' | ');
    expect(right).toBe('41 of 50 test sketches');
    expect(three).toBe('of 50 test sketches. Mean of the categories: 80 % right at once');
    expect(confidence).toContain('off by 4 points on average of 50 test sketches');
    expect(unknown).toContain('of 50 test sketches');
  });

  test.each([0, 3, 9])('has no figure at all from %i test sketches', async (testExamples) => {
    const metrics = someMetrics({ testExamples });
    const quality = await show(new TcQuality(), { version: aVersion({ metrics }) });
    expect(wordsOf(quality, 'dl b')).toBe('– | – | – | –');
    expect(wordsOf(quality, 'dl')).not.toMatch(/%|±/);
    const few = 'Too few test sketches';
    expect(wordsOf(quality, 'dd span').split(' | ').slice(1)).toEqual([few, few, few]);
  });
});

describe('the ways to train', () => {
  test('are asked for by their layers', async () => {
    const options = await show(new TcTrainOptions(), { mayTrain: true });
    const wanted = told(options, 'train-wanted');
    press(options, '[aria-label="Train: Whole network"]');
    expect(wanted).toEqual(['all']);
  });

  test('say what they lack, and cannot be started', async () => {
    const needs = { ...NOTHING_MISSING, all: 'Draw 3 more of “anvil”.' };
    const options = await show(new TcTrainOptions(), { mayTrain: true, needs });
    const wanted = told(options, 'train-wanted');
    press(options, '[aria-label="Train: Whole network"]');
    expect(wanted).toEqual([]);
    expect(wordsOf(options, '.lack')).toBe('Draw 3 more of “anvil”.');
  });

  test('are only explained to whoever may not train', async () => {
    const options = await show(new TcTrainOptions(), {});
    expect(options.shadowRoot?.querySelectorAll('button')).toHaveLength(0);
    expect(wordsOf(options, 'h3')).toContain('From scratch');
  });
});

describe('a run', () => {
  const progress = {
    ...INITIAL_PROGRESS,
    ...({ phase: 'training', epoch: 3, epochs: 30, step: 30, steps: 300 } as const),
    ...{ loss: 0.5, accuracy: 0.75, examplesPerSecond: 4_100, millisecondsLeft: 12_000 },
    examplesLeftOut: 1,
  };

  test('tells how far it is, how fast, and for how long', async () => {
    const run = aRun({ layers: 'all', progress });
    const element = await show(new TcRunProgress(), { run, mayCancel: true });
    const words = wordsOf(element, 'h3, p');
    expect(words).toContain('Learning: whole network | Epoch 3 of 30');
    expect(words).toContain('4,100 examples/s on the processor · about 12 s left');
    expect(words).toContain('1 example could not be read and is left out.');
    const bar = element.shadowRoot?.querySelector('[role=progressbar]');
    expect(bar?.getAttribute('aria-valuenow')).toBe('10');
    const wanted = told(element, 'cancel-wanted');
    press(element, 'button');
    expect(wanted).toEqual(['r']);
  });

  test('that makes an old model again says that what is live stays', async () => {
    const versions = [aVersion(), aVersion({ id: 'old', number: 3, isPromoted: false })];
    const run = aRun({ rebuildOf: 'old', progress });
    const element = await show(new TcRunProgress(), { run, versions });
    const words = wordsOf(element, 'h3, p');
    expect(words).toContain('Making model 3 again');
    expect(words).toContain('It does not replace the model that is live.');
    expect(words).toContain('1 example of this model was deleted since or cannot be read');
    element.run = aRun({ rebuildOf: 'v' });
    await element.updateComplete;
    expect(wordsOf(element, 'p')).not.toContain('It does not replace');
  });

  test('is not read out at every epoch', () => {
    const at = (step: number) => aRun({ progress: { ...progress, step } });
    expect(spokenProgress(at(30), null)).toBe(spokenProgress(at(60), null));
    expect(spokenProgress(at(160), null)).toBe('Learning: 50 percent done.');
    const failed = aRun({ state: 'failed', reason: 'The disk is full.' });
    expect(spokenProgress(null, failed)).toBe('Training failed. The disk is full.');
  });
});

describe('the table of categories', () => {
  const row = (name: string, correct: number, precision: number) => ({
    ...{ categoryId: name, name, correct, testExamples: 10, recall: correct / 10, precision },
    f1: null,
  });
  const categories = [row('cat', 9, 0.5), row('dog', 4, 0.9)];

  test('begins with the worst, and sorts by what is pressed', async () => {
    const table = await show(new TcCategoryTable(), { categories });
    expect(wordsOf(table, 'tbody th')).toBe('dog | cat');
    expect(wordsOf(table, '.count')).toBe('4 of 10 | 9 of 10');
    press(table, 'th.precision button');
    await table.updateComplete;
    expect(wordsOf(table, 'tbody th')).toBe('cat | dog');
    expect(table.shadowRoot?.querySelector('th.precision')?.ariaSort ?? 'ascending').toBe(
      'ascending',
    );
  });
});

describe('the matrix', () => {
  const cells = [
    { actualId: 'a', predictedId: 'a', count: 3, exampleIds: [] },
    { actualId: 'a', predictedId: 'b', count: 1, exampleIds: ['e'] },
  ];
  const names = ['a', 'b'].map((id) => ({ id, name: id }));

  test('opens the sketches of a cell, which arrow keys reach', async () => {
    const matrix = matrixOf({ categories: names, cells });
    const element = await show(new TcConfusionMatrix(), { matrix });
    const chosen = told(element, 'cell-chosen');
    const [first, second] = element.shadowRoot?.querySelectorAll('button') ?? [];
    expect(first?.getAttribute('aria-label')).toBe('a recognised: 3 of 4');
    first?.focus();
    const key = { key: 'ArrowRight', bubbles: true, composed: true };
    first?.dispatchEvent(new KeyboardEvent('keydown', key));
    expect(element.shadowRoot?.activeElement).toBe(second);
    second?.click();
    expect(chosen).toMatchObject([{ predicted: 'b', exampleIds: ['e'] }]);
  });
});

describe('the versions', () => {
  const versions = [
    aVersion({ id: 'v8', number: 8, isPromoted: false, promotionReason: 'worse_overall' }),
    aVersion(),
    aVersion({ id: 'v6', number: 6, isPromoted: false }),
  ];

  test('say which were held back, and let the owner roll back', async () => {
    const list = await show(new TcVersionList(), { versions, isOwner: true });
    expect(wordsOf(list, '.held')).toMatch(/^Held back: worse/);
    const wanted = told(list, 'promotion-wanted');
    press(list, '[aria-label="Roll back: model 6"]');
    expect(wanted).toMatchObject([{ id: 'v6' }]);
  });

  test('can be looked at and taken along by everybody else', async () => {
    const list = await show(new TcVersionList(), { versions });
    expect(wordsOf(list, 'button')).toBe('Figures | Figures | Figures');
    expect(list.shadowRoot?.querySelector('a')?.getAttribute('href')).toBe(
      '/api/model-versions/v8/model.onnx',
    );
  });
});

describe('the settings', () => {
  test('are told as a whole once they are saved', async () => {
    const form = await show(new TcStrategyForm(), { strategy: DEFAULT_STRATEGY });
    const changed = told(form, 'strategy-changed');
    const epochs = form.shadowRoot?.querySelector<HTMLInputElement>('#epochs');
    if (!epochs) throw new Error('There is no field.');
    expect(epochs.placeholder).toBe('60');
    epochs.value = '12';
    epochs.dispatchEvent(new Event('input'));
    await form.updateComplete;
    expect(wordsOf(form, '[role=status]')).toBe('Not saved yet.');
    form.shadowRoot?.querySelector('form')?.dispatchEvent(new Event('submit'));
    expect(changed).toEqual([{ ...DEFAULT_STRATEGY, hyperparameters: { epochs: 12 } }]);
  });

  test('say how deep a run is that takes the numbers', async () => {
    const form = await show(new TcStrategyForm(), { strategy: DEFAULT_STRATEGY });
    expect(wordsOf(form, '#depth')).toContain('are for “Quick”');
    form.strategy = { ...DEFAULT_STRATEGY, layers: 'all' };
    await form.updateComplete;
    expect(wordsOf(form, '#depth')).toContain('are for “Whole network”');
  });

  test('say that “Quick” varies sketches or does not, and nothing between', async () => {
    const form = await show(new TcStrategyForm(), { strategy: DEFAULT_STRATEGY });
    expect(wordsOf(form, '#about-augmentation')).toMatch(/^Whether sketches are varied/);
    form.strategy = { ...DEFAULT_STRATEGY, layers: 'last_block' };
    await form.updateComplete;
    expect(wordsOf(form, '#about-augmentation')).toMatch(/2 twice as much\. Default: 1\.$/);
  });

  test('are refused beside the field', async () => {
    const form = await show(new TcStrategyForm(), { strategy: DEFAULT_STRATEGY });
    const field = form.shadowRoot?.querySelector<HTMLInputElement>('#dropout');
    if (!field) throw new Error('There is no field.');
    field.value = '2';
    field.dispatchEvent(new Event('input'));
    await form.updateComplete;
    expect(wordsOf(form, '#trouble-dropout')).toBe('At most 0.9, please.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
  });
});
