import '../test-support/element-internals.ts';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Category } from '../../shared/category.ts';
import { registerIcons } from '../icons/register-icons.ts';
import { TcCategoryList } from './tc-category-list.ts';

beforeAll(registerIcons);
afterEach(() => document.body.replaceChildren());

const PROJECT_ID = '11111111-1111-4111-8111-111111111111';

function category(name: string, examples = 0, preTaught = false): Category {
  const createdAt = '2026-01-01T00:00:00.000Z';
  return { id: `id of ${name}`, projectId: PROJECT_ID, name, examples, preTaught, createdAt };
}

async function show(change: Partial<TcCategoryList>): Promise<TcCategoryList> {
  const list = Object.assign(new TcCategoryList(), change);
  document.body.append(list);
  await list.updateComplete;
  return list;
}

function rowsOf(list: TcCategoryList): string[] {
  const rows = list.shadowRoot?.querySelectorAll('li') ?? [];
  return [...rows].map((row) => row.textContent.replace(/\s+/g, ' ').trim());
}

function type(list: TcCategoryList, name: string): void {
  const input = list.shadowRoot?.querySelector('wa-input');
  if (!input) throw new Error('There is nowhere to type');
  Object.assign(input, { value: name });
  input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
}

describe('the categories', () => {
  test('are shown with their examples; pre-taught ones are marked', async () => {
    const list = await show({ categories: [category('cat', 3, true), category('dog', 1)] });
    expect(rowsOf(list)).toEqual(['cat pre-taught 3 examples', 'dog 1 example']);
  });

  test('count up when an example comes', async () => {
    const list = await show({ categories: [category('cat', 0)] });
    list.categories = [category('cat', 1)];
    await list.updateComplete;
    expect(rowsOf(list)).toEqual(['cat 1 example']);
  });

  test('say what to do when there are none', async () => {
    const list = await show({ categories: [] });
    expect(list.shadowRoot?.textContent).toContain('No categories yet');
  });
});

describe('a new category', () => {
  test('is told with its name, without blanks around it', async () => {
    const list = await show({ categories: [] });
    const told: unknown[] = [];
    list.addEventListener('category-added', (event) => told.push((event as CustomEvent).detail));
    type(list, '  treble clef ');
    list.shadowRoot?.querySelector('form')?.dispatchEvent(new Event('submit'));
    expect(told).toEqual(['treble clef']);
  });

  test('keeps its typed name when it is refused, and says why', async () => {
    const list = await show({ categories: [category('cat')] });
    type(list, 'cat');
    list.trouble = 'There is one of that name.';
    await list.updateComplete;
    expect(list.shadowRoot?.querySelector('[role=alert]')?.textContent).toContain('one of that');
    expect(list.shadowRoot?.querySelector('wa-input')?.value).toBe('cat');
  });
});
