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

function fieldOf(list: TcCategoryList): HTMLElementTagNameMap['wa-input'] {
  const input = list.shadowRoot?.querySelector('wa-input');
  if (!input) throw new Error('There is nowhere to type');
  return input;
}

async function type(list: TcCategoryList, name: string): Promise<void> {
  const input = fieldOf(list);
  Object.assign(input, { value: name });
  input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  await list.updateComplete;
}

function submit(list: TcCategoryList): void {
  list.shadowRoot?.querySelector('form')?.dispatchEvent(new Event('submit'));
}

/** What stands in the field once the page has come by these categories. */
async function typedAfter(list: TcCategoryList, categories: Category[]): Promise<unknown> {
  list.categories = categories;
  await list.updateComplete;
  return fieldOf(list).value;
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
    await type(list, '  treble clef ');
    submit(list);
    expect(told).toEqual(['treble clef']);
  });

  test('keeps its typed name when it is refused, and says why', async () => {
    const list = await show({ categories: [category('cat')] });
    await type(list, 'cat');
    list.trouble = 'There is one of that name.';
    await list.updateComplete;
    expect(list.shadowRoot?.querySelector('[role=alert]')?.textContent).toContain('one of that');
    expect(fieldOf(list).value).toBe('cat');
  });

  test('leaves the field once it is there', async () => {
    const list = await show({ categories: [category('dog')] });
    await type(list, ' Cat ');
    submit(list);
    expect(await typedAfter(list, [category('dog', 1)])).toBe(' Cat ');
    expect(await typedAfter(list, [category('dog', 1), category('cat')])).toBe('');
  });

  test('is left alone while it is typed, also where its beginning is a category', async () => {
    const list = await show({ categories: [category('cat')] });
    await type(list, 'cat');
    expect(await typedAfter(list, [category('cat', 1)])).toBe('cat');
  });

  test('does not take the next one along, which is typed already', async () => {
    const list = await show({ categories: [category('dog')] });
    await type(list, 'cat');
    submit(list);
    await type(list, 'dog');
    expect(await typedAfter(list, [category('dog'), category('cat')])).toBe('dog');
    expect(await typedAfter(list, [category('dog', 1), category('cat')])).toBe('dog');
  });

  test('stays after a refusal, whatever others add', async () => {
    const list = await show({ categories: [] });
    await type(list, 'cat');
    submit(list);
    list.trouble = 'The server cannot be reached.';
    await list.updateComplete;
    list.trouble = '';
    expect(await typedAfter(list, [category('cat')])).toBe('cat');
  });
});
