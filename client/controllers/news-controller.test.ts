import type { ReactiveControllerHost } from 'lit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../shared/participant.ts';
import type { Notice } from '../../shared/sync-protocol.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { ToastAction } from './feedback-controller.ts';
import { NewsController } from './news-controller.ts';

/** As much of a session as news come from. */
class NewsSource {
  readonly sync = Object.assign(new EventTarget(), { unsaved: 0 });
  role: Role;

  constructor(role: Role) {
    this.role = role;
  }

  tell(notice: Notice): void {
    this.sync.dispatchEvent(new CustomEvent('notice', { detail: notice }));
  }

  become(role: Role): void {
    this.role = role;
    this.sync.dispatchEvent(new Event('role'));
  }
}

const host: ReactiveControllerHost = {
  addController: () => undefined,
  removeController: () => undefined,
  requestUpdate: () => undefined,
  updateComplete: Promise.resolve(true),
};

let said: { text: string; action: ToastAction | undefined }[];
let reopened: number;
let shown: number;
beforeEach(() => {
  said = [];
  reopened = 0;
  shown = 0;
});

function follow(role: Role): NewsSource {
  const source = new NewsSource(role);
  const news = new NewsController(host, {
    say: (text, action) => said.push({ text, action }),
    reopen: () => (reopened += 1),
    showVersions: () => (shown += 1),
  });
  // It reads nothing of a session but what the source has.
  news.follow(source as unknown as CanvasSession);
  return source;
}

describe('a changed role', () => {
  test('is told, and what it means', () => {
    const source = follow('contributor');
    source.become('viewer');
    source.become('contributor');
    source.become('editor');
    expect(said.map(({ text }) => text)).toEqual([
      'You can only look at this canvas now. Ask its owner to draw again.',
      'You can draw on this canvas again.',
      'You are an editor of this project now.',
    ]);
  });
});

describe('a canvas that is nearly full', () => {
  test('is told once, with the way out for its owner', () => {
    const source = follow('owner');
    source.tell({ kind: 'nearly_full' });
    source.tell({ kind: 'nearly_full' });
    expect(said).toHaveLength(1);
    said[0]?.action?.run();
    expect(shown).toBe(1);
  });

  test('tells everybody else whom to ask', () => {
    follow('contributor').tell({ kind: 'nearly_full' });
    expect(said[0]?.text).toMatch(/Its owner can make room/);
    expect(said[0]?.action).toBeUndefined();
  });
});

describe('a document that begins anew', () => {
  test('is opened again, and what came too late is counted', () => {
    const source = follow('contributor');
    source.sync.unsaved = 3;
    source.sync.dispatchEvent(new Event('other-generation'));
    expect(reopened).toBe(1);
    expect(said[0]?.text).toMatch(/begun anew.* 3 changes of yours .* came too late/);
  });
});

describe('a refusal', () => {
  test('is told in the words of the server', () => {
    follow('viewer').tell({ kind: 'refused', reason: 'You can only look.' });
    expect(said[0]?.text).toBe('You can only look.');
  });
});
