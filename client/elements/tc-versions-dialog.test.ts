import '../test-support/element-internals.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { registerIcons } from '../icons/register-icons.ts';
import type { VersionDeed } from '../services/canvas-versions.ts';
import './tc-versions-dialog.ts';
import type { TcVersionsDialog } from './tc-versions-dialog.ts';

const CATS: CanvasVersion = {
  id: '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c',
  canvasId: '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2d',
  name: 'All the cats',
  createdAt: '2026-11-24T19:40:00.000Z',
  createdBy: { participantId: '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2e', nickname: 'Ann' },
  strokes: 12,
};

let dialog: TcVersionsDialog;
let deeds: VersionDeed[];

beforeAll(registerIcons);

beforeEach(() => {
  deeds = [];
  dialog = document.createElement('tc-versions-dialog');
  dialog.open = true;
  dialog.addEventListener('deed-wanted', (event) => {
    if (event instanceof CustomEvent) deeds.push(event.detail as VersionDeed);
  });
  document.body.append(dialog);
});

afterEach(() => document.body.replaceChildren());

async function show(more: Partial<TcVersionsDialog>): Promise<void> {
  Object.assign(dialog, more);
  await dialog.updateComplete;
}

function text(): string {
  return (dialog.shadowRoot?.textContent ?? '').replace(/\s+/g, ' ');
}

function button(name: string): HTMLButtonElement | undefined {
  const buttons = [...(dialog.shadowRoot?.querySelectorAll('button') ?? [])];
  return buttons.find(
    (each) => (each.getAttribute('aria-label') ?? each.textContent?.trim()) === name,
  );
}

async function press(name: string): Promise<void> {
  const found = button(name);
  if (!found) throw new Error(`No button ${name}`);
  found.click();
  await dialog.updateComplete;
}

async function type(name: string): Promise<void> {
  const input = dialog.shadowRoot?.querySelector('wa-input');
  if (!input) throw new Error('No field for a name');
  input.value = name;
  input.dispatchEvent(new Event('input'));
  await dialog.updateComplete;
}

describe('the versions of a canvas', () => {
  test('are being read, cannot be read, or are none', async () => {
    await show({ ownRole: 'owner' });
    expect(text()).toContain('Reading the versions');
    await show({ list: { kind: 'failed', message: 'You may not look at this.' } });
    expect(text()).toContain('You may not look at this.');
    let retries = 0;
    dialog.addEventListener('retry', () => (retries += 1));
    await press('Try again');
    expect(retries).toBe(1);
    await show({ list: { kind: 'loaded', versions: [] } });
    expect(text()).toContain('No version has been saved yet.');
  });

  test('tell what they show, and whose they are', async () => {
    const nobodys = { ...CATS, id: `${CATS.id.slice(0, -1)}f`, name: 'Old', createdBy: null };
    await show({ list: { kind: 'loaded', versions: [CATS, { ...nobodys, strokes: 1 }] } });
    expect(text()).toMatch(/All the cats 12 strokes, by Ann, 24 Nov 2026/);
    expect(text()).toMatch(/Old 1 stroke, 24 Nov 2026/);
  });
});

describe('saving a version', () => {
  test('takes a name, and keeps it until a version has it', async () => {
    await show({ ownRole: 'contributor', list: { kind: 'loaded', versions: [] } });
    expect(button('Save this version')?.disabled).toBe(true);
    await type('  All the cats ');
    dialog.shadowRoot?.querySelector('form')?.dispatchEvent(new Event('submit'));
    expect(deeds).toEqual([{ kind: 'save', name: 'All the cats' }]);
    await show({ trouble: 'There are too many versions. Delete one.' });
    expect(text()).toContain('too many versions');
    expect(button('Save this version')?.disabled).toBe(false);
    await show({ list: { kind: 'loaded', versions: [CATS] } });
    expect(button('Save this version')?.disabled).toBe(true);
  });
});

describe('restoring a version', () => {
  beforeEach(() => show({ ownRole: 'editor', list: { kind: 'loaded', versions: [CATS] } }));

  test('is asked once more, and says that the present state is kept', async () => {
    await press('Restore All the cats');
    expect(deeds).toEqual([]);
    expect(text()).toMatch(/What it shows now is kept as a version first/);
    await press('Restore');
    expect(deeds).toEqual([{ kind: 'restore', version: CATS }]);
  });

  test('is given up by Cancel and by Escape, the focus going back', async () => {
    await press('Restore All the cats');
    await press('Cancel');
    expect(button('Cancel')).toBeUndefined();
    expect(dialog.shadowRoot?.activeElement).toBe(button('Restore All the cats'));
    await press('Restore All the cats');
    const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
    button('Cancel')?.dispatchEvent(escape);
    await dialog.updateComplete;
    expect(button('Cancel')).toBeUndefined();
    expect(deeds).toEqual([]);
  });

  test('waits while something else is on its way', async () => {
    await show({ isBusy: true });
    expect(button('Restore All the cats')?.disabled).toBe(true);
  });
});

describe('what a role may do', () => {
  beforeEach(() => show({ list: { kind: 'loaded', versions: [CATS] } }));

  test('a viewer looks', async () => {
    await show({ ownRole: 'viewer' });
    expect(button('Save this version')).toBeUndefined();
    expect(button('Restore All the cats')).toBeUndefined();
    expect(text()).toMatch(/ask the owner/);
  });

  test('a contributor saves', async () => {
    await show({ ownRole: 'contributor' });
    expect(button('Save this version')).toBeDefined();
    expect(button('Restore All the cats')).toBeUndefined();
  });

  test('an owner begins the canvas anew, knowing what goes', async () => {
    await show({ ownRole: 'owner' });
    await press('Begin anew without erased ink');
    expect(text()).toMatch(/everybody’s undo are gone/);
    await press('Begin anew');
    expect(deeds).toEqual([{ kind: 'renew' }]);
  });

  test('nobody turns the Playground back', async () => {
    await show({ ownRole: 'editor', isPlayground: true });
    expect(button('Save this version')).toBeDefined();
    expect(button('Restore All the cats')).toBeUndefined();
  });
});
