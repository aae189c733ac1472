import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { registerIcons } from '../icons/register-icons.ts';
import { TcChip } from './tc-chip.ts';

beforeAll(registerIcons);
afterEach(() => document.body.replaceChildren());

async function show(change: Partial<TcChip>): Promise<{ chip: TcChip; button: HTMLElement }> {
  const chip = Object.assign(new TcChip(), change);
  document.body.append(chip);
  await chip.updateComplete;
  const button = chip.shadowRoot?.querySelector('button');
  if (!button) throw new Error('The bubble has no button');
  return { chip, button };
}

function textOf(element: HTMLElement): string {
  return element.textContent.replace(/\s+/g, ' ').trim();
}

describe('a bubble', () => {
  test('says the guess and how sure it is', async () => {
    const { button } = await show({ label: 'cat', confidence: 0.842 });
    expect(textOf(button)).toBe('cat 84 %');
    expect(button.getAttribute('aria-label')).toBe('Guess: cat, 84 %');
  });

  test('says "?" when the model does not know', async () => {
    const { button } = await show({ label: null, confidence: 0 });
    expect(textOf(button)).toBe('?');
    expect(button.getAttribute('aria-label')).toBe('Guess: not known yet');
  });

  test('says what a person has confirmed, without a figure', async () => {
    const { button } = await show({ label: 'cat', confidence: 1, confirmed: true });
    expect(textOf(button)).toBe('cat');
    expect(button.querySelector('wa-icon')?.getAttribute('name')).toBe('check');
    expect(button.getAttribute('aria-label')).toBe('Confirmed: cat');
  });

  test('shows by its border that the ink is still wet', async () => {
    const { chip } = await show({ label: 'cat', provisional: true });
    expect(chip.hasAttribute('provisional')).toBe(true);
  });

  test('tells when it is chosen', async () => {
    const { chip, button } = await show({ label: 'cat' });
    let isChosen = false;
    chip.addEventListener('chip-chosen', () => (isChosen = true));
    button.click();
    expect(isChosen).toBe(true);
  });
});
