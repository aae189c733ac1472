import '../test-support/element-internals.ts';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Category } from '../../shared/category.ts';
import { registerIcons } from '../icons/register-icons.ts';
import type { AskedSketch, Verdict } from './tc-correction.ts';
import { TcCorrection } from './tc-correction.ts';

beforeAll(registerIcons);
afterEach(() => document.body.replaceChildren());

const categories: Category[] = ['cat', 'dog', 'caterpillar'].map((name) => ({
  id: `id of ${name}`,
  projectId: 'p',
  name,
  preTaught: true,
  examples: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
}));

const guessedCat: AskedSketch = {
  label: 'cat',
  isConfirmed: false,
  scores: [
    { categoryId: 'id of cat', name: 'cat', confidence: 0.8 },
    { categoryId: 'id of dog', name: 'dog', confidence: 0.1 },
  ],
  strokes: [],
};

async function ask(change: Partial<TcCorrection> = {}) {
  const card = Object.assign(new TcCorrection(), { sketch: guessedCat, categories, ...change });
  const verdicts: Verdict[] = [];
  card.addEventListener('verdict', (event) => {
    verdicts.push((event as CustomEvent<Verdict>).detail);
  });
  document.body.append(card);
  await card.updateComplete;
  return { card, verdicts };
}

function buttonsOf(card: TcCorrection): HTMLButtonElement[] {
  return [...(card.shadowRoot?.querySelectorAll('button') ?? [])];
}

function wordsOf(element: Element): string {
  return element.textContent.replace(/\s+/g, ' ').trim();
}

function click(card: TcCorrection, words: string): void {
  const button = buttonsOf(card).find((each) => wordsOf(each) === words);
  if (!button) throw new Error(`No button says "${words}"`);
  button.click();
}

async function type(card: TcCorrection, text: string): Promise<HTMLElement> {
  const input = card.shadowRoot?.querySelector('wa-input');
  if (!input) throw new Error('There is nowhere to type');
  Object.assign(input, { value: text });
  input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  await card.updateComplete;
  return input;
}

function pressEnter(input: HTMLElement): void {
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
}

describe('asked whether a guess is right', () => {
  test('"Right" tells the category that was shown', async () => {
    const { card, verdicts } = await ask();
    click(card, 'Right');
    expect(verdicts).toEqual([{ verdict: 'right', categoryId: 'id of cat', addToDataset: true }]);
  });

  test('another of the guesses tells that it was wrong', async () => {
    const { card, verdicts } = await ask({ addsToDataset: false });
    click(card, 'dog10 %');
    expect(verdicts).toEqual([{ verdict: 'wrong', categoryId: 'id of dog', addToDataset: false }]);
  });

  test('choosing the guess itself is "Right"', async () => {
    const { card, verdicts } = await ask();
    click(card, 'cat80 %');
    expect(verdicts[0]?.verdict).toBe('right');
  });

  test('"Wrong" shows all categories', async () => {
    const { card } = await ask();
    click(card, 'Wrong');
    await card.updateComplete;
    expect(buttonsOf(card).map(wordsOf)).toEqual(
      expect.arrayContaining(['cat', 'caterpillar', 'dog']),
    );
  });

  test('does not ask whether "?" is right', async () => {
    const { card } = await ask({ sketch: { ...guessedCat, label: null } });
    expect(buttonsOf(card).map(wordsOf)).not.toContain('Right');
  });
});

describe('typing a name', () => {
  test('finds categories by a part of it', async () => {
    const { card } = await ask();
    await type(card, 'Cat');
    const choices = buttonsOf(card).map(wordsOf);
    expect(choices).toContain('caterpillar');
    expect(choices).not.toContain('dog');
  });

  test('makes a new category by Enter', async () => {
    const { card, verdicts } = await ask();
    pressEnter(await type(card, ' treble  clef '));
    expect(verdicts).toEqual([
      { verdict: 'wrong', newCategory: { name: 'treble clef' }, addToDataset: true },
    ]);
  });

  test('takes the category that exists, whatever its case', async () => {
    const { card, verdicts } = await ask();
    pressEnter(await type(card, 'DOG'));
    expect(verdicts[0]).toMatchObject({ verdict: 'wrong', categoryId: 'id of dog' });
  });

  test('sends nothing while a verdict is on its way', async () => {
    const { card, verdicts } = await ask({ isSending: true });
    pressEnter(await type(card, 'dog'));
    expect(verdicts).toEqual([]);
  });
});

describe('a refusal', () => {
  test('is told in words, and what was typed stays', async () => {
    const { card } = await ask();
    const input = await type(card, 'dog');
    card.trouble = 'The server cannot be reached.';
    await card.updateComplete;
    expect(wordsOf(card.shadowRoot?.querySelector('[role=alert]') ?? card)).toContain('reached');
    expect(input).toMatchObject({ value: 'dog' });
  });
});

describe('the end of the question', () => {
  async function end() {
    const asked = await ask();
    const dialog = asked.card.shadowRoot?.querySelector('dialog');
    if (!dialog) throw new Error('Nothing is asked');
    const told: string[] = [];
    for (const event of ['dismissed', 'focus-lost'])
      asked.card.addEventListener(event, () => told.push(event));
    return { ...asked, dialog, told };
  }

  test('closes the dialog before it takes it away: only that gives the focus back', async () => {
    const { card, dialog } = await end();
    expect(dialog.open).toBe(true);
    card.sketch = null;
    await card.updateComplete;
    expect(dialog).toMatchObject({ open: false, isConnected: false });
  });

  test('says so where nothing has the focus then', async () => {
    const { card, told } = await end();
    card.sketch = null;
    await card.updateComplete;
    expect(told).toContain('focus-lost');
  });

  test('leaves the focus where the browser has put it', async () => {
    const { card, dialog, told } = await end();
    const bubble = document.body.appendChild(document.createElement('button'));
    dialog.addEventListener('close', () => bubble.focus());
    card.sketch = null;
    await card.updateComplete;
    expect(document.activeElement).toBe(bubble);
    expect(told).not.toContain('focus-lost');
  });

  test('is wished for by Escape and by "Close"', async () => {
    const { card, dialog, told } = await end();
    card.shadowRoot?.querySelector<HTMLElement>('[aria-label=Close]')?.click();
    expect(told).toEqual(['dismissed']);
    dialog.close();
    expect(told).toEqual(['dismissed', 'dismissed']);
  });

  test('does not end the next one when the browser tells it late', async () => {
    const { card, dialog, told } = await end();
    card.sketch = null;
    await card.updateComplete;
    card.sketch = { ...guessedCat };
    await card.updateComplete;
    told.length = 0;
    dialog.dispatchEvent(new Event('close'));
    expect(told).toEqual([]);
    expect(card.shadowRoot?.querySelector('dialog')?.open).toBe(true);
  });
});
