import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { copyName, isOlderCopy } from './copy-database.ts';
import { openOfflineCopy } from './offline-copy.ts';

const OWN = { canvasId: 'canvas-1', generation: 10, participantId: 'ann' };

describe('the name of a copy', () => {
  test('differs by canvas, generation and person', () => {
    const names = [
      OWN,
      { ...OWN, canvasId: 'canvas-2' },
      { ...OWN, generation: 11 },
      { ...OWN, participantId: 'bob' },
    ].map(copyName);
    expect(new Set(names).size).toBe(names.length);
  });

  test('tells copies of older generations, whosever they are', () => {
    const older = copyName({ ...OWN, generation: 9, participantId: 'bob' });
    expect(isOlderCopy(older, OWN)).toBe(true);
    expect(isOlderCopy(copyName(OWN), OWN)).toBe(false);
    expect(isOlderCopy(copyName({ ...OWN, generation: 11 }), OWN)).toBe(false);
    expect(isOlderCopy(copyName({ ...OWN, canvasId: 'canvas-2', generation: 1 }), OWN)).toBe(false);
    expect(isOlderCopy('somebody-else', OWN)).toBe(false);
  });
});

describe('a browser that keeps nothing', () => {
  test('has no copy, and the document is none the worse for it', async () => {
    const doc = new Y.Doc();
    expect(await openOfflineCopy(doc, OWN)).toBeNull();
    doc.getMap('ink').set('a', 1);
    expect(doc.getMap('ink').size).toBe(1);
  });
});
