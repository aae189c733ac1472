import { afterEach, describe, expect, test } from 'vitest';
import type { SavingState } from '../services/saving.ts';
import { savingStateWords } from './saving-state-words.ts';
import './tc-saving-state.ts';
import type { TcSavingState } from './tc-saving-state.ts';

afterEach(() => document.body.replaceChildren());

async function show(state: SavingState): Promise<TcSavingState> {
  const element = document.createElement('tc-saving-state');
  document.body.append(element);
  return become(element, state);
}

async function become(element: TcSavingState, state: SavingState): Promise<TcSavingState> {
  element.state = state;
  await element.updateComplete;
  return element;
}

function explanation({ shadowRoot }: TcSavingState): string | null {
  const why = shadowRoot?.querySelector<HTMLElement>('#why');
  return why && !why.hidden ? (why.textContent?.trim() ?? '') : null;
}

describe('the words for the saving state', () => {
  test('count what is kept in this browser', () => {
    const offline = { kind: 'offline', isKept: true } as const;
    expect(savingStateWords({ ...offline, unsaved: 0 }).text).toBe('Offline');
    expect(savingStateWords({ ...offline, unsaved: 1 }).text).toBe('Offline, 1 change kept here');
    expect(savingStateWords({ ...offline, unsaved: 3 }).text).toBe('Offline, 3 changes kept here');
  });

  test('ask to keep the page open where this browser keeps nothing', () => {
    const { text, why } = savingStateWords({ kind: 'offline', unsaved: 2, isKept: false });
    expect(text).toBe('Offline, 2 changes not sent');
    expect(why).toMatch(/Keep this page open/);
  });
});

describe('the saving state', () => {
  test('explains itself on a press', async () => {
    const element = await show({ kind: 'saved' });
    expect(explanation(element)).toBeNull();
    element.shadowRoot?.querySelector('button')?.click();
    await element.updateComplete;
    expect(explanation(element)).toBe('Everything that you drew is stored.');
  });

  test('explains at once why nothing is saved, and no longer than that', async () => {
    const element = await show({ kind: 'saved' });
    await become(element, { kind: 'not_saving', reason: 'This canvas is full.' });
    expect(explanation(element)).toBe('This canvas is full.');
    await become(element, { kind: 'saved' });
    expect(explanation(element)).toBeNull();
  });

  test('stays closed once it was closed, however often the same is told again', async () => {
    const element = await show({ kind: 'saved' });
    await become(element, { kind: 'not_saving', reason: 'This canvas is full.' });
    element.shadowRoot?.querySelector('button')?.click();
    await become(element, { kind: 'not_saving', reason: 'This canvas is full.' });
    expect(explanation(element)).toBeNull();
  });
});
